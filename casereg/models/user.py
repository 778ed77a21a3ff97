"""A person who logs in: an e-mail address, a role and, for a coordinator, one region."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from casereg.models.region import Region


class Role(models.TextChoices):
    COORDINATOR = "coordinator", _("regional coordinator")
    ANALYST = "analyst", _("analyst")
    ADMINISTRATOR = "administrator", _("administrator")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Raised to end every session of the person: each carries a mark of it (`get_session_auth_hash`).
    session_epoch = models.PositiveIntegerField(default=0)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["email"]
        constraints = [
            # Stored in lower case only, so that the unique index sees two spellings as one address.
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.COORDINATOR, region__isnull=False)
                | (~Q(role=Role.COORDINATOR) & Q(region__isnull=True)),
                name="user_region_exactly_for_coordinators",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def working_region_id(self) -> str | None:
        """The region in which a coordinator works now: the own one, or one that is covered."""
        return self.__dict__.get("_working_region_id", self.region_id)

    def work_in(self, region_code: str) -> None:
        """For the time of a request. Whoever calls has seen to it that the region is covered."""
        self._working_region_id = region_code

    def get_session_auth_hash(self) -> str:
        """What every session carries a mark of. A session ends where one of these changes."""
        return self._session_mark(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for key in settings.SECRET_KEY_FALLBACKS:
            yield self._session_mark(key)

    def _session_mark(self, key: str | bytes) -> str:
        rights = [self.password, self.role, self.region_id or "", str(self.session_epoch)]
        return salted_hmac("casereg.session", "\n".join(rights), secret=key, algorithm="sha256").hexdigest()
