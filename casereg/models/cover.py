"""Cover for a colleague on leave: a coordinator works in a second region, for a stated time."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casereg.models.region import Region


class CoverQuerySet(models.QuerySet["Cover"]):
    def in_force(self) -> "CoverQuerySet":
        """Begun, not past its last day, and not ended before it."""
        today = timezone.localdate()
        return self.filter(first_day__lte=today, last_day__gte=today, ended_at=None)

    def going_on(self) -> "CoverQuerySet":
        """In force, or to come."""
        return self.filter(last_day__gte=timezone.localdate(), ended_at=None)


class Cover(models.Model):
    """Both days belong to it. It is never deleted: who could see a region's cases, and when, stays known."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = CoverQuerySet.as_manager()

    class Meta:
        ordering = ["first_day", "region"]
        indexes = [models.Index(fields=["user", "last_day"], name="covers_of_user")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")),
                name="cover_last_day_not_before_first",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by__isnull=True)
                | models.Q(ended_at__isnull=False, ended_by__isnull=False),
                name="cover_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.region_id} {self.first_day}–{self.last_day}"

    @property
    def is_in_force(self) -> bool:
        return self.ended_at is None and self.first_day <= timezone.localdate() <= self.last_day

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None or self.last_day < timezone.localdate()
