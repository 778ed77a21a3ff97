"""What was published, read from the data files, and whether the demo's cases say the same."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from casereg.actions.cases import NewCase
from casereg.vocabularies import NOT_RECORDED, person_group
from stats.models import PublishedCount

DATA = Path(__file__).resolve().parent.parent / "data"
HISTORY_SOURCE = "Jämställdhetsmyndighetens uppgifter i press och rapportsammanfattningar"


class DemoDiffers(Exception):
    """The demo's cases do not add up to a printed count."""

    def __init__(self, table: str, cell: Sequence[str], *, printed: int, built: int) -> None:
        name = " × ".join(cell) or "all"
        super().__init__(f"{table}, {name}: printed {printed}, built {built}")


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """Counts of persons: `cells` by the values of the variables `by`, among those that `of` describes."""

    of: Mapping[str, str]
    by: tuple[str, ...]
    cells: Mapping[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Published:
    """`derived` follows from the printed counts by arithmetic; nobody printed it."""

    printed: Mapping[str, PrintedTable]
    printed_sums: Mapping[str, int]
    derived: Mapping[str, PrintedTable]

    def values(self, table: str) -> dict[str, int]:
        """A table by one variable, as `{value: persons}`."""
        return {value: count for (value,), count in self.printed[table].cells.items()}


@cache
def published_2023() -> Published:
    content = json.loads((DATA / "published_2023.json").read_text(encoding="utf-8"))
    return Published(
        printed=_tables(content["printed"]),
        printed_sums=content["printed_sums"],
        derived=_tables(content["derived"]),
    )


def check_against(published: Published, cases: Sequence[NewCase]) -> None:
    """Raise `DemoDiffers` at the first cell in which the cases differ."""
    rows = [_row(case) for case in cases]
    for name, table in [*published.printed.items(), *published.derived.items()]:
        built = Counter(
            tuple(row[variable] for variable in table.by) for row in rows if table.of.items() <= row.items()
        )
        for cell, printed in table.cells.items():
            if built[cell] != printed:
                raise DemoDiffers(name, cell, printed=printed, built=built[cell])
    for variable, printed in published.printed_sums.items():
        total = sum(int(row[variable]) for row in rows if row[variable].isdigit())
        if total != printed:
            raise DemoDiffers(variable, (), printed=printed, built=total)


def published_history() -> list[PublishedCount]:
    """The published totals of other years, not stored yet."""
    with (DATA / "published_history.csv").open(encoding="utf-8", newline="") as file:
        return [
            PublishedCount(
                year=int(row["year"]),
                table=row["table"],
                code=row["code"],
                count=int(row["count"]),
                basis_sv=row["basis_sv"],
                basis_en=row["basis_en"],
                source=HISTORY_SOURCE,
            )
            for row in csv.DictReader(file)
        ]


def _tables(content: Mapping[str, Any]) -> dict[str, PrintedTable]:
    return {
        name: PrintedTable(of=table.get("of", {}), by=tuple(table["by"]), cells=dict(_cells(table["cells"])))
        for name, table in content.items()
    }


def _cells(nested: Any) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(nested, int):
        yield (), nested
        return
    for code, inner in nested.items():
        for codes, count in _cells(inner):
            yield (code, *codes), count


def _row(case: NewCase) -> dict[str, str]:
    """A case as tables see it: a blank has a code, and sex and age make the person group."""
    content = case.content
    row = {
        variable: "not_recorded" if value == NOT_RECORDED else value
        for variable, value in asdict(content).items()
    }
    return row | {"person_group": person_group(content.sex, content.age_group)}
