"""An offer of a case to another region. Until that accepts, the case stays where it is."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from casereg.models.case import Case
from casereg.models.region import Region
from casereg.vocabularies import NOTE_MAX


class OfferQuerySet(models.QuerySet["Offer"]):
    def open(self) -> "OfferQuerySet":
        return self.filter(state=Offer.State.OPEN)

    def made_to(self, region_code: str) -> "OfferQuerySet":
        return self.filter(to_region=region_code)

    def made_by(self, region_code: str) -> "OfferQuerySet":
        return self.filter(from_region=region_code)


class Offer(models.Model):
    """`reference` is the case's in the region that offers it, as it was then."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        ACCEPTED = "accepted", _("taken over")
        DECLINED = "declined", _("declined")
        TAKEN_BACK = "taken_back", _("taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="offers")
    reference = models.CharField(_("reference"), max_length=40)
    from_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    to_region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=NOTE_MAX)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="open"), name="offer_open_once"),
            models.CheckConstraint(condition=~Q(from_region=F("to_region")), name="offer_to_another_region"),
            models.CheckConstraint(condition=~Q(reason=""), name="offer_has_reason"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True, answered_by__isnull=True)
                | Q(
                    state__in=["accepted", "declined", "taken_back"],
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                ),
                name="offer_answered_by_somebody_at_some_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} → {self.to_region_id}, {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN
