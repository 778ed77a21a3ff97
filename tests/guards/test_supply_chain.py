"""What the site is built from: pinned with hashes, audited, listed with licences and as CycloneDX."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.guards import licences
from tests.guards.pinned import FILES, ROOT, canonical, pinned, requirement_lines
from tests.programs import python

# --- Pinned ----------------------------------------------------------------------------------------

PINNED = re.compile(r"[\w.-]+(\[[\w,-]+\])?==[\w.+!-]+(\s+;[^;]*?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*")
INSTALLERS = ("Makefile", "Dockerfile", ".ci/run", "docker/*", "docs/*.md", "README.md", "*.yml")


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_has_one_version_and_the_hashes_of_its_files(name):
    lines = requirement_lines(ROOT / name)

    assert [line for line in lines if not PINNED.fullmatch(line)] == []
    # A package may stand there twice, for two versions of Python.
    assert len(lines) >= len(pinned(name)) > 20


@pytest.mark.parametrize(
    "line",
    ["django==5.2", "django>=5.2 --hash=sha256:" + "0" * 64, "-e .", "--index-url https://x.example",
     "django @ https://x.example/d.whl --hash=sha256:" + "0" * 64, "django==5.2 --hash=md5:" + "0" * 64],
)  # fmt: skip
def test_a_loose_requirement_is_seen(line):
    assert not PINNED.fullmatch(line)


@pytest.mark.parametrize("name", FILES)
def test_what_is_wanted_is_pinned(name):
    wanted = re.findall(r"^([A-Za-z][\w.-]*)", (ROOT / name).with_suffix(".in").read_text(), re.MULTILINE)

    assert wanted
    assert {canonical(package) for package in wanted} <= pinned(name).keys()


def test_the_site_runs_with_the_versions_that_are_tested():
    tested = pinned("requirements-dev.txt").items()

    assert pinned("requirements.txt").items() <= pinned("requirements-oidc.txt").items() <= tested


def installing_commands() -> list[tuple[str, str]]:
    """Each command of ours that installs packages, and where it stands."""
    found = []
    for pattern in INSTALLERS:
        for file in ROOT.glob(pattern):
            lines = file.read_text().replace("\\\n", " ").splitlines() if file.is_file() else []
            found += [(str(file.relative_to(ROOT)), line) for line in lines if installs(line)]
    return found


def installs(line: str) -> bool:
    return bool(re.search(r"\b(pip3?|pipx|uv)\b.*\b(install|sync|add|run)\b|\beasy_install\b", line))


def test_nothing_is_installed_but_by_hash():
    commands = installing_commands()

    assert {place for place, _line in commands} >= {"Makefile", "Dockerfile", "docs/deployment.md"}
    assert [line for _place, line in commands if "--require-hashes" not in line] == []
    assert installs("python -m pip install django")


# --- Known weaknesses --------------------------------------------------------------------------------


@contextmanager
def database_of_weaknesses(known: dict[str, str], *, fails_at: str = "") -> Iterator[str]:
    """The part of OSV's service that pip-audit asks, on the loopback: weaknesses by package."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]["name"]
            if asked == fails_at:
                return self.send_error(500)
            found = [_weakness(asked, known[asked])] if asked in known else []
            body = json.dumps({"vulns": found} if found else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return None

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _weakness(package: str, name: str) -> dict:
    affected = {
        "package": {"name": package, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.1"}]}],
    }
    return {"id": name, "summary": "made up", "affected": [affected]}


def audit(address: str) -> subprocess.CompletedProcess[str]:
    return python("-m", "tests.guards.weaknesses", "requirements.txt", OSV_ADDRESS=address)


def test_packages_without_a_known_weakness_pass():
    with database_of_weaknesses({}) as address:
        done = audit(address)

    assert (done.returncode, done.stdout) == (0, "requirements.txt: no known weakness.\n"), done.stderr


def test_a_known_weakness_fails_and_is_named():
    with database_of_weaknesses({"whitenoise": "PYSEC-2026-1"}) as address:
        done = audit(address)

    assert done.returncode == 1
    version = pinned("requirements.txt")["whitenoise"]
    assert f"whitenoise {version}: PYSEC-2026-1, mended in 999.1" in done.stdout


def test_a_database_that_is_not_there_is_said_and_does_not_fail():
    with database_of_weaknesses({}) as address:
        pass  # its port is closed now

    done = audit(address)

    assert done.returncode == 0
    assert done.stdout == f"{address} is not reachable: known weaknesses were NOT looked for.\n"


def test_an_audit_that_breaks_off_does_not_pass_for_a_clean_one():
    with database_of_weaknesses({}, fails_at="django") as address:
        done = audit(address)

    assert done.returncode == 1
    assert "did not come to its end" in done.stdout


# --- What is in it -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contents(tmp_path_factory) -> str:
    """What `make sbom` writes for requirements.txt."""
    file = tmp_path_factory.mktemp("sbom") / "site.cdx.json"
    recipe = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    [command] = re.findall(r"\$\(BIN\)/(cyclonedx-py requirements .*?) \|\| exit", recipe)
    command = command.replace("build/$$name.cdx.json", str(file)).replace("$$name", "requirements")
    program = [sys.executable, "-W", "ignore::UserWarning", "-m", "cyclonedx_py"]
    subprocess.run([*program, *command.split()[1:]], cwd=ROOT, check=True)
    return file.read_text()


def test_the_contents_are_a_cyclonedx_document(contents):
    strict = JsonStrictValidator(SchemaVersion.V1_6)

    assert json.loads(contents)["specVersion"] == "1.6"
    assert strict.validate_str(contents) is None
    broken = json.loads(contents) | {"components": [{"name": "without a type"}]}
    assert strict.validate_str(json.dumps(broken)) is not None


def test_the_contents_name_the_site_and_each_package_with_version_and_hashes(contents):
    document = json.loads(contents)

    assert document["metadata"]["component"]["name"] == "casereg"
    found = {canonical(part["name"]): part["version"] for part in document["components"]}
    assert found == pinned("requirements.txt")
    for part in document["components"]:
        assert part["purl"] == f"pkg:pypi/{part['name']}@{part['version']}"
        assert any(reference.get("hashes") for reference in part["externalReferences"]), part["name"]


def test_the_contents_say_nothing_of_when_and_where_they_were_written(contents):
    document = json.loads(contents)

    assert "timestamp" not in document["metadata"]
    assert "serialNumber" not in document
    assert str(ROOT) not in contents


# --- Licences ----------------------------------------------------------------------------------------


def test_the_page_of_licences_is_current_and_all_are_allowed():
    assert licences.problems(licences.page()) == []


def test_the_page_of_licences_names_every_package():
    assert licences.stored_licences().keys() == pinned("requirements-dev.txt").keys()


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [("MIT", True), ("Apache-2.0 OR GPL-3.0-only", True), ("MIT AND GPL-3.0-only", False),
     ("AGPL-3.0", False), ("MIT AND (Zlib OR GPL-2.0)", True), (licences.NOT_SAID, False)],
)  # fmt: skip
def test_a_licence_is_allowed_by_the_list_alone(licence, allowed):
    page = f"| some-package | {licence} |"

    assert any("not allowed" in problem for problem in licences.problems(page)) != allowed


def test_a_page_that_is_stale_is_told():
    assert "licences.md is stale: run `make licences`" in licences.problems("| django | MIT |")
