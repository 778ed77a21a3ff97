"""Specs drawn as text: cases in, table out. A file is a list of steps; comments and blank lines part them.

`cases` is a table of columns of the case file, one row a person or, with `times`, several; what is not
named is that of an ordinary case, `-` is blank, `not_recorded` too. `published` adds printed totals of
other years. `table YEAR` and `key figures YEAR` say what then comes out. Rows and columns that are left out
of a table have nothing but 0, in a series nothing but 0 and `:`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SPECS = Path(__file__).with_name("tables")
KEY_FIGURES = Path(__file__).with_name("key_figures.txt")


@dataclass
class Step:
    """A heading, the rows below it, and lines of the kind `name: value`."""

    heading: str
    rows: list[list[str]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)

    @property
    def year(self) -> int:
        return int(self.heading.split()[-1])

    def by_column(self) -> list[dict[str, str]]:
        head, *rows = self.rows
        return [dict(zip(head, row, strict=True)) for row in rows]


def steps(path: Path) -> Iterator[Step]:
    step = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if not line.strip():
            step = None
        elif step is None:
            step = Step(line)
            yield step
        elif re.fullmatch(r"[a-z_ ]+: .*", line):
            name, _colon, value = line.partition(": ")
            step.said[name] = value
        else:
            step.rows.append([cell.strip() for cell in line.split("|")])


def read(path: Path) -> list[Step]:
    return list(steps(path))
