"""What a case list is narrowed to and how it is sorted. The address of the page says the same."""

from dataclasses import dataclass
from typing import Final

# What a list can be sorted by, as its address says it; a minus before it turns the order round.
SORTS: Final = ("month", "reference", "region", "form", "sex", "age_group", "nationality")
STANDING, WITHDRAWN, ANY_STATE = "", "withdrawn", "all"
NEWEST_FIRST: Final = "-month"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Blank: not narrowed by it. `reference` and `incident` are found anywhere in the text."""

    year: int | None = None
    month: int | None = None
    region: str = ""
    form: str = ""
    sex: str = ""
    age_group: str = ""
    nationality: str = ""
    incident: str = ""
    reference: str = ""
    state: str = STANDING
    sort: str = NEWEST_FIRST
