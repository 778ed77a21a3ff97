"""The lists that change with the years, the variables with their first year, and nationalities.

Codes are primary keys: a code is never renamed, and a record, its history and a file all say the same.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casereg.vocabularies import FIRST_YEAR


class _Labelled(models.Model):
    code = models.CharField(_("code"), max_length=40, primary_key=True)
    label_sv = models.CharField(_("Swedish label"), max_length=80)
    label_en = models.CharField(_("English label"), max_length=80)
    position = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        abstract = True
        ordering = ["position"]

    def __str__(self) -> str:
        return self.code


class _Defined(_Labelled):
    """Of what needs more than a label to be recorded alike in every region."""

    definition_sv = models.TextField(_("Swedish definition"), blank=True)
    definition_en = models.TextField(_("English definition"), blank=True)

    class Meta(_Labelled.Meta):
        abstract = True


class VariableRow(_Defined):
    """A variable of the register and the first year in which it is collected."""

    first_year = models.PositiveSmallIntegerField(_("first year"))

    class Meta(_Defined.Meta):
        db_table = "casereg_variable"


class _ListTerm(_Defined):
    first_year = models.PositiveSmallIntegerField(_("first year"))
    last_year = models.PositiveSmallIntegerField(_("last year"), null=True, blank=True)

    class Meta(_Defined.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(first_year__gte=FIRST_YEAR), name="%(class)s_first_year_in_register"
            ),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year")),
                name="%(class)s_last_year_not_before_first",
            ),
        ]


class ExploitationForm(_ListTerm):
    asks_for_industry = models.BooleanField(_("asks for industry"), default=False)
    # NULL where it cannot be said: for what is unknown, several forms in one, or another.
    covered_by_exploitation = models.BooleanField(_("covered by human exploitation"), null=True)


class ReferralSource(_ListTerm):
    pass


class Industry(_ListTerm):
    pass


class Nationality(_Labelled):
    pass


class VariableDefinition(models.Model):
    """What a variable means from a later year on. Until then it means what its own row says."""

    variable = models.ForeignKey(VariableRow, on_delete=models.PROTECT, related_name="+")
    first_year = models.PositiveSmallIntegerField(_("first year"))
    definition_sv = models.TextField(_("Swedish definition"))
    definition_en = models.TextField(_("English definition"))

    class Meta:
        ordering = ["variable", "first_year"]
        constraints = [
            models.UniqueConstraint(fields=["variable", "first_year"], name="one_definition_a_year"),
            models.CheckConstraint(
                condition=Q(first_year__gt=FIRST_YEAR), name="definition_year_in_register"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variable_id} {self.first_year}"


class _TermCorrespondence(models.Model):
    """One line of a correspondence table: from `first_year` on, `target` is recorded in place of `source`.

    A value that was split is the source of several lines; one that others were merged into, the target.
    """

    first_year = models.PositiveSmallIntegerField(_("first year"))

    class Meta:
        abstract = True
        ordering = ["first_year", "source", "target"]
        constraints = [
            models.UniqueConstraint(fields=["source", "target"], name="%(class)s_once"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="%(class)s_of_two_values"),
            models.CheckConstraint(condition=Q(first_year__gt=FIRST_YEAR), name="%(class)s_year_in_register"),
        ]

    def __str__(self) -> str:
        return f"{self.first_year}: {self.source_id} → {self.target_id}"  # type: ignore[attr-defined]


class FormCorrespondence(_TermCorrespondence):
    source = models.ForeignKey(ExploitationForm, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(ExploitationForm, on_delete=models.PROTECT, related_name="+")


class ReferralSourceCorrespondence(_TermCorrespondence):
    source = models.ForeignKey(ReferralSource, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(ReferralSource, on_delete=models.PROTECT, related_name="+")


class IndustryCorrespondence(_TermCorrespondence):
    source = models.ForeignKey(Industry, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Industry, on_delete=models.PROTECT, related_name="+")
