"""Who has a second factor, where a log-in asks for it, and what opens without one."""

from collections.abc import Callable
from typing import Any, Final

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

View = Callable[..., HttpResponseBase]

# Recovery codes stand in for one of these, and are none themselves.
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

# What a session keeps.
IS_SET_UP: Final = "second_factor_is_set_up"
ASKED_FOR: Final = "second_factor_asked_for"
CODES_MADE_HERE: Final = "recovery_codes_made_here"


def has_factor(user: AbstractBaseUser | AnonymousUser) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def is_seen_to(request: HttpRequest, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the agency's log-in let the person in, which has asked for two factors: casereg.oidc."""
    records = get_authentication_records(request, user)
    return any(record["method"] == "socialaccount" for record in records)


class FactorStage(AuthenticateStage):
    """Of a log-in: where the second factor is asked for."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if is_seen_to(self.request, self.login.user):
            return None, True
        asked: tuple[HttpResponse | None, bool] = super().handle()
        return asked


_FOR_EVERYBODY = frozenset(
    {"account_logout", "language_choose", "session_keep", "register_about", "healthz", "readyz"}
)
# The page to which one is led, and what else opens meanwhile.
_TO_SET_UP = ("factor_choose", _FOR_EVERYBODY | {"passkey_add", "totp_add", "account_reauthenticate"})
_TO_KEEP_CODES = (
    "recovery_codes_read",
    # New ones are made where nobody can read the old ones any more.
    _FOR_EVERYBODY | {"recovery_codes_make", "account_reauthenticate", "mfa_reauthenticate"},
)


class SecondFactorMiddleware:
    """Leads whoever is logged in without a second factor to set one up, whatever was asked for.

    One query a request until it is set up; then the session says so. A session does not outlive a change
    of the person's factors, but for the one in which they were changed, and that one asks again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: View, _arguments: tuple[Any, ...], _named: dict[str, Any]
    ) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_REQUIRED or not request.user.is_authenticated:
            return None
        if request.session.get(IS_SET_UP) or is_seen_to(request, request.user):
            return None
        left = _left_to_do(request.user.pk)
        if left is None:
            request.session[IS_SET_UP] = True
            return None
        request.lacks_second_factor = True  # type: ignore[attr-defined]
        page, open_meanwhile = left
        name = request.resolver_match.url_name if request.resolver_match else None
        if name == page or name in open_meanwhile:
            return None
        if request.method == "GET":
            request.session.setdefault(ASKED_FOR, request.get_full_path())
        return redirect(page)


def _left_to_do(user_id: int) -> tuple[str, frozenset[str]] | None:
    stored = dict(
        Authenticator.objects.filter(user_id=user_id).order_by("pk").values_list("type", "data__viewed_at")
    )
    if not stored.keys() & set(FACTORS):
        return _TO_SET_UP
    codes = Authenticator.Type.RECOVERY_CODES
    return _TO_KEEP_CODES if codes in stored and stored[codes] is None else None


def asked_for(request: HttpRequest) -> str:
    """The page that was asked for before the second factor was set up; the start page where none was."""
    address: str = request.session.pop(ASKED_FOR, "") or reverse("start")
    return address
