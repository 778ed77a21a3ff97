"""A coordinators' region, and the numbers it gives to its cases."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casereg.vocabularies import FIRST_YEAR


class Region(models.Model):
    code = models.CharField(_("code"), max_length=40, primary_key=True)
    label_sv = models.CharField(_("Swedish label"), max_length=80, unique=True)
    label_en = models.CharField(_("English label"), max_length=80)
    position = models.PositiveSmallIntegerField(_("order"))

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.label_sv


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
