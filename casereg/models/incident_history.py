"""An incident's history: what was done to it as a whole. Each of its cases tells the same in its own."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casereg.models.incident import Incident
from casereg.models.region import Region


class IncidentHistory(models.Model):
    """`changes` is `{"reference" or variable: [before, after]}`, `references` the cases concerned.

    A before that differed between the cases is "…". Rows never change.
    """

    class Action(models.TextChoices):
        CREATE = "create", _("created")
        RENAME = "rename", _("renamed")
        REGISTER = "register", _("persons registered")
        ADD = "add", _("persons added")
        TAKE_OUT = "take_out", _("person taken out")
        AMEND = "amend", _("all persons amended")
        UNDO = "undo", _("registering undone")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="history")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")  # the incident's
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    changes = models.JSONField(default=dict)
    references = models.JSONField(default=list)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.action} {self.at:%Y-%m-%d %H:%M}"
