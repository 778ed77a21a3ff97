"""`make audit`: known weaknesses of the pinned packages, by pip-audit and the open database of OSV.

Where the database is out of reach it says so, within seconds, and is no failure; a weakness found is one.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from threading import Thread

import requests

from tests.guards.pinned import FILES, ROOT

SERVICE = os.environ.get("OSV_ADDRESS", "https://api.osv.dev/v1/query")  # or a mirror of it
REACH_SECONDS = 8
FILE_SECONDS = 180

# Weaknesses that do not touch this site, or have no fix yet: until when they are left aside, and why.
LEFT_ASIDE: dict[str, tuple[date, str]] = {}


def is_reachable(service: str) -> bool:
    """In a thread of its own, since a name that no server resolves can hold one up for minutes."""
    answers: list[bool] = []

    def ask() -> None:
        query = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "0.1"}
        try:
            answer = requests.post(service, json=query, timeout=REACH_SECONDS / 2)
            answers.append(answer.ok and isinstance(answer.json(), dict))
        except (requests.RequestException, ValueError):
            answers.append(False)

    asker = Thread(target=ask, daemon=True)
    asker.start()
    asker.join(REACH_SECONDS)
    return answers == [True]


def weaknesses_of(file: str) -> list[str] | None:
    """In words, one each; nothing where the audit did not come to its end."""
    command = [
        sys.executable, "-m", "pip_audit",
        "--strict", "--require-hashes", "--disable-pip", "--requirement", file,
        "--vulnerability-service", "osv", "--osv-url", SERVICE, "--timeout", "10", "--format", "json",
        "--progress-spinner", "off",
    ]  # fmt: skip
    for name, (until, _why) in LEFT_ASIDE.items():
        if datetime.now(UTC).date() <= until:
            command += ["--ignore-vuln", name]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=FILE_SECONDS
        )
        report = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    found = [
        f"{package['name']} {package['version']}: {weakness['id']}, mended in "
        f"{', '.join(weakness['fix_versions']) or 'no version yet'}"
        for package in report["dependencies"]
        for weakness in package.get("vulns", ())
    ]
    # Its exit status says too whether it found any: both have to agree.
    return found if bool(found) == bool(done.returncode) else None


def main(files: list[str]) -> int:
    if not is_reachable(SERVICE):
        return _said(f"{SERVICE} is not reachable: known weaknesses were NOT looked for.", 0)
    for file in files:
        found = weaknesses_of(file)
        if found:
            return _said("\n".join([f"{file} has known weaknesses:", *found]), 1)
        if found is None and not is_reachable(SERVICE):
            return _said(f"{SERVICE} went away: known weaknesses of {file} were NOT looked for.", 0)
        if found is None:
            return _said(f"The audit of {file} did not come to its end, although {SERVICE} answers.", 1)
        _said(f"{file}: no known weakness.", 0)
    return 0


def _said(words: str, status: int) -> int:
    sys.stdout.write(words + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(FILES)))
