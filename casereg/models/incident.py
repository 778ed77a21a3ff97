"""An incident: what ties together the persons of one event, within a region."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from casereg.models.region import Region


class IncidentQuerySet(models.QuerySet["Incident"]):
    def of_region(self, region_code: str) -> "IncidentQuerySet":
        return self.filter(region=region_code)

    def with_persons(self) -> "IncidentQuerySet":
        """With `persons`: how many standing cases each has."""
        return self.annotate(
            persons=models.Count("cases", filter=models.Q(cases__withdrawn_at__isnull=True))
        ).order_by("region__position", "reference")


class Incident(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(_("incident"), max_length=40)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["region", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["region", "reference"], name="incident_reference_unique_in_region"
            ),
        ]

    def __str__(self) -> str:
        return self.reference
