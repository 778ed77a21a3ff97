"""What the yearbook keeps of its own: totals that were published of years before the register."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublishedCount(models.Model):
    """One printed count of an earlier year, as a cell of a series: the table, and the code in it.

    It cannot be recomputed; The basis says what the publication says that it covers.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    table = models.CharField(max_length=40)  # the id of a series in stats.tables
    code = models.CharField(max_length=40)  # of the series' dimension, `_T` for the total
    count = models.PositiveIntegerField()
    basis_sv = models.CharField(max_length=200)
    basis_en = models.CharField(max_length=200)
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["year", "table", "code"]
        constraints = [
            models.UniqueConstraint(fields=["year", "table", "code"], name="published_count_once_per_cell"),
            models.CheckConstraint(condition=models.Q(year__gte=2018), name="published_count_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.table} {self.code}: {self.count}"
