"""The code book as it is stored: the lists and variables of the database, and the fixed lists."""

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast
from django.utils import translation

from casereg.codebook import CodeBook, Term, Variable
from casereg.models import (
    ExploitationForm,
    Industry,
    Nationality,
    ReferralSource,
    Region,
    VariableRow,
)
from casereg.vocabularies import FIRST_YEAR, AgeGroup, Assessment, JointInspection, Sex

_LISTS: dict[str, type[models.Model]] = {
    "form": ExploitationForm,
    "referral_source": ReferralSource,
    "industry": Industry,
}
_FIXED: dict[str, type[models.TextChoices]] = {
    "sex": Sex,
    "age_group": AgeGroup,
    "assessment": Assessment,
    "joint_inspection": JointInspection,
}


def load_codebook() -> CodeBook:
    """The code book as it stands now, in one query."""
    def rows(kind: str, queryset: models.QuerySet, **columns: object) -> models.QuerySet:
        return (
            queryset.order_by()
            .annotate(
                kind=Value(kind, output_field=models.CharField()),
                first=columns.get("first", Value(FIRST_YEAR)),
                last=columns.get("last", Cast(Value(None), models.IntegerField())),
                asks=columns.get("asks", Value(False)),
            )
            .values_list("kind", "position", "code", "label_sv", "label_en", "first", "last", "asks")
        )

    queries = [rows("variable", VariableRow.objects.all(), first=F("first_year"))]
    queries += [
        rows(
            variable,
            model._default_manager.all(),
            first=F("first_year"),
            last=F("last_year"),
            **({"asks": F("asks_for_industry")} if model is ExploitationForm else {}),
        )
        for variable, model in _LISTS.items()
    ]
    queries += [rows("nationality", Nationality.objects.all())]
    queries += [rows("region", Region.objects.all())]
    stored = sorted(queries[0].union(*queries[1:], all=True))
    variables = {
        code: Variable(code, label_sv, label_en, first)
        for kind, _position, code, label_sv, label_en, first, _last, _asks in stored
        if kind == "variable"
    }
    terms: dict[str, dict[str, Term]] = {
        name: {term.code: term for term in _fixed_terms(choices, variables[name].first_year)}
        for name, choices in _FIXED.items()
    }
    for kind, _position, code, label_sv, label_en, first, last, asks in stored:
        if kind != "variable":
            terms.setdefault(kind, {})[code] = Term(
                code, label_sv, label_en, first, last, bool(asks)
            )
    return CodeBook(variables=variables, terms=terms)


def _fixed_terms(choices: type[models.TextChoices], first_year: int) -> Iterable[Term]:
    labels = {}
    for language in ("sv", "en"):
        with translation.override(language):
            labels[language] = [str(choice.label) for choice in choices]
    for choice, label_sv, label_en in zip(choices, labels["sv"], labels["en"], strict=True):
        yield Term(choice.value, label_sv, label_en, first_year)
