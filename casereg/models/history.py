"""A case's history: each write, with every field before and after. It is seen under the case's own rule."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casereg.models.case import Case


class CaseHistory(models.Model):
    """`changes` is `{variable: [before, after]}` in the words of the case file. Rows never change."""

    class Action(models.TextChoices):
        REGISTER = "register", _("registered")
        IMPORT = "import", _("imported from a file")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="history")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    changes = models.JSONField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.action} {self.at:%Y-%m-%d %H:%M}"
