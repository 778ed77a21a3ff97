"""A case: one person about whom there is reason to assume trafficking or exploitation."""

import uuid
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from casereg.case_content import CaseContent
from casereg.case_filter import STANDING, WITHDRAWN, CaseFilter
from casereg.models.incident import Incident
from casereg.models.region import Region
from casereg.models.terms import ExploitationForm, Industry, Nationality, ReferralSource
from casereg.vocabularies import (
    CHILDREN_MAX,
    FIRST_YEAR,
    NOT_RECORDED,
    UNKNOWN,
    AgeGroup,
    Assessment,
    JointInspection,
    Sex,
)


def _position(column: str, choices: type[models.TextChoices]) -> models.Case:
    """The place of a fixed list's value in its printed order."""
    return models.Case(
        *(models.When(**{column: value}, then=place) for place, value in enumerate(choices.values)),
        output_field=models.SmallIntegerField(),
    )


_SORT_COLUMNS = {
    "month": ("year", "month"),
    "reference": ("reference",),
    "region": ("region__position",),
    "form": ("form__position",),
    "sex": ("sex_position",),
    "age_group": ("age_position",),
    "nationality": ("nationality__position",),
}


_CONTENT_COLUMNS = (
    "year",
    "month",
    "assessment",
    "form_id",
    "sex",
    "age_group",
    "nationality_id",
    "referral_source_id",
    "joint_inspection",
    "industry_id",
    "children_in_sweden",
    "children_in_sweden_unknown",
    "children_abroad",
    "children_abroad_unknown",
)


class CaseQuerySet(models.QuerySet["Case"]):
    def standing(self) -> "CaseQuerySet":
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def of_year(self, year: int) -> "CaseQuerySet":
        return self.filter(year=year)

    def of_region(self, region_code: str) -> "CaseQuerySet":
        return self.filter(region=region_code)

    def withdrawn(self) -> "CaseQuerySet":
        return self.filter(withdrawn_at__isnull=False)

    def matching(self, wanted: CaseFilter) -> "CaseQuerySet":
        """Narrowed, and in the order asked for."""
        exact = {
            name: getattr(wanted, name)
            for name in ("year", "month", "region", "form", "sex", "age_group", "nationality")
            if getattr(wanted, name)
        }
        cases: CaseQuerySet = self.filter(**exact)
        if wanted.state == WITHDRAWN:
            cases = cases.withdrawn()
        elif wanted.state == STANDING:
            cases = cases.standing()
        if wanted.incident:
            cases = cases.filter(incident__reference__icontains=wanted.incident)
        if wanted.reference:
            cases = cases.filter(reference__icontains=wanted.reference)
        return cases.in_order(wanted.sort)

    def saying_any_of(self, contents: Iterable[CaseContent]) -> "CaseQuerySet":
        """The cases whose values are all those of one of the contents. Incidents are left aside."""
        said = Q(pk__in=())
        for content in contents:
            probe = Case()
            probe.record(content, incident=None)
            said |= Q(**{column: getattr(probe, column) for column in _CONTENT_COLUMNS})
        return self.filter(said)

    def counted_by_content(self) -> Iterator[tuple[CaseContent, str, int, str]]:
        """(content without its incident, the incident's reference, number of cases, one's reference)."""
        grouped = self.order_by().values(*_CONTENT_COLUMNS, "incident__reference")
        for row in grouped.annotate(number=models.Count("pk"), example=models.Min("reference")):
            incident, number = row.pop("incident__reference"), row.pop("number")
            example = row.pop("example")
            yield Case(**row).content, incident or NOT_RECORDED, number, example

    def in_order(self, sort: str) -> "CaseQuerySet":
        """By one of `case_filter.SORTS`; equal ones newest first."""
        direction = "-" if sort.startswith("-") else ""
        columns = [f"{direction}{column}" for column in _SORT_COLUMNS[sort.removeprefix("-")]]
        return self.alias(
            sex_position=_position("sex", Sex), age_position=_position("age_group", AgeGroup)
        ).order_by(*columns, "-year", "-month", "-registered_at", "-reference", "id")


def _children_rule(column: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{column}__isnull": True})
        | Q(**{f"{column}__gte": 0, f"{column}__lte": CHILDREN_MAX, f"{column}_unknown": False}),
        name=f"case_{column}_number_or_unknown",
    )


def _choice_rule(column: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{column}__in": choices.values}), name=f"case_{column}_known"
    )


