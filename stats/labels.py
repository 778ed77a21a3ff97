"""The words for tables, dimensions and codes, in the active language. Codes are the register's own."""

from collections.abc import Mapping

from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import CodeBook
from casereg.vocabularies import PersonGroup
from stats.definitions import NOT_RECORDED, TOTAL, YEAR, Dimension, Plural, Status, ngettext_lazy

_FIXED: Mapping[tuple[str, str], object] = {
    ("whereabouts", "in_sweden"): _("in Sweden"),
    ("whereabouts", "abroad"): _("in another country"),
    ("unit", "incidents"): _("incidents"),
    ("unit", "persons"): _("persons"),
    ("incident_size", "1"): _("1 person"),
    ("incident_size", "2-4"): _("2–4 persons"),
    ("incident_size", "5-9"): _("5–9 persons"),
    ("incident_size", "10+"): _("10 persons or more"),
    ("month", "01"): _("January"),
    ("month", "02"): _("February"),
    ("month", "03"): _("March"),
    ("month", "04"): _("April"),
    ("month", "05"): _("May"),
    ("month", "06"): _("June"),
    ("month", "07"): _("July"),
    ("month", "08"): _("August"),
    ("month", "09"): _("September"),
    ("month", "10"): _("October"),
    ("month", "11"): _("November"),
    ("month", "12"): _("December"),
    **{("person_group", group.value): group.label for group in PersonGroup},
}

# How a cell without a number is printed, and what the sign means: shown under every table that has one.
SYMBOLS: Mapping[Status, tuple[str, object]] = {
    Status.NOT_COLLECTED: ("..", _("not collected that year")),
    Status.SUPPRESSED: ("x", _("protected")),
    Status.MISSING: (":", _("not among what was published of that year")),
}

# What stands beside a table of children: by note, of how many persons a number is missing.
PERSONS_WITHOUT_NUMBER: Mapping[str, Plural] = {
    "persons_unknown": ngettext_lazy(
        "For {count} person the number of children is unknown for Sweden, for another country or both.",
        "For {count} persons the number of children is unknown for Sweden, for another country or both.",
    ),
    "persons_not_recorded": ngettext_lazy(
        "For {count} person the number of children is not recorded for Sweden, for another country or both.",
        "For {count} persons the number of children is not recorded for Sweden, for another country or both.",
    ),
}


def dimension_label(dimension_id: str, dimensions: tuple[Dimension, ...]) -> str:
    if dimension_id == YEAR:
        return gettext("Year")
    label = next(dimension.label for dimension in dimensions if dimension.id == dimension_id)
    return gettext(label)


def code_label(dimension_id: str, code: str, codebook: CodeBook) -> str:
    """The word for a code of a dimension, as tables print it."""
    if dimension_id == YEAR:
        return code
    if code == TOTAL:
        return pgettext("of a table", "Total")
    if code == NOT_RECORDED:
        return gettext("not recorded")
    if (dimension_id, code) in _FIXED:
        return str(_FIXED[dimension_id, code])
    return codebook.label(dimension_id, code)
