"""A case's history: each write, with every field before and after. It is seen under the case's own rule."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casereg.models.case import Case
from casereg.models.region import Region
from casereg.vocabularies import NOTE_MAX

_REASONS = (
    "registered_in_error", "registered_twice", "not_within_criterion",
    "withdrawn_in_error", "within_criterion", "undone", "same_person", "different_person", "other",
)  # fmt: skip


class CaseHistory(models.Model):
    """`changes` is `{variable: [before, after]}` in the words of the case file. Rows never change.

    Only the region does: it is the case's, and the database moves it with the case.

    `confirmed` are the keys of the remarks that were confirmed with it (`casereg.remarks`).
    """

    class Action(models.TextChoices):
        REGISTER = "register", _("registered")
        IMPORT = "import", _("imported from a file")
        AMEND = "amend", _("amended")
        WITHDRAW = "withdraw", _("withdrawn")
        RESTORE = "restore", _("restored")
        MOVE = "move", _("taken over by another region")
        CONFIRM = "confirm", _("confirmed")

    class Reason(models.TextChoices):
        """Why a case is withdrawn or restored."""

        REGISTERED_IN_ERROR = "registered_in_error", _("registered in error")
        REGISTERED_TWICE = "registered_twice", _("registered twice")
        NOT_WITHIN_CRITERION = "not_within_criterion", _("not within the criterion")
        WITHDRAWN_IN_ERROR = "withdrawn_in_error", _("withdrawn in error")
        WITHIN_CRITERION = "within_criterion", _("within the criterion after all")
        UNDONE = "undone", _("undone right after registering")
        SAME_PERSON = "same_person", _("the same person is registered by another region")
        DIFFERENT_PERSON = "different_person", _("not the same person after all")
        OTHER = "other", _("other")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="history")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20, choices=Action.choices)
    changes = models.JSONField()
    reason = models.CharField(max_length=30, choices=Reason.choices, blank=True)
    note = models.CharField(max_length=NOTE_MAX, blank=True)
    confirmed = models.JSONField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__in=["", *_REASONS]), name="history_reason_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(action__in=["withdraw", "restore"]) | ~models.Q(reason=""),
                name="history_withdrawal_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.action} {self.at:%Y-%m-%d %H:%M}"
