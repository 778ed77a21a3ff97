"""The code book as it is stored: the lists and variables of the database, and the fixed lists.

Definitions are loaded by themselves, since most pages do without them.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from django.db import connection, models
from django.db.models import F, Value
from django.db.models.functions import Cast
from django.utils import translation
from django.utils.functional import Promise

from casereg.codebook import CodeBook, DatedDefinition, Definition, Definitions, Term, Variable
from casereg.correspondences import Correspondence
from casereg.models import (
    ExploitationForm,
    FormCorrespondence,
    Industry,
    IndustryCorrespondence,
    Nationality,
    ReferralSource,
    ReferralSourceCorrespondence,
    Region,
    VariableDefinition,
    VariableRow,
)
from casereg.vocabularies import DEFINITIONS, FIRST_YEAR, AgeGroup, Assessment, JointInspection, Sex

LISTS: dict[str, type[models.Model]] = {
    "form": ExploitationForm,
    "referral_source": ReferralSource,
    "industry": Industry,
}
CORRESPONDENCES: dict[str, type[models.Model]] = {
    "form": FormCorrespondence,
    "referral_source": ReferralSourceCorrespondence,
    "industry": IndustryCorrespondence,
}
_FIXED: dict[str, type[models.TextChoices]] = {
    "sex": Sex,
    "age_group": AgeGroup,
    "assessment": Assessment,
    "joint_inspection": JointInspection,
}
_OF_FORMS = {"asks": F("asks_for_industry"), "covered": F("covered_by_exploitation")}


def load_codebook() -> CodeBook:
    """The code book as it stands now, in one query."""
    statement, parameters = _codebook_statement(connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return _codebook_of(tuple(cursor.fetchall()))


@lru_cache(maxsize=4)
def _codebook_of(rows: tuple[tuple[Any, ...], ...]) -> CodeBook:
    """Made once of what is stored: it hardly ever changes."""
    stored = sorted(rows, key=lambda row: row[:3])
    variables = {
        code: Variable(code, label_sv, label_en, first)
        for kind, _position, code, label_sv, label_en, first, *_of_terms in stored
        if kind == "variable"
    }
    terms: dict[str, dict[str, Term]] = {
        name: {term.code: term for term in _fixed_terms(choices, variables[name].first_year)}
        for name, choices in _FIXED.items()
    }
    for kind, _position, code, label_sv, label_en, first, last, asks, covered in stored:
        if kind != "variable":
            is_covered = None if covered is None else bool(covered)
            terms.setdefault(kind, {})[code] = Term(
                code, label_sv, label_en, first, last, bool(asks), is_covered
            )
    return CodeBook(variables=variables, terms=terms)


@cache
def _codebook_statement(_vendor: str) -> tuple[str, tuple[str | int | None, ...]]:
    """The query as SQL. Putting it together takes Django longer than the database takes to answer."""

    def rows(kind: str, queryset: models.QuerySet, **columns: object) -> models.QuerySet:
        return (
            queryset.order_by()
            .annotate(
                kind=Value(kind, output_field=models.CharField()),
                first=columns.get("first", Value(FIRST_YEAR)),
                last=columns.get("last", Cast(Value(None), models.IntegerField())),
                asks=columns.get("asks", Value(False)),
                covered=columns.get("covered", Cast(Value(None), models.BooleanField())),
            )
            .values_list(
                "kind", "position", "code", "label_sv", "label_en", "first", "last", "asks", "covered"
            )
        )

    queries = [rows("variable", VariableRow.objects.all(), first=F("first_year"))]
    queries += [
        rows(
            variable,
            model._default_manager.all(),
            first=F("first_year"),
            last=F("last_year"),
            **(_OF_FORMS if model is ExploitationForm else {}),
        )
        for variable, model in LISTS.items()
    ]
    queries += [rows("nationality", Nationality.objects.all())]
    queries += [rows("region", Region.objects.all(), first=F("first_year"), last=F("last_year"))]
    statement: tuple[str, tuple[str | int | None, ...]] = (
        queries[0].union(*queries[1:], all=True).query.sql_with_params()
    )
    return statement


def load_correspondences() -> list[Correspondence]:
    """What the values of the lists became, by year, in one query."""
    first, *others = (
        model._default_manager.order_by()
        .annotate(variable=Value(variable, output_field=models.CharField()))
        .values_list("variable", "source_id", "target_id", "first_year")
        for variable, model in CORRESPONDENCES.items()
    )
    lines = (Correspondence(*row) for row in first.union(*others, all=True))
    return sorted(lines, key=lambda line: (line.first_year, line.variable, line.source, line.target))


def load_definitions() -> Definitions:
    """What the variables and their values mean, in one query."""

    def rows(kind: str, model: type[models.Model], *, code: str = "code", first: object) -> models.QuerySet:
        return (
            model._default_manager.order_by()
            .annotate(kind=Value(kind, output_field=models.CharField()), first=first)
            .values_list("kind", code, "first", "definition_sv", "definition_en")
        )

    queries = [rows(name, model, first=F("first_year")) for name, model in LISTS.items()]
    queries.append(rows("variable", VariableDefinition, code="variable_id", first=F("first_year")))
    # What a variable means until a later year says otherwise stands in its own row.
    of_variables = rows("variable", VariableRow, first=F("first_year"))
    variables: dict[str, list[DatedDefinition]] = {}
    terms: dict[str, dict[str, Definition]] = {
        name: dict(zip(choices.values, _fixed_definitions(choices), strict=True))
        for name, choices in _FIXED.items()
    }
    for kind, code, first, text_sv, text_en in sorted(of_variables.union(*queries, all=True)):
        definition = Definition(text_sv, text_en)
        if kind == "variable":
            variables.setdefault(code, []).append(DatedDefinition(first, definition))
        else:
            terms.setdefault(kind, {})[code] = definition
    return Definitions(variables=variables, terms=terms)


@cache
def _fixed_terms(choices: type[models.TextChoices], first_year: int) -> Sequence[Term]:
    labels = _in_both_languages([choice.label for choice in choices])
    return [
        Term(code, label_sv, label_en, first_year)
        for code, (label_sv, label_en) in zip(choices.values, labels, strict=True)
    ]


def _fixed_definitions(choices: type[models.TextChoices]) -> Iterable[Definition]:
    texts = _in_both_languages([DEFINITIONS[choices][choice] for choice in choices])
    return [Definition(text_sv, text_en) for text_sv, text_en in texts]


def _in_both_languages(texts: Iterable[str | Promise]) -> list[tuple[str, str]]:
    """(Swedish, English) of each text."""
    spoken = []
    for language in ("sv", "en"):
        with translation.override(language):
            spoken.append([str(text) for text in texts])
    return list(zip(*spoken, strict=True))
