"""How much the values of a code list are used: by records, by their histories, by changes of the list.

Whoever keeps the lists sees no case, and counts them in the whole country.
"""

from collections.abc import Mapping

from django.db.models import Count, Q
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from casereg.models import Case, CaseHistory, IncidentHistory
from casereg.row_security import EVERYTHING, within
from casereg.stored_codebook import CORRESPONDENCES

Use = Mapping[str, Mapping[int, int]]


def use_by_year(variable: str) -> dict[str, dict[int, int]]:
    """By value and year, the records that have it: standing and withdrawn ones alike, in one query."""
    rows = Case.objects.filter(**{f"{variable}__isnull": False}).order_by().values_list(variable, "year")
    used: dict[str, dict[int, int]] = {}
    with within(EVERYTHING):
        for code, year, number in rows.annotate(number=Count("pk")):
            used.setdefault(code, {})[year] = number
    return {code: dict(sorted(by_year.items())) for code, by_year in used.items()}


def has_records_from(year: int) -> bool:
    with within(EVERYTHING):
        return Case.objects.filter(year__gte=year).exists()


def is_used(variable: str, code: str) -> bool:
    """A record has it or had it, or another value became it, or it another value."""
    lines = CORRESPONDENCES[variable]._default_manager.filter(Q(source=code) | Q(target=code))
    had = Q(**{f"changes__{variable}__0": code}) | Q(**{f"changes__{variable}__1": code})
    with within(EVERYTHING):
        return (
            lines.exists()
            or Case.objects.filter(**{variable: code}).exists()
            or CaseHistory.objects.filter(had).exists()
            or IncidentHistory.objects.filter(had).exists()
        )


def records_by_year_in_words(by_year: Mapping[int, int]) -> str:
    """“3 of 2025 and 1 of 2026”."""
    parts = [
        ngettext("{number} record of {year}", "{number} records of {year}", number).format(
            number=number, year=year
        )
        for year, number in sorted(by_year.items())
    ]
    return get_text_list(parts, gettext("and"))
