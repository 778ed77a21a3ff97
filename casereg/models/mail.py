"""Mail that waits to be sent: what it is about and to whom. Its text, and the link in it, is made then."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self) -> "MailQuerySet":
        return self.filter(next_try_at__lte=timezone.now()).order_by("next_try_at", "pk")


class OutgoingMail(models.Model):
    """A row leaves when its mail is sent. No key and no text stand here for whoever reads the database.

    `to` is NULL where somebody asked for an address that nobody has: the row costs the same time, and
    nothing is sent.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        RESET = "reset", _("link for a new password")
        PASSWORD_CHANGED = "password_changed", _("the password was changed")
        FACTORS_CHANGED = "factors_changed", _("the second factors were changed")
        FACTORS_RESET = "factors_reset", _("an administrator removed the second factors")
        ADDRESS_CHANGED = "address_changed", _("the e-mail address was changed")

    kind = models.CharField(max_length=20, choices=Kind.choices)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    # Where it goes, if not to the person's present address: to the one that was changed.
    address = models.EmailField(max_length=254, blank=True)
    asked_at = models.DateTimeField()
    next_try_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "invitation",
                        "reset",
                        "password_changed",
                        "factors_changed",
                        "factors_reset",
                        "address_changed",
                    ]
                ),
                name="outgoing_mail_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.asked_at:%Y-%m-%d %H:%M}"
