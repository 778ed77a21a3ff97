"""A verdict on two cases of different regions: are they the same person? Given by an analyst."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from casereg.models.case import Case


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def in_force(self) -> "VerdictQuerySet":
        """Not taken back."""
        return self.filter(taken_back_at__isnull=True)

    def on_pair(self, one: uuid.UUID, other: uuid.UUID) -> "VerdictQuerySet":
        first, second = sorted((one, other))
        return self.filter(first=first, second=second)

    def withdrawing(self, case: Case) -> "VerdictQuerySet":
        """Those by which the case is the same person as one that stands."""
        on_case = Q(first=case) | Q(second=case)
        return self.in_force().filter(on_case, answer=Verdict.Answer.SAME).exclude(stands=case)

    def in_goes(self) -> models.QuerySet["Verdict", Any]:
        """What was given in one go and is in force, latest first: `pairs`, and `example`, the id of one."""
        of_go = self.in_force().order_by().values("at", "by", "answer")
        # As text: PostgreSQL has no least UUID.
        example = models.Min(Cast("pk", models.CharField(max_length=36)))
        return of_go.annotate(pairs=models.Count("pk"), example=example).order_by("-at", "by")

    def of_nobody(self) -> "VerdictQuerySet":
        """Of the same person, whom nothing counts any more: the record that stood is withdrawn since.

        Unless it is so by a verdict of its own, by which a third record stands.
        """
        same = Verdict.objects.in_force().filter(answer=Verdict.Answer.SAME)
        stood = models.OuterRef("stands")
        is_counted = Q(first__withdrawn_at__isnull=True) | Q(second__withdrawn_at__isnull=True)
        passed_on = same.filter(Q(first=stood) | Q(second=stood)).exclude(stands=stood)
        of_same = self.in_force().filter(answer=Verdict.Answer.SAME).exclude(is_counted)
        return of_same.exclude(models.Exists(passed_on))


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
