"""What docs/asvs.csv claims and no other test shows: in code, in scripts, in documents, in a few answers.

Most of it reads the syntax trees of all code, so that what is dangerous cannot come in unnoticed.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail.backends.smtp import EmailBackend
from django.core.signing import dumps
from django.db.models import CheckConstraint
from django.test import Client
from django.urls import reverse
from gunicorn import SERVER
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser

from casereg import case_files, request_bodies, vocabularies
from casereg.access import routes
from casereg.actions import drafts, incident_registering, trail, uploads
from casereg.browser_marks import _AGE as MARK_AGE
from casereg.draft_keys import KEY_HOLDS_FOR
from casereg.models import Case
from casereg.passwords import WORDS_OF_THE_REGISTER
from casereg.sealed_text import SealIsForeign, seal, unseal
from tests.factories import PASSWORD, UserFactory
from tests.guards.access_world import build, prove_password
from tests.guards.test_access_table import ROWS

ROOT = Path(__file__).resolve().parent.parent.parent
INVENTORY = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
SCRIPTS = sorted((ROOT / "casereg" / "static" / "casereg").glob("*.js"))
# Runs on a developer's machine alone.
BESIDE_THE_SITE = {"stats/data/build_map.py"}


# --- All code, as trees --------------------------------------------------------------------------


def trees() -> dict[str, ast.Module]:
    files = [file for folder in ("casereg", "stats") for file in sorted((ROOT / folder).rglob("*.py"))]
    found = {str(file.relative_to(ROOT)): file for file in files}
    return {
        name: ast.parse(file.read_text(encoding="utf-8"))
        for name, file in found.items()
        if name not in BESIDE_THE_SITE
    }


TREES = trees()
NODES = [(name, node) for name, tree in TREES.items() for node in ast.walk(tree)]
# The file, the called name, `of.a.module` or `method`, and the call.
CALLS = [(name, ast.unparse(node.func), node) for name, node in NODES if isinstance(node, ast.Call)]


def imports() -> Iterator[tuple[str, str]]:
    """The file, and the full name of what it imports."""
    for name, node in NODES:
        if isinstance(node, ast.Import):
            yield from ((name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((name, f"{node.module}.{alias.name}") for alias in node.names)


IMPORTS = list(imports())


def importers(*beginnings: str) -> set[str]:
    return {
        name
        for name, imported in IMPORTS
        if any(f"{imported}.".startswith(f"{beginning}.") for beginning in beginnings)
        and "/migrations/" not in name
    }


def test_the_trees_hold_the_site():
    assert {"casereg/access.py", "stats/compute.py"} <= TREES.keys()
    assert len(TREES) > 200


def test_nothing_is_executed_or_unpacked_that_somebody_sends():
    dynamic = {"eval", "exec", "compile", "__import__", "importlib.import_module"}

    assert {(name, called) for name, called, _call in CALLS if called in dynamic} == set()
    assert importers("pickle", "marshal", "shelve", "dill", "yaml", "code", "ctypes", "importlib.util") == {
        "casereg/settings.py"  # find_spec: whether the packages of the agency's log-in are there
    }
    assert settings.SESSION_SERIALIZER.endswith(".JSONSerializer")


def test_no_other_program_is_started():
    assert importers("subprocess", "pty", "multiprocessing", "os.system", "os.popen", "os.exec") == set()
    assert not {
        called for _name, called, _call in CALLS if re.match(r"os\.(system|popen|exec|spawn)", called)
    }


def test_no_template_is_made_of_text():
    of_text = {"Template", "django.template.Template", "Engine.from_string", "Environment"}

    assert [name for name, called, _call in CALLS if called in of_text or "from_string" in called] == []


# Put together of their own constants alone; what somebody sends is a parameter.
OWN_CONSTANTS = {"casereg/pair_groups.py"}


def test_no_statement_is_put_together_of_what_somebody_sends():
    put_together = set()
    for name, called, call in CALLS:
        assert not called.endswith((".raw", ".extra")), f"{name}: {called}"
        assert called not in ("RawSQL", "connection.execute_wrapper"), f"{name}: {called}"
        if called.endswith(("cursor.execute", "cursor.executemany")) and "/migrations/" not in name:
            is_built = any(
                isinstance(part, ast.JoinedStr | ast.BinOp | ast.Mod) for part in ast.walk(call.args[0])
            )
            if is_built or ".format(" in ast.unparse(call.args[0]):
                put_together.add(name)
    assert put_together <= OWN_CONSTANTS


def test_every_regular_expression_is_written_down_beforehand():
    """None is put together at the time of a request, so nothing that is sent is read as one."""
    inside_functions = [
        f"{name}:{call.lineno}"
        for name, tree in TREES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).startswith("re.")
        and not isinstance(call.args[0], ast.Constant)
        and not (isinstance(call.args[0], ast.Name) and call.args[0].id.isupper())  # a constant's name
    ]

    assert inside_functions == []


# Where text becomes markup without being escaped: drawings that escape what they write.
TRUSTED_MARKUP = {("stats/drawing/picture.py", "SafeString")}
TRUSTED_IN_TEMPLATES = {("templates/casereg/upload_import.html", "place|safe")}  # a constant of the view


def test_markup_is_escaped_where_it_is_written():
    trusted = {
        (name, called.rpartition(".")[2])
        for name, called, _call in CALLS
        if called.rpartition(".")[2] in ("SafeString", "SafeData", "mark_safe", "html_safe")
    }
    in_templates = set()
    for file in sorted((ROOT / "templates").rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        assert "autoescape off" not in text, file
        in_templates |= {
            (str(file.relative_to(ROOT)), found) for found in re.findall(r"\w+\|safe(?:seq)?\b", text)
        }

    assert trusted == TRUSTED_MARKUP
    assert in_templates == TRUSTED_IN_TEMPLATES


def test_only_a_few_places_talk_to_other_machines():
    talks = importers(
        "requests", "urllib.request", "urllib3", "http.client", "smtplib", "ftplib", "socket", "asyncio",
        "django.core.mail", "httpx", "aiohttp", "xmlrpc",
    )  # fmt: skip

    assert talks == set(backticked(table("Whom the site talks to"), r"casereg/\S+\.py"))
    assert "verify=False" not in "".join(ast.unparse(tree) for tree in TREES.values())


def test_files_are_named_by_the_site_alone():
    """No view, form or action opens a file: only commands do, by the name that an operator gives."""
    opens = {
        name
        for name, called, _call in CALLS
        if called == "open"
        or called.endswith((".read_text", ".read_bytes", ".write_text", ".write_bytes", "path.open"))
    }

    assert not [name for name in opens if re.search(r"/(views|forms|actions|models)/", name)]


# --- Cryptography --------------------------------------------------------------------------------


def test_everything_that_hashes_seals_or_signs_is_in_the_inventory():
    used = importers(
        "hashlib", "hmac", "secrets", "random", "uuid.uuid1", "cryptography", "jwt", "ssl",
        "django.core.signing", "django.utils.crypto", "django.contrib.auth.hashers",
    )  # fmt: skip

    assert used == set(backticked(table("Keys and algorithms"), r"(?:casereg|stats)/\S+\.py"))


def test_no_weak_hash_is_used():
    weak = {"hashlib.md5", "hashlib.sha1", "hashlib.new", "md5", "sha1", "MD5", "SHA1"}

    assert [name for name, called, _call in CALLS if called in weak] == []
    assert [name for name, imported in IMPORTS if imported.rpartition(".")[2] in weak] == []
    for name, called, call in CALLS:
        if called == "salted_hmac":  # by itself it takes SHA-1
            assert "algorithm='sha256'" in ast.unparse(call), name
    assert len(dumps("x", salt="y").rpartition(":")[2]) == 43  # SHA-256


def test_what_is_sealed_opens_only_whole():
    sealed = seal("secret of an app")

    assert sealed.startswith("gAAAA")  # Fernet's version: AES-128-CBC, then HMAC-SHA-256 over all of it
    assert seal("secret of an app") != sealed
    for place in (5, len(sealed) // 2, len(sealed) - 3):
        spoilt = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(SealIsForeign):
            unseal(spoilt)
    assert unseal(sealed) == "secret of an app"


def test_passwords_are_stretched_as_is_advised_today():
    hasher = Argon2PasswordHasher()

    # OWASP's password storage cheat sheet: Argon2id with 19 MiB and 2 passes at least.
    assert hasher.params().type.name == "ID"
    assert (hasher.memory_cost >= 19 * 1024, hasher.time_cost >= 2) == (True, True)


def test_secrets_of_factors_are_long_and_never_the_same():
    secrets = {generate_totp_secret() for _ in range(50)}
    seeds = {RecoveryCodes.generate_seed() for _ in range(50)}

    assert (len(secrets), len(seeds)) == (50, 50)
    assert min(map(len, secrets)) >= 32  # base 32: 160 bits
    assert min(map(len, seeds)) >= 32
    assert 10**settings.MFA_RECOVERY_CODE_DIGITS >= 2**20


def test_a_session_has_a_name_that_nobody_guesses(client, coordinator_nord):
    names = set()
    for _ in range(20):
        browser = Client()
        browser.force_login(coordinator_nord)
        names.add(browser.session.session_key)

    assert len(names) == 20
    assert all(re.fullmatch(r"[a-z0-9]{32}", name) for name in names)  # 165 bits
    assert 36**32 >= 2**128


def test_the_mail_server_s_certificate_is_checked():
    context = EmailBackend().ssl_context

    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"


# --- Scripts -------------------------------------------------------------------------------------


def scripts() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in SCRIPTS)


def test_scripts_show_text_as_text_and_run_none():
    code = scripts()

    assert len(SCRIPTS) >= 4
    assert not re.findall(
        r"\b(?:eval|Function|outerHTML|insertAdjacentHTML|document\.write\w*|srcdoc)\b", code
    )
    # A blank line of the page's own form is copied.
    assert re.findall(r"[^;\n]*innerHTML[^;]*", code) == [
        '    holder.innerHTML = spare.innerHTML\n      .replaceAll("__line__", String(position))\n'
        '      .replaceAll("__number__", String(position + 1))'
    ]


def test_scripts_keep_nothing_in_the_browser():
    stores = r"\b(?:localStorage|sessionStorage|indexedDB|document\.cookie|caches|serviceWorker)\b"

    assert not re.findall(stores, scripts())


def test_scripts_hear_no_other_window_and_change_no_prototype():
    code = scripts()

    assert not re.findall(r"window\.addEventListener\(\"message\"|onmessage|window\.open|opener", code)
    assert not re.findall(r"__proto__|\.prototype\b|Object\.assign\(|\w\[[a-z]\w*\] = ", code)
    assert code.count('"use strict"') == len(SCRIPTS)


def test_no_page_has_what_is_out_of_date_in_browsers():
    pages = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "templates").rglob("*.html"))

    assert not re.findall(r"<(?:object|embed|applet|iframe|frame|marquee)\b", pages)


# --- Answers -------------------------------------------------------------------------------------

HOSTILE = "</script><svg/onload=alert(1)>\"'{0.__class__} %(x)s {{ 7|add:7 }}"


def test_a_name_of_markup_and_placeholders_is_shown_as_it_is(client, administrator):
    person = UserFactory(name=HOSTILE)
    client.force_login(administrator)
    prove_password(client, administrator)
    ended = client.post(reverse("user_end_sessions", args=[person.pk]), follow=True)

    for page in (ended, client.get(reverse("user_list")), client.get(reverse("trail_list"))):
        text = page.content.decode()
        assert "<svg" not in text
        assert (
            "&lt;/script&gt;&lt;svg/onload=alert(1)&gt;&quot;&#x27;{0.__class__} %(x)s {{ 7|add:7 }}" in text
        )


def test_data_in_a_script_element_does_not_end_it(client, coordinator_nord):
    coordinator_nord.name = HOSTILE
    coordinator_nord.save()
    client.force_login(coordinator_nord)
    prove_password(client, coordinator_nord)

    page = client.get(reverse("passkey_add")).content.decode()

    assert "<svg" not in page
    assert "\\u003C/script\\u003E\\u003Csvg" in page


def test_what_is_sent_is_decoded_once(client, coordinator_nord):
    client.force_login(coordinator_nord)

    page = client.get("/cases/?reference=%2541%252e").content.decode()

    assert 'value="%41%2e"' in page
    assert "A." not in re.findall(r'name="reference"[^>]*', page)[0]


def test_every_answer_says_what_it_is_and_only_pages_are_pages(db):
    """Content types with their letters, files to keep and not to show, and nothing for other origins."""
    world, types = build(), set()
    for row in ROWS:
        if row.methods != "read" or "200" not in row.answers.values():
            continue
        person = next(name for name, answer in row.answers.items() if answer == "200")
        answer = world.clients[person].get(world.address(row.page, row.kind))
        assert answer.status_code == 200, row
        kind, _, letters = answer.headers["Content-Type"].partition("; ")
        types.add(kind)
        if kind.startswith("text/"):
            assert letters.lower().replace('"', "") == "charset=utf-8", row
        if kind != "text/html":
            assert answer.headers["Content-Disposition"].startswith("attachment; filename="), row
        assert "Access-Control-Allow-Origin" not in answer.headers, row
        assert (
            "no-store" in answer.headers["Cache-Control"] or "private" in answer.headers["Cache-Control"]
        ), row
    assert {"text/html", "text/csv"} <= types


@pytest.mark.parametrize("address", ["/static/", "/static/casereg/", "/static/../"])
def test_no_folder_is_listed(client, db, address):
    assert client.get(address).status_code in (302, 404)


class Inputs(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "textarea", "select"):
            self.found.append({name: value or "" for name, value in attrs})


def inputs(client, page: str) -> dict[str, dict[str, str]]:
    return {one.get("name", ""): one for one in Inputs(client.get(reverse(page)).content.decode()).found}


def test_passwords_are_masked_and_may_come_from_a_manager(client, coordinator_nord):
    seen = dict(inputs(client, "account_login").items())
    client.force_login(coordinator_nord)
    changing = inputs(client, "account_change_password")

    fields = {
        "password": seen["password"],
        **{name: changing[name] for name in changing if "password" in name},
    }
    assert fields.keys() == {"password", "oldpassword", "password1", "password2"}
    for name, field in fields.items():
        assert field["type"] == "password"
        assert field["autocomplete"] == ("new-password" if name[-1] in "12" else "current-password")
    assert not re.findall(r"paste|keydown|keypress", scripts())


def test_no_hint_and_no_question_stands_for_a_password(client, db):
    for page, asked in (("account_login", {"login", "password"}), ("password_forgotten", {"email"})):
        assert inputs(client, page).keys() - {"csrfmiddlewaretoken", "next", "language", ""} == asked


def test_eleven_characters_are_too_few_and_twelve_are_enough():
    twelve = "xT9#kLm2pQw8"
    validate_password(twelve)

    with pytest.raises(ValidationError):
        validate_password(twelve[:11])


def parsed(message: bytes) -> None:
    """As gunicorn does, which serves the site."""
    for request in RequestParser(Config(), iter([message]), ("127.0.0.1", 1)):
        request.body.read()
        return


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4",
        b"Content-Length: 4\r\nContent-Length: 5",
        b"Content-Length: +4",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding : chunked",
    ],
)
def test_a_request_of_two_lengths_is_refused(headers):
    parsed(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd")
    with pytest.raises((ParseException, OSError)):
        parsed(b"POST / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n0\r\n\r\n")


def test_the_server_does_not_say_its_version():
    assert not re.search(r"\d", SERVER)


# --- Documents -----------------------------------------------------------------------------------


def section(title: str, text: str = INVENTORY) -> str:
    [found] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found


def table(title: str, text: str = INVENTORY) -> list[str]:
    return [line for line in section(title, text).splitlines() if line.startswith("| ")]


def backticked(lines: list[str], pattern: str) -> list[str]:
    return [word for line in lines for word in re.findall(r"`([^`]+)`", line) if re.fullmatch(pattern, word)]


def test_every_table_of_the_database_has_a_level_and_an_end():
    named = backticked(table("What is kept, and how well"), r"\w+\.\w+")

    assert len(named) == len(set(named))
    assert {model._meta.label for model in apps.get_models()} == set(named)


def test_every_field_of_a_case_says_who_reads_and_who_writes_it():
    named = backticked(table("Fields of a case"), r"\w+")

    assert len(named) == len(set(named))
    assert {field.name for field in Case._meta.fields} == set(named)


def test_every_page_for_everybody_is_among_the_ways_in():
    public = {path.name for _, path in routes() if path.callback.access_rule.startswith("public:")}

    assert set(backticked(table("Ways in"), r"\w+")) - {"provider_log_in", "provider_answer"} == public


def test_the_limits_are_those_of_the_code():
    limits = dict(line.strip("| ").split(" | ") for line in table("Limits"))
    browser, command = case_files.IN_BROWSER, case_files.BY_COMMAND
    per = {name: rate.split(",") for name, rate in settings.ACCOUNT_RATE_LIMITS.items() if rate}

    def mb(number: int) -> str:
        return f"{number // 1_000_000} MB"

    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS == 1000
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 2_621_440
    assert limits["a body with a file"].startswith(mb(request_bodies.BODY_MAX))
    assert limits["a case file by browser: CSV or XLSX, by name and by content"] == (
        f"{mb(browser.csv_bytes)}, {browser.rows:,} rows, {browser.lines:,} lines, {browser.columns} columns"
    )
    assert browser.csv_bytes == browser.xlsx_bytes
    assert limits["what a workbook may unpack to, by browser"].startswith(
        f"{mb(browser.unpacked_bytes)} in {browser.members} members"
    )
    assert limits["a case file by command"] == (
        f"CSV {mb(command.csv_bytes)}, XLSX {mb(command.xlsx_bytes)} "
        f"({mb(command.unpacked_bytes)} unpacked), {command.rows:,} rows"
    )
    assert limits["uploads kept of one person"].startswith(f"{uploads.KEPT_AT_ONCE}, ")
    assert limits["drafts kept of one person"] == (
        f"{drafts.DRAFTS_OF_ONE_AUTHOR}, of {drafts.SIZE_MAX // 1024} KiB each"
    )
    assert limits["persons registered at once"] == str(incident_registering.PERSONS_MAX)
    assert limits["events in one file of the trail"] == f"{trail.EVENTS_IN_A_FILE:,}"
    assert (per["login_failed"], limits["failed log-ins of an account"]) == (["5/5m/key"], "5 in 5 minutes")
    assert per["failures_from_address"] == ["100/15m/ip"]
    assert limits["failed log-ins and codes from an address"] == "100 in 15 minutes"
    assert (per["second_factor_code"], limits["wrong codes of a person"]) == (
        ["20/d/key"],
        "5 in 5 minutes, 20 a day",
    )
    assert per["reset_password"] == ["3/15m/key", "30/15m/ip"]
    assert limits["links for a new password"].startswith("3 in 15 minutes for an account, 30 ")


def test_the_rules_of_inputs_are_those_of_the_database():
    rules = "\n".join(table("What an input must be"))
    checked = {
        constraint.name for constraint in Case._meta.constraints if isinstance(constraint, CheckConstraint)
    }

    assert f"0 to {vocabularies.CHILDREN_MAX}, or unknown" in rules
    assert {"case_year_in_register", "case_month_in_year"} <= checked
    assert {"case_children_in_sweden_number_or_unknown", "case_children_abroad_number_or_unknown"} <= checked


def test_the_times_of_sessions_and_keys_are_those_of_the_code():
    ways = " ".join(section("Ways in").split())
    keys = " ".join(section("Keys and algorithms").split())

    assert (
        f"{settings.SESSION_IDLE_MINUTES} minutes without a request, {settings.SESSION_HOURS} hours in all"
        in ways
    )
    assert "as many as a person has browsers" in ways
    assert f"a draft's key holds {KEY_HOLDS_FOR.days} days, a browser's mark {MARK_AGE // 86_400}" in keys


def test_the_words_that_no_password_is_made_of_are_where_the_document_says():
    tried_first = ROOT / "casereg" / "data" / "words_tried_first.txt"

    for place in ("casereg/passwords.py", "casereg/data/words_tried_first.txt"):
        assert f"`{place}`" in section("Ways in")
    assert len(WORDS_OF_THE_REGISTER) > 15
    assert len(tried_first.read_text(encoding="utf-8").split()) > 200


def test_the_document_says_how_guessing_is_slowed_down_and_nobody_shut_out():
    said = " ".join(SECURITY.split())

    assert "log-in 5 failures in 5 minutes for an account, 100 in 15 for an address" in said
    assert "colleagues behind the same one go on logging in" in said


def test_the_document_says_how_soon_a_fix_is_installed():
    text = (ROOT / "docs" / "supply_chain.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in table("How soon a fix is installed", text)]
    within = {weakness: int(days.split()[0]) for weakness, days in rows[1:]}

    assert len(within) >= 4
    assert list(within.values()) == sorted(within.values())
    assert next(iter(within)).startswith("critical")
    assert max(within.values()) <= 90


def test_logs_go_where_the_document_says():
    logs = dict(line.strip("| ").split(" | ", 1) for line in table("Logs"))

    assert "standard error" in logs["the site's log"]
    assert logs.keys() >= {"the trail", "the site's log"}
    assert {handler["class"] for handler in settings.LOGGING["handlers"].values()} == {
        "logging.StreamHandler"
    }
    makes_its_own = {"FileHandler", "SocketHandler", "SysLogHandler", "SMTPHandler", "HTTPHandler"}
    assert [name for name, called, _call in CALLS if called.rpartition(".")[2] in makes_its_own] == []
    assert "print" not in {called for name, called, _call in CALLS if "/management/" not in name}


# --- What is deployed ----------------------------------------------------------------------------


def test_the_secrets_that_are_made_are_long_and_of_this_installation(tmp_path):
    made = []
    for name in ("one", "two"):
        subprocess.run([ROOT / "docker" / "secrets.sh", tmp_path / name], check=True, capture_output=True)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700
        made += [file.read_text() for file in (tmp_path / name).iterdir() if not file.name.endswith("_url")]

    filled = [secret for secret in made if secret]
    assert len(filled) == len(set(filled)) >= 6
    assert all(re.fullmatch(r"[0-9a-f]{64}", secret) for secret in filled)


def test_no_secret_stands_in_what_is_deployed():
    deployed = [ROOT / "docker-compose.yml", ROOT / "Dockerfile", ROOT / ".env.example"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in deployed)

    assert not re.findall(r"(?:PASSWORD|SECRET_KEY|SECRET):[ \t]*[\"']?\w{8,}", text)
    assert "POSTGRES_PASSWORD:" not in text
    assert "/secrets" in (ROOT / ".gitignore").read_text() or "secrets/" in (ROOT / ".gitignore").read_text()


def secrets_in(block: str) -> set[str]:
    """Of a block of the compose file, whether it lists them on one line or on several."""
    listed = re.search(r"^ +secrets:(?: \[(.*)\]|((?:\n +- \w+)+))", block, re.MULTILINE)
    return set(re.findall(r"\w+", " ".join(part or "" for part in listed.groups()))) if listed else set()


def services() -> dict[str, str]:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    inside = text.partition("\nservices:\n")[2].partition("\nnetworks:\n")[0]
    parts = re.split(r"^  (\w+):\n", inside, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_each_secret_is_mounted_where_the_document_says():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    of_the_site = secrets_in(text.partition("\nx-casereg:")[2].partition("\nservices:")[0])
    mounted = {
        (secret, service)
        for service, block in services().items()
        for secret in secrets_in(block) or (of_the_site if "*casereg" in block else set())
    }
    documented = set()
    for line in table("What is a secret", (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")):
        files, _what, readers = re.split(r" \| ", line.strip("| "))
        documented |= {
            (secret, service)
            for secret in re.findall(r"`(\w+)`", files)
            for service in re.findall(r"`(\w+)`", readers)
        }

    assert len(of_the_site) >= 3
    assert mounted == documented


def test_the_image_takes_along_only_what_the_site_runs_on():
    allowed = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]

    assert allowed[0] == "*"
    code = {"!casereg", "!stats", "!templates", "!locale", "!manage.py"}
    assert {line for line in allowed if line[0] == "!"} == {
        *code,
        "!requirements.txt",
        "!requirements-oidc.txt",
    }
    assert not [name for name in apps.app_configs if name in ("admin", "admindocs", "debug_toolbar")]


def test_the_name_of_a_session_stands_in_its_cookie_alone(client, coordinator_nord):
    client.post(reverse("account_login"), {"login": coordinator_nord.email, "password": PASSWORD})
    answer = client.get(reverse("case_list"))

    assert answer.status_code == 200
    assert client.session.session_key not in answer.content.decode() + repr(answer.headers)
