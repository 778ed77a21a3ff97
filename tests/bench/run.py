"""The benchmark: what counting a year costs, as ratios measured in one run. Nothing here is asserted."""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.throwaway_postgresql import server_programs, throwaway_cluster

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
SIZES = (414, 40_000)
RUNS = 7
# The least that any way of making the tables must do: read the year once and group it.
ONE_SCAN = (
    "SELECT form_id, sex, age_group, COUNT(*) FROM casereg_case "
    "WHERE withdrawn_at IS NULL AND year = 2023 GROUP BY form_id, sex, age_group"
)


def median_seconds(work: Callable[[], object]) -> float:
    work()  # once to warm up
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure(size: int) -> dict[str, float]:
    """Run inside Django, on an empty migrated database."""
    from django.db import connection

    from stats.compute import compute_year

    fill(size)

    def one_scan() -> None:
        with connection.cursor() as cursor:
            cursor.execute(ONE_SCAN)
            cursor.fetchall()

    def records() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM casereg_case WHERE withdrawn_at IS NULL AND year = 2023")
            cursor.fetchall()

    return {
        "tables": median_seconds(lambda: compute_year(2023)),
        "one_scan": median_seconds(one_scan),
        "records": median_seconds(records),
    }


def fill(size: int) -> None:
    from django.db import transaction

    from casereg.actions.cases import NewCase, register_from_file
    from casereg.actions.references import lock_counters
    from casereg.case_content import CaseContent

    chosen = random.Random(2023)
    regions = ["stockholm", "bergslagen", "nord", "mitt", "ost", "vast", "syd"]
    rows = []
    for _ in range(size):
        form = chosen.choice(["sexual", "labour", "labour", "criminality", "begging"])
        content = CaseContent(
            month=f"2023-{chosen.randint(1, 12):02}",
            assessment=chosen.choice(["trafficking", "exploitation"]),
            form=form,
            sex=chosen.choice(["female", "male", "other", "unknown"]),
            age_group=chosen.choice(["adult", "minor", "unknown"]),
            nationality=chosen.choice(["TH", "RO", "UA", "SE", "NG", "BG", "unknown"]),
            referral_source=chosen.choice(["police", "own_outreach", ""]),
            joint_inspection=chosen.choice(["yes", "no", "unknown", ""]),
            industry=chosen.choice(["green", "construction", ""]) if form == "labour" else "",
            children_in_sweden=chosen.choice(["0", "1", "unknown", ""]),
            children_abroad=chosen.choice(["0", "2", "unknown", ""]),
            incident=chosen.choice(["", "", f"event-{chosen.randint(1, 1 + size // 10)}"]),
        )
        rows.append(NewCase(chosen.choice(regions), "", content))
    with transaction.atomic():
        lock_counters((row.region_code, row.year) for row in rows)
        register_from_file(rows=rows, content_hash="0" * 64, by=None)


def in_process(database_url: str, size: int) -> dict[str, float]:
    """Measure in a process and a database of its own."""
    code = (
        "import json, django; django.setup(); from django.core.management import call_command; "
        "call_command('migrate', verbosity=0); from tests.bench.run import measure; "
        f"print(json.dumps(measure({size})))"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def row(database: str, size: int, taken: dict[str, float]) -> str:
    return (
        f"| {database} | {size:,} | {taken['tables'] * 1000:.0f} ms | "
        f"{taken['tables'] / taken['one_scan']:.1f} | {taken['tables'] / taken['records']:.2f} |"
    )


def main() -> None:
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench`: all tables and key figures of a year, cold, from records.",
        "The time, and as ratios measured in the same run against one statement that groups the year's",
        "records once, and against fetching those records into Python. Milliseconds are those of the",
        "machine that ran it.",
        "",
        "| database | records | time | to one scan | to fetching the records |",
        "|---|---|---|---|---|",
    ]
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            lines.append(row("SQLite", size, in_process(f"sqlite:///{folder}/bench.sqlite3", size)))
    programs = server_programs()
    if programs is None:
        lines += ["", "PostgreSQL's server programs were not found: it was not measured."]
    else:
        for size in SIZES:
            with throwaway_cluster(programs) as url:
                lines.append(row("PostgreSQL", size, in_process(url, size)))
    text = "\n".join(lines) + "\n"
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
