"""The manifest of the 2023 report: read from its text, and written as the page docs/report_2023.md.

`python -m tests.spec.manifest` writes the page; `--check` changes nothing and fails when it is stale.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("report_2023.txt")
PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "report_2023.md"
NOTHING = "–"
# What the cells of no table stand on.
OF_NATIONALITIES = ("rank[", "common[")

INTRODUCTION = """# The report on 2023, number by number

Every number that the agency's report on 2023 prints, where it stands, the figure of the registry that gives
it, and whether the register says the same. Written from `tests/spec/report_2023.txt`, which is also the test:
each cell is counted in the demo's 2023. Where the report contradicts itself, its number stands beside the
register's and the reason why they differ. Figure 5 draws numbers that stand under *Outreach* and
*Joint inspections*.

- **equal**: the register gives the printed number.
- **contradicts**: it gives another, named here, and cannot give the printed one.
- **not printed**: the report draws it or names it without a number; this is the register's.
- **other year**, **outside**, **not checkable**: the register holds nothing to compare with; where that is
  not plain, the reason is given.
"""


@dataclass(frozen=True)
class Printed:
    """A line. `number`: as printed, None where none is; `registered`: the register's, where it differs."""

    place: str
    what: str
    number: int | None
    cell: str
    outcome: str
    registered: int | None
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"

    @property
    def figures(self) -> list[str]:
        """The registry's ids of what gives the number."""
        if self.cell.startswith("key:"):
            return ["key-" + self.cell.removeprefix("key:")]
        if self.cell.startswith(OF_NATIONALITIES):
            return ["nationality"]
        if self.cell.startswith("occurring["):
            return [self.cell[len("occurring[") : self.cell.index("]")]]
        if self.cell.startswith(("since[", "years[", "year")):
            return []
        return list(dict.fromkeys(re.findall(r"([a-z-]+)\[", self.cell)))


def printed_numbers() -> list[Printed]:
    rows = [line.split(" | ") for line in LIST.read_text(encoding="utf-8").splitlines() if " | " in line]
    return [_printed(*row) for row in rows if not row[0].startswith("#")]


def _printed(place: str, what: str, number: str, cell: str, outcome: str) -> Printed:
    kind, _colon, why = outcome.partition(": ")
    kind, _comma, registered = kind.partition(", ")
    return Printed(
        place=place,
        what=what,
        number=None if number == NOTHING else int(number),
        cell=cell,
        outcome=kind,
        registered=int(registered) if registered else None,
        why=why,
    )


def page() -> str:
    lines = [
        INTRODUCTION,
        "| where | what | printed | figure | cell | outcome |",
        "|---|---|---|---|---|---|",
    ]
    for each in printed_numbers():
        figures = ", ".join(f"[{name}](tables.md#{name})" for name in each.figures) or NOTHING
        cell = NOTHING if each.cell == NOTHING else f"`{each.cell}`"
        number = NOTHING if each.number is None else str(each.number)
        lines.append(f"| {each.place} | {each.what} | {number} | {figures} | {cell} | {_outcome(each)} |")
    return "\n".join(lines) + "\n"


def _outcome(each: Printed) -> str:
    kind = f"**{each.outcome}**" if each.outcome == "contradicts" else each.outcome
    registered = "" if each.registered is None else f" ({each.registered} in the register)"
    return f"{kind}{registered}{': ' if each.why else ''}{each.why}"


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    sys.stderr.write("docs/report_2023.md is stale: run python -m tests.spec.manifest\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
