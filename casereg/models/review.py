"""Signatures: that the list of people was right on a day, and that a month of the trail was read."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class PeopleReview(models.Model):
    """An administrator has confirmed who may log in. `people` is the list as it stood, without names:
    one object a person, with `user` (id), `role`, `region`, and `covers` (regions with their days)."""

    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    people = models.JSONField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class TrailReview(models.Model):
    """An administrator has read what was done in a region's month. `last_sequence`: the last event of it.

    `region` is what stands in the events, as in the trail itself: blank where they are of none, and it
    stays the code of a region that was deleted.
    """

    region = models.CharField(max_length=40, blank=True)
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    events = models.PositiveIntegerField()
    last_sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["year", "month", "region"]
        constraints = [
            models.UniqueConstraint(fields=["region", "year", "month"], name="one_trail_review_a_month"),
            models.CheckConstraint(
                condition=models.Q(month__gte=1, month__lte=12), name="trail_review_month_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region or '-'} {self.year}-{self.month:02}"
