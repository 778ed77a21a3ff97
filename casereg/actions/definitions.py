"""Writes to what variables mean: a new definition from a year on, which changes none of a recorded year."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.access import Permission, has_permission
from casereg.actions.cases import hold_cases
from casereg.list_use import has_records_from
from casereg.models import AuditEvent, User, VariableDefinition, VariableRow
from casereg.quality import Finding, Refused, text_findings

TEXTS: Final = ("definition_sv", "definition_en")


class DefinitionRefused(Refused):
    """Of a variable’s definition."""


def years_of_definitions() -> tuple[int, int]:
    """The years from which a new definition may hold: the present one and the next."""
    this_year = timezone.localdate().year
    return this_year, this_year + 1


def add_definition(
    *, variable: str, first_year: int, definition_sv: str, definition_en: str, by: User
) -> None:
    """What the variable means from the year on. Said again before any record of that year, it is replaced."""
    if not has_permission(by, Permission.MANAGE_LISTS):
        raise PermissionDenied
    with transaction.atomic():
        hold_cases()  # no record of the year is stored meanwhile
        row = VariableRow.objects.get(pk=variable)
        texts = {"definition_sv": definition_sv, "definition_en": definition_en}
        findings = _findings(row, first_year, texts)
        if findings:
            raise DefinitionRefused(findings)
        VariableDefinition.objects.update_or_create(variable=row, first_year=first_year, defaults=texts)
        AuditEvent.objects.append(
            by=by, action="definition_add", object=f"variable {variable} {first_year}", fields=TEXTS
        )


def _findings(row: VariableRow, first_year: int, texts: dict[str, str]) -> list[Finding]:
    found = []
    for name, text in texts.items():
        if not text.strip():
            found.append(Finding(name, text, _("Enter the definition.")))
        found += text_findings(name, text)
    if first_year not in years_of_definitions() or first_year <= row.first_year:
        found.append(Finding("first_year", str(first_year), _("Choose one of the years of the list.")))
    elif has_records_from(first_year):
        problem = gettext("There are records of {year}: they were made under the definition of that time.")
        found.append(Finding("first_year", str(first_year), problem.format(year=first_year)))
    return found
