"""A verdict on two cases of different regions: are they the same person? Given by an analyst."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casereg.models.case import Case


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def in_force(self) -> "VerdictQuerySet":
        """Not taken back."""
        return self.filter(taken_back_at__isnull=True)


class Verdict(models.Model):
    """On one pair; `first` has the lower id. Of the same person `stands` counts, the other does not."""

    class Answer(models.TextChoices):
        SAME = "same", _("the same person")
        DIFFERENT = "different", _("different persons")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=20, choices=Answer.choices)
    stands = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = VerdictQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=Q(taken_back_at__isnull=True),
                name="verdict_on_a_pair_is_one",
            ),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="verdict_pair_in_order"),
            models.CheckConstraint(
                condition=Q(answer="different", stands__isnull=True)
                | Q(answer="same", stands=F("first"))
                | Q(answer="same", stands=F("second")),
                name="verdict_same_says_which_stands",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.answer}"
