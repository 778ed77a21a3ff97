"""`docs/asvs.csv`: each requirement of OWASP ASVS 5.0.0 levels 1 and 2 is there, and its tests are too.

A test that is renamed or taken away, and so leaves a claim without its proof, fails here.
"""

import ast
import csv
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.casereg.test_oidc import TRIED

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = ROOT / "docs" / "asvs.csv"
COLUMNS = ["id", "level", "subject", "applies", "why_not_or_how", "tests"]

# How many requirements of levels 1 and 2 each section of the standard has; those of level 3 come after them.
SECTIONS = """
1.1 2, 1.2 9, 1.3 11, 1.4 3, 1.5 2, 2.1 3, 2.2 3, 2.3 4, 2.4 1, 3.2 2, 3.3 4, 3.4 6, 3.5 5, 3.7 2, 4.1 3,
4.2 1, 4.3 2, 4.4 4, 5.1 1, 5.2 3, 5.3 2, 5.4 3, 6.1 3, 6.2 12, 6.3 4, 6.4 4, 6.5 5, 6.6 3, 6.8 4, 7.1 3,
7.2 4, 7.3 2, 7.4 5, 7.5 2, 7.6 2, 8.1 2, 8.2 3, 8.3 1, 8.4 1, 9.1 3, 9.2 4, 10.1 2, 10.2 2, 10.3 4,
10.4 11, 10.5 5, 10.6 2, 10.7 3, 11.1 2, 11.2 3, 11.3 3, 11.4 4, 11.5 1, 11.6 1, 12.1 3, 12.2 2, 12.3 4,
13.1 1, 13.2 5, 13.3 2, 13.4 5, 14.1 2, 14.2 4, 14.3 3, 15.1 3, 15.2 3, 15.3 7, 16.1 1, 16.2 5, 16.3 4,
16.4 3, 16.5 3, 17.1 1, 17.2 4, 17.3 2
"""
LEVEL_1 = set(
    """
1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1
3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1
6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 10.4.1
10.4.2 10.4.3 10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1
15.3.1
""".split()
)
# Of level 3, what is kept here too.
ADOPTED = {"1.2.10", "1.3.12", "3.4.8", "3.5.8", "6.3.8", "6.4.6", "8.3.2", "13.4.6", "14.2.7", "15.4.2"}


@dataclass(frozen=True)
class Claim:
    id: str
    level: str
    subject: str
    applies: str
    why_not_or_how: str
    tests: tuple[str, ...]


def claims() -> list[Claim]:
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        assert rows.fieldnames == COLUMNS
        return [Claim(**{**row, "tests": tuple(row["tests"].split())}) for row in rows]


CLAIMS = claims()


def levels_1_and_2() -> set[str]:
    sections = [part.split() for part in SECTIONS.split(",") if part.strip()]
    return {f"{section}.{number}" for section, last in sections for number in range(1, int(last) + 1)}


def test_the_standard_has_as_many_requirements_as_it_says():
    assert (len(levels_1_and_2()), len(LEVEL_1)) == (253, 70)
    assert levels_1_and_2() >= LEVEL_1
    assert not levels_1_and_2() & ADOPTED


def test_each_requirement_stands_in_the_list_once():
    listed = [claim.id for claim in CLAIMS]

    assert sorted(listed) == sorted(levels_1_and_2() | ADOPTED)
    assert listed == sorted(listed, key=lambda number: [int(part) for part in number.split(".")])


def test_each_has_its_level():
    levels = Counter(claim.level for claim in CLAIMS)

    assert levels == {"1": 70, "2": 183, "3": len(ADOPTED)}
    assert {claim.id for claim in CLAIMS if claim.level == "1"} == LEVEL_1
    assert {claim.id for claim in CLAIMS if claim.level == "3"} == ADOPTED


def test_what_applies_names_its_tests_and_what_does_not_says_why():
    assert {claim.applies for claim in CLAIMS} == {"yes", "no", "deviation"}
    assert [claim.id for claim in CLAIMS if not claim.subject] == []
    assert [claim.id for claim in CLAIMS if claim.applies == "yes" and not claim.tests] == []
    assert [claim.id for claim in CLAIMS if claim.applies != "yes" and not claim.why_not_or_how] == []
    assert [claim.id for claim in CLAIMS if len(claim.tests) != len(set(claim.tests))] == []
    assert [claim.id for claim in CLAIMS if claim.id in ADOPTED and claim.applies != "yes"] == []


def test_every_test_that_is_named_is_there_and_is_run(request):
    """What this run has not collected, since it was asked for a part of the tests, is collected apart."""
    named = {test for claim in CLAIMS for test in claim.tests}
    begun_by_another = named & of_the_provider()
    assert begun_by_another
    missing = (named - begun_by_another) | {THE_PROVIDER_S}
    missing -= without_parameters(item.nodeid for item in request.session.items)
    missing -= collected_apart({test.partition("::")[0] for test in missing})

    assert sorted(missing) == []


def without_parameters(node_ids: Iterable[str]) -> set[str]:
    return {node_id.partition("[")[0] for node_id in node_ids}


# Begins those of `TRIED` in a process of their own, where the agency's log-in is set up.
THE_PROVIDER_S = "tests/casereg/test_oidc.py::test_logging_in_by_the_provider"


def of_the_provider() -> set[str]:
    return {
        f"{file}::{node.name}"
        for file in TRIED
        for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def collected_apart(files: set[str]) -> set[str]:
    there = sorted(file for file in files - set(TRIED) if (ROOT / file).is_file())
    if not there:
        return set()
    collect = ["-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [sys.executable, *collect, *there],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return without_parameters(done.stdout.splitlines())
