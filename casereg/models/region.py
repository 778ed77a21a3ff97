"""A coordinators' region, and the numbers it gives to its cases."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casereg.vocabularies import FIRST_YEAR


class RegionQuerySet(models.QuerySet["Region"]):
    def active(self) -> "RegionQuerySet":
        """Not retired: they take new cases and coordinators."""
        return self.filter(last_year__isnull=True)


class Region(models.Model):
    """Retired regions keep their cases; `last_year` is the last in which they took any."""

    code = models.CharField(_("code"), max_length=40, primary_key=True)
    label_sv = models.CharField(_("Swedish label"), max_length=80, unique=True)
    label_en = models.CharField(_("English label"), max_length=80)
    position = models.PositiveSmallIntegerField(_("order"))
    first_year = models.PositiveSmallIntegerField(_("first year"), default=FIRST_YEAR)
    last_year = models.PositiveSmallIntegerField(_("last year"), null=True, blank=True)
    # What stood in the text of its counties, before these were rows, and could not become one.
    counties_unread = models.CharField(_("counties"), max_length=200, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first_year__gte=FIRST_YEAR), name="region_first_year_in_register"
            ),
            models.CheckConstraint(
                condition=models.Q(last_year__isnull=True) | models.Q(last_year__gte=models.F("first_year")),
                name="region_last_year_not_before_first",
            ),
        ]

    def __str__(self) -> str:
        return self.label_sv

    @property
    def is_retired(self) -> bool:
        return self.last_year is not None


class RegionCounty(models.Model):
    """A county belongs to a region, from its first year to its last. Codes are those of `counties`."""

    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="+")
    county = models.CharField(_("county"), max_length=2)
    first_year = models.PositiveSmallIntegerField(_("first year"))
    last_year = models.PositiveSmallIntegerField(_("last year"), null=True, blank=True)

    class Meta:
        ordering = ["county", "first_year"]
        constraints = [
            models.UniqueConstraint(fields=["county", "first_year"], name="county_begins_in_one_region"),
            models.UniqueConstraint(
                fields=["county"],
                condition=models.Q(last_year__isnull=True),
                name="county_is_in_one_region_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(first_year__gte=FIRST_YEAR), name="county_first_year_in_register"
            ),
            models.CheckConstraint(
                condition=models.Q(last_year__isnull=True) | models.Q(last_year__gte=models.F("first_year")),
                name="county_last_year_not_before_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county} {self.region_id} {self.first_year}"


class ReferenceCounter(models.Model):
    """The last number given in a region's year. Its row is the lock behind which references are given."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="one_counter_per_region_and_year"),
            models.CheckConstraint(condition=models.Q(year__gte=FIRST_YEAR), name="counter_year_in_register"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.year}: {self.last}"
