"""The 21 counties of Sweden, by the two-digit codes of Statistics Sweden (SCB)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True)
class County:
    code: str
    name_sv: str
    name_en: str

    @property
    def name(self) -> str:
        return self.name_sv if (get_language() or "sv").startswith("sv") else self.name_en


_COUNTIES: Final = (
    ("01", "Stockholms län", "Stockholm County"),
    ("03", "Uppsala län", "Uppsala County"),
    ("04", "Södermanlands län", "Södermanland County"),
    ("05", "Östergötlands län", "Östergötland County"),
    ("06", "Jönköpings län", "Jönköping County"),
    ("07", "Kronobergs län", "Kronoberg County"),
    ("08", "Kalmar län", "Kalmar County"),
    ("09", "Gotlands län", "Gotland County"),
    ("10", "Blekinge län", "Blekinge County"),
    ("12", "Skåne län", "Skåne County"),
    ("13", "Hallands län", "Halland County"),
    ("14", "Västra Götalands län", "Västra Götaland County"),
    ("17", "Värmlands län", "Värmland County"),
    ("18", "Örebro län", "Örebro County"),
    ("19", "Västmanlands län", "Västmanland County"),
    ("20", "Dalarnas län", "Dalarna County"),
    ("21", "Gävleborgs län", "Gävleborg County"),
    ("22", "Västernorrlands län", "Västernorrland County"),
    ("23", "Jämtlands län", "Jämtland County"),
    ("24", "Västerbottens län", "Västerbotten County"),
    ("25", "Norrbottens län", "Norrbotten County"),
)
COUNTIES: Final[Mapping[str, County]] = {code: County(code, sv, en) for code, sv, en in _COUNTIES}

_BETWEEN: Final = re.compile(r"[,;\n]\s*(?:(?:och|and)\s)?|\s(?:och|and)\s", re.IGNORECASE)


def counties_named(text: str) -> list[tuple[str, County | None]]:
    """The parts of a free text as they were written, each with the county that it names, or None."""
    by_name = {_key(county.name_sv): county for county in COUNTIES.values()}
    return [(part.strip(), by_name.get(_key(part))) for part in _BETWEEN.split(text) if part.strip()]


def _key(name: str) -> str:
    """“Norrbottens län”, “Norrbotten” and “Norrbotten County” are one."""
    return " ".join(name.casefold().split()).removesuffix(" county").removesuffix(" län").removesuffix("s")
