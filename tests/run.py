"""Run the whole suite on SQLite, then on a throw-away PostgreSQL. What cannot be run is said in words.

Arguments go to pytest. With REQUIRE_ALL=1 nothing may be missing.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.chromium import chromium
from tests.throwaway_postgresql import server_programs, throwaway_cluster

ROOT = Path(__file__).resolve().parent.parent
NO_POSTGRESQL = "PostgreSQL's server programs were not found: the suite {verb} on SQLite only."
NO_CHROMIUM = (
    "Chromium was found neither at /usr/bin/chromium nor on the path: the browser tests {verb} skipped."
)

NO_TESTS = 5  # pytest's exit status
# The whole suite in as many processes as there are processors, neighbours together as long as it goes.
IN_PARALLEL = ("-n", "logical", "--dist", "worksteal")


def main(arguments: list[str]) -> int:
    programs = server_programs()
    missing = [NO_POSTGRESQL] if programs is None else []
    missing += [NO_CHROMIUM] if chromium() is None else []
    if missing and os.environ.get("REQUIRE_ALL") == "1":
        say(*(words.format(verb="would run" if words is NO_POSTGRESQL else "would be") for words in missing))
        say("REQUIRE_ALL is set: nothing was run.")
        return 1
    passed = {"SQLite": run_suite("SQLite", "sqlite:///unused.sqlite3", arguments)}
    if programs is not None:
        with throwaway_cluster(programs) as url:
            passed["PostgreSQL"] = run_suite("PostgreSQL", url, arguments, ONLY_TESTS_WITH_DATABASE="1")
    say("", *(f"{name}: {'passed' if good else 'FAILED'}" for name, good in passed.items()))
    say(*(words.format(verb="ran" if words is NO_POSTGRESQL else "were") for words in missing))
    return 0 if all(passed.values()) else 1


def run_suite(name: str, database_url: str, arguments: list[str], **environment: str) -> bool:
    say("", f"=== The suite on {name}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *(arguments or IN_PARALLEL)],
        cwd=ROOT,
        env=os.environ | environment | {"DATABASE_URL": database_url},
        check=False,
    )
    # With only the tests that use a database, there may be none left to run.
    return done.returncode == 0 or (done.returncode == NO_TESTS and bool(environment))


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
