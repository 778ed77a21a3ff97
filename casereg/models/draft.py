"""A draft: what somebody has typed into a form and not yet sent. Its author alone sees it."""

import uuid
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casereg.models.region import Region

KEPT_FOR: Final = timedelta(days=7)


class DraftQuerySet(models.QuerySet["Draft"]):
    def kept(self) -> "DraftQuerySet":
        """Not older than drafts are kept."""
        return self.filter(saved_at__gt=timezone.now() - KEPT_FOR)

    def expired(self) -> "DraftQuerySet":
        return self.filter(saved_at__lte=timezone.now() - KEPT_FOR)


class Draft(models.Model):
    """`fields` are the form's, as typed. `number` is the form's own id, which its submission carries too.

    `about` is the case or the incident that an amendment or an addition is for. The region is that of the
    author when it was begun: whoever has moved to another region no longer finds it.
    """

    class Page(models.TextChoices):
        """The page that it was typed on, by the name of its address."""

        CASE_REGISTER = "case_register", _("a case")
        CASE_AMEND = "case_amend", _("an amendment of a case")
        INCIDENT_REGISTER = "incident_register", _("an incident with its persons")
        INCIDENT_AMEND = "incident_amend", _("an amendment of an incident's cases")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="+")
    number = models.UUIDField()
    page = models.CharField(max_length=20, choices=Page.choices)
    about = models.UUIDField(null=True)
    fields = models.JSONField()
    begun_at = models.DateTimeField()
    saved_at = models.DateTimeField(db_index=True)

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["author", "number"], name="draft_of_a_form_is_one"),
            models.CheckConstraint(
                condition=models.Q(
                    page__in=["case_register", "case_amend", "incident_register", "incident_amend"]
                ),
                name="draft_page_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} {self.saved_at:%Y-%m-%d %H:%M}"
