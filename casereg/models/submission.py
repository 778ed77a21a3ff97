"""A form that was sent and stored. The id that it carries is stored once, so that a repetition is seen."""

from django.conf import settings
from django.db import models

from casereg.models.case import Case
from casereg.models.incident import Incident
from casereg.models.region import Region


class Submission(models.Model):
    """`number` is the form's own id, made when it was drawn; `content_hash` tells a repetition from a mix-up.

    It leads to what it stored: a case, or an incident with `persons`. `undone_at`: its cases were withdrawn
    in one go, right after they were registered.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    number = models.UUIDField()
    content_hash = models.CharField(max_length=64, blank=True)  # blank for an amendment
    at = models.DateTimeField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="+")
    # That of the case or the incident; none where an amendment was sent.
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    persons = models.ManyToManyField(Case, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["by", "number"], name="submission_is_stored_once"),
            models.CheckConstraint(
                condition=models.Q(case=None, incident=None) | models.Q(region__isnull=False),
                name="submission_of_something_has_its_region",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.at:%Y-%m-%d %H:%M}"
