"""The calendar of the variables: since when each is asked, and what it meant in each year."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from casereg.access import Permission, UserRequest, has_permission, requires
from casereg.actions.definitions import DefinitionRefused, add_definition
from casereg.codebook import Definitions, Variable
from casereg.forms.definitions import DefinitionForm
from casereg.months import this_month
from casereg.stored_codebook import load_codebook, load_definitions
from casereg.vocabularies import FIRST_YEAR


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """`asked` says it year by year; `definitions` are (years, text, whether it is yet to come)."""

    variable: Variable
    asked: list[bool]
    definitions: list[tuple[str, str, bool]]


@requires(Permission.START)
@require_safe
def calendar_read(request: UserRequest) -> HttpResponse:
    this_year = int(this_month()[:4])
    years = range(FIRST_YEAR, this_year + 1)
    codebook, definitions = load_codebook(), load_definitions()
    rows = [
        CalendarRow(
            variable,
            [codebook.is_collected(variable.code, year) for year in years],
            _definitions_of(variable.code, definitions, this_year),
        )
        for variable in codebook.variables.values()
    ]
    may_define = has_permission(request.user, Permission.MANAGE_LISTS)
    context = {"years": years, "rows": rows, "may_define": may_define}
    return render(request, "casereg/calendar_read.html", context)


@requires(Permission.MANAGE_LISTS)
@require_http_methods(["GET", "HEAD", "POST"])
def definition_add(request: UserRequest, variable: str) -> HttpResponse:
    codebook, definitions = load_codebook(), load_definitions()
    if variable not in codebook.variables:
        raise ObjectDoesNotExist
    now_in_force = definitions.of_variable(variable, int(this_month()[:4]))
    form = DefinitionForm(
        request.POST if request.method == "POST" else None,
        initial={"definition_sv": now_in_force.text_sv, "definition_en": now_in_force.text_en},
    )
    if request.method == "POST" and form.is_valid():
        try:
            add_definition(variable=variable, **form.cleaned_data, by=request.user)
        except DefinitionRefused as refused:
            form.add_findings(refused.findings)
        else:
            messages.success(request, gettext("The definition is stored."))
            return redirect(f"{reverse('calendar_read')}#{variable}")
    context = {
        "variable": codebook.variables[variable],
        "definitions": _definitions_of(variable, definitions, int(this_month()[:4])),
        "form": form,
    }
    return render(request, "casereg/definition_add.html", context)


def _definitions_of(variable: str, definitions: Definitions, this_year: int) -> list[tuple[str, str, bool]]:
    dated = definitions.variables[variable]
    ends = [each.first_year - 1 for each in dated[1:]]
    printed = []
    for each, last in zip(dated, [*ends, None], strict=True):
        years = (
            gettext("From {year}").format(year=each.first_year)
            if last is None
            else f"{each.first_year}–{last}"
        )
        text = each.definition.text or gettext("No definition has been written yet.")
        printed.append((years, text, each.first_year > this_year))
    return printed