class Case(models.Model):
    """NULL in a variable that may be blank means: not recorded.

    Rules that look at other tables (industry and form, years of values and variables, the incident's
    region) are triggers: see the migration `case_rules`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(_("reference"), max_length=40)
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    assessment = models.CharField(_("assessment"), max_length=20, choices=Assessment.choices)
    form = models.ForeignKey(
        ExploitationForm, verbose_name=_("form"), on_delete=models.PROTECT, related_name="+"
    )
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices)
    age_group = models.CharField(_("age group"), max_length=10, choices=AgeGroup.choices)
    nationality = models.ForeignKey(
        Nationality, verbose_name=_("nationality"), on_delete=models.PROTECT, related_name="+"
    )
    referral_source = models.ForeignKey(
        ReferralSource,
        verbose_name=_("referral source"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # NULL, not "", for what is blank: every variable says "not recorded" in the same way.
    joint_inspection = models.CharField(
        _("joint inspection"), max_length=10, choices=JointInspection.choices, null=True, blank=True
    )
    industry = models.ForeignKey(
        Industry,
        verbose_name=_("industry"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    children_in_sweden = models.PositiveSmallIntegerField(_("children in Sweden"), null=True, blank=True)
    children_in_sweden_unknown = models.BooleanField(default=False)
    children_abroad = models.PositiveSmallIntegerField(_("children abroad"), null=True, blank=True)
    children_abroad_unknown = models.BooleanField(default=False)
    incident = models.ForeignKey(
        Incident,
        verbose_name=_("incident"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
    )
    registered_at = models.DateTimeField(_("registered"))
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["region", "reference"]
        indexes = [
            models.Index(fields=["year", "region"], name="case_year_region"),
            models.Index(
                fields=["region", "-year", "-month", "-registered_at", "id"], name="case_list_order"
            ),
            models.Index(fields=["-year", "-month", "-registered_at", "id"], name="case_list_of_all"),
            # For the yearbook's series, which look at every year.
            models.Index(
                fields=["year", "form", "sex", "age_group", "nationality", "region"],
                condition=Q(withdrawn_at__isnull=True),
                name="case_counts",
            ),
            # For "already registered?" and for the same person in two regions.
            models.Index(
                fields=["form", "nationality", "sex", "age_group", "year", "month"], name="case_same_person"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["region", "reference"], name="case_reference_unique_in_region"),
            models.CheckConstraint(condition=Q(year__gte=FIRST_YEAR), name="case_year_in_register"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="case_month_in_year"),
            _choice_rule("assessment", Assessment),
            _choice_rule("sex", Sex),
            _choice_rule("age_group", AgeGroup),
            models.CheckConstraint(
                condition=Q(joint_inspection__isnull=True) | Q(joint_inspection__in=JointInspection.values),
                name="case_joint_inspection_known",
            ),
            _children_rule("children_in_sweden"),
            _children_rule("children_abroad"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def has_open_offer(self) -> bool:
        """Another region is asked to take it over, and has not answered."""
        return self.offers.filter(state="open").exists()

    @property
    def content(self) -> CaseContent:
        """What is recorded, as text. Reads `incident`: select it with the case."""
        return CaseContent(
            month=f"{self.year}-{self.month:02}",
            assessment=self.assessment,
            form=self.form_id,
            sex=self.sex,
            age_group=self.age_group,
            nationality=self.nationality_id,
            referral_source=self.referral_source_id or NOT_RECORDED,
            joint_inspection=self.joint_inspection or NOT_RECORDED,
            industry=self.industry_id or NOT_RECORDED,
            children_in_sweden=_children_text(self.children_in_sweden, self.children_in_sweden_unknown),
            children_abroad=_children_text(self.children_abroad, self.children_abroad_unknown),
            incident=self.incident.reference if self.incident else NOT_RECORDED,
        )

    def record(self, content: CaseContent, *, incident: Incident | None) -> None:
        """Take over checked content. The incident is the one that `content.incident` names."""
        year, month = content.month.split("-")
        self.year, self.month = int(year), int(month)
        self.assessment = content.assessment
        self.form_id = content.form
        self.sex = content.sex
        self.age_group = content.age_group
        self.nationality_id = content.nationality
        self.referral_source_id = content.referral_source or None
        self.joint_inspection = content.joint_inspection or None
        self.industry_id = content.industry or None
        self.children_in_sweden, self.children_in_sweden_unknown = _children_columns(
            content.children_in_sweden
        )
        self.children_abroad, self.children_abroad_unknown = _children_columns(content.children_abroad)
        self.incident = incident


def _children_text(number: int | None, unknown: bool) -> str:
    if unknown:
        return UNKNOWN
    return NOT_RECORDED if number is None else str(number)


def _children_columns(text: str) -> tuple[int | None, bool]:
    if text in (UNKNOWN, NOT_RECORDED):
        return None, text == UNKNOWN
    return int(text), False
