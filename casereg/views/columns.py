"""The columns of a case list: what can be sorted by, how it is sorted now, and what a click does."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from casereg.case_filter import NEWEST_FIRST


@dataclass(frozen=True, slots=True)
class Column:
    """`sorted_by`: what `aria-sort` takes, blank where another column is sorted by. `link`: the next sort."""

    name: str
    label: str | Promise
    sorted_by: str
    link: str


_LABELS = {
    "reference": _("Reference"),
    "region": _("Region"),
    "month": _("Month"),
    "form": _("Form"),
    "sex": _("Sex"),
    "age_group": _("Age group"),
    "nationality": _("Nationality"),
}


def case_columns(sort: str, *, with_region: bool) -> list[Column]:
    return [_column(name, label, sort) for name, label in _LABELS.items() if with_region or name != "region"]


def _column(name: str, label: str | Promise, sort: str) -> Column:
    descending = f"-{name}"
    # Months begin with the newest, everything else with its first value; a second click turns it round.
    first, second = (descending, name) if descending == NEWEST_FIRST else (name, descending)
    sorted_by = {name: "ascending", descending: "descending"}.get(sort, "")
    return Column(name, label, sorted_by, link=second if sort == first else first)
