"""A mailed link that lets its reader choose a password. Each person has one at most: the newest."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LinkQuerySet(models.QuerySet["AccountLink"]):
    def holding(self) -> "LinkQuerySet":
        return self.filter(expires_at__gt=timezone.now(), user__is_active=True)


class AccountLink(models.Model):
    """It is deleted when it is used, and overwritten by the next one. Only a hash of its key is kept."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        RESET = "reset", _("new password")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["invitation", "reset"]), name="account_link_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")),
                name="account_link_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.expires_at:%Y-%m-%d %H:%M}"
