"""The benchmark: what counting a year costs, as ratios measured in one run. Nothing here is asserted."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.throwaway_postgresql import server_programs, throwaway_cluster

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = ROOT / "docs" / "benchmarks.md"
YEAR = 2023
NINE_YEARS = tuple(range(2018, 2027))
# Records in the register, and the years that they are of.
SIZES = {
    "SQLite": ((414, (YEAR,)), (40_000, (YEAR,))),
    "PostgreSQL": ((414, (YEAR,)), (40_000, (YEAR,)), (1_000_000, NINE_YEARS)),
}
RUNS = {414: 25, 40_000: 7, 1_000_000: 3}

Taken = Mapping[str, float]


def fill(size: int) -> None:
    """Records of one year."""
    from tests.bench.records import fill as fill_years

    fill_years(size, (YEAR,))


def medians(ways: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Seconds by way. They take turns, so that a slow moment of the machine meets all of them."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        for name, work in ways.items():
            start = time.perf_counter()
            work()
            if turn:  # the first warms up
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def measure(size: int, years: Sequence[int]) -> dict[str, float]:
    """Run inside Django, on an empty migrated database. Seconds; `memory` in bytes."""
    from django.db import connection

    from stats.compute import compute_year
    from stats.counted_before import year_figures
    from tests.bench import records, rivals
    from tests.walls import go_on_as_site

    records.fill(size, years)
    go_on_as_site()  # with the policies in force, as the site counts
    year_figures(YEAR)
    ways: dict[str, Callable[[], object]] = {
        "cold": lambda: compute_year(YEAR),
        "again": lambda: year_figures(YEAR),
        "pandas": rivals.in_pandas,
        "duckdb": rivals.in_duckdb,
    }
    if connection.vendor == "postgresql":
        ways["statement"] = rivals.statement_of_year_and_series
        ways["statement_of_year"] = rivals.statement_of_year
    return {**medians(ways, RUNS[size]), "memory": peak_bytes(lambda: compute_year(YEAR))}


def peak_bytes(work: Callable[[], object]) -> float:
    tracemalloc.start()
    work()
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return float(peak)


def in_process(database_url: str, module: str, *arguments: object) -> Any:
    """What the module's `measure` returns, in a process and a database of its own."""
    code = (
        "import json, django; django.setup(); from django.core.management import call_command; "
        f"call_command('migrate', verbosity=0); from {module} import measure; "
        f"print(json.dumps(measure{arguments!r}))"
    )
    environment = {
        **os.environ,
        "CASEREG_ENV": "development",
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def row(database: str, size: int, years: Sequence[int], taken: Taken) -> str:
    def ratio(other: str) -> str:
        return f"{taken['cold'] / taken[other]:.2f}" if other in taken else ""

    cells = [
        database,
        f"{size:,}",
        f"{-(-size // len(years)):,}",
        f"{taken['cold'] * 1000:.0f} ms",
        ratio("statement"),
        ratio("statement_of_year"),
        ratio("pandas"),
        ratio("duckdb"),
        f"{taken['again'] * 1000:.1f} ms",
        f"{taken['memory'] / 1e6:.1f} MB",
    ]
    return f"| {' | '.join(cells)} |"


def measured(database: str, url: str, size: int, years: Sequence[int]) -> str:
    line = row(database, size, years, in_process(url, "tests.bench.run", size, tuple(years)))
    sys.stderr.write(line + "\n")  # it takes minutes: show that it goes on
    return line


def pages_measured(taken: Mapping[str, Taken]) -> list[str]:
    """Each page as a ratio to the page of one case: what it costs beyond being asked at all."""
    usual = taken["a case"]["median"]
    return [
        "",
        PAGES,
        "| page | median | 95th percentile | median, to the page of a case |",
        "|---|---|---|---|",
        *(
            f"| {name} | {of['median']:.0f} ms | {of['p95']:.0f} ms | {of['median'] / usual:.1f} |"
            for name, of in taken.items()
        ),
    ]


PAGES = """\
## Pages

On PostgreSQL with 40,000 stored cases, each page 40 times from the request to the whole answer. The cases
of the benchmark have seven nationalities, so that nearly every one has pairs in every other region: the
register's own have far fewer.
"""
INTRODUCTION = """\
# Benchmarks

Made by `make bench`: all tables and key figures of 2023, cold, from records, against other ways to the same
counts. A ratio below 1 means that we are faster. Each is measured in the same run as ours, in turns with it;
milliseconds are those of the machine that ran it.

- *Statement*: one written by hand for PostgreSQL, which scans the year once by GROUPING SETS with every
  margin, and all years once more for the series. It is timed until its rows are fetched; ours until all
  tables are made and every total is held against its parts.
- *Of the year alone*: that statement without the series, which ours counts besides.
- *pandas, DuckDB*: the same records fetched into each and grouped there: the year's, and of all years the
  columns of the series. None of the other ways makes tables or checks sums.
- *Again*: asked for once more with nothing changed, by the version of the counts: one query.
- *Memory*: the most that counting holds in Python.

The million records are of nine years, so that 2023 has a ninth of them.
"""
HEADER = [
    "| database | records | of 2023 | cold | to the statement | to that of the year alone | to pandas "
    "| to DuckDB | again | memory |",
    "|---|---|---|---|---|---|---|---|---|---|",
]


def main() -> None:
    lines = [INTRODUCTION, *HEADER]
    for size, years in SIZES["SQLite"]:
        with tempfile.TemporaryDirectory() as folder:
            lines.append(measured("SQLite", f"sqlite:///{folder}/bench.sqlite3", size, years))
    programs = server_programs()
    if programs is None:
        lines += ["", "PostgreSQL's server programs were not found: it was not measured."]
    else:
        for size, years in SIZES["PostgreSQL"]:
            with throwaway_cluster(programs) as url:
                lines.append(measured("PostgreSQL", url, size, years))
        with throwaway_cluster(programs) as url:
            lines += pages_measured(in_process(url, "tests.bench.pages"))
    text = "\n".join(lines) + "\n"
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
