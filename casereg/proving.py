"""Proving again who one is: by what, how long it holds, and the pages that demand it."""

import time
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from allauth.account import app_settings as account_settings
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from casereg.models import User
from casereg.second_factor import has_factor

View = Callable[..., HttpResponseBase]


class Proof(StrEnum):
    """What is proved; the value is the URL name of the page where one does."""

    PASSWORD = "account_reauthenticate"  # noqa: S105 - a URL name
    FACTOR = "mfa_reauthenticate"


# As allauth's records name them.
_METHODS: Final = {Proof.PASSWORD: "password", Proof.FACTOR: "mfa"}
_AGENCYS_LOG_IN: Final = "socialaccount"


def demands(*proofs: Proof) -> Callable[[View], View]:
    """The page opens once each proof has been given, some minutes ago at most.

    What was sent too late is not kept, and that is said: a new password has no place in a session. The form
    opens anew.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def proved(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return first_missing(request, *proofs) or view(request, *args, **kwargs)

        return proved

    return decorate


def first_missing(request: HttpRequest, *proofs: Proof) -> HttpResponse | None:
    """The way to the page where the first missing proof is given; None where none is missing."""
    page = _page_of_first_missing(request, *proofs)
    if page is None:
        return None
    if request.method == "POST":
        text = gettext(
            "What you sent was not stored, since you showed more than five minutes ago that it is you. Show "
            "it again, and fill in the form once more."
        )
        messages.warning(request, text)
    return redirect(f"{reverse(page)}?{urlencode({'next': request.get_full_path()})}")


def proofs_of(user: User | AnonymousUser) -> list[Proof]:
    """What the person can prove it by. Nothing: whoever knows no password here and has no factor."""
    if not user.is_authenticated:
        return []
    # Where nobody logs in by password, nobody has to remember one of before.
    has_password = user.has_usable_password() and not getattr(settings, "OIDC_ONLY", False)
    had = {Proof.PASSWORD: has_password, Proof.FACTOR: has_factor(user)}
    return [proof for proof, is_there in had.items() if is_there]


def _page_of_first_missing(request: HttpRequest, *proofs: Proof) -> Proof | None:
    user = request.user
    has = proofs_of(user)
    if not has:
        # The agency's log-in is all that there is, and the page of passwords leads to it.
        return None if _is_recorded(request, _AGENCYS_LOG_IN) else Proof.PASSWORD
    # Whoever sets up the first factor has mostly just logged in: that is proof enough, and only then.
    again = Proof.FACTOR in has
    return next(
        (
            proof
            for proof in proofs
            if proof in has and not _is_recorded(request, _METHODS[proof], again=again)
        ),
        None,
    )


def _is_recorded(request: HttpRequest, method: str, *, again: bool = False) -> bool:
    """`again`: besides the log-in."""
    since = time.time() - account_settings.REAUTHENTICATION_TIMEOUT
    return any(
        record["method"] == method and record["at"] > since and (record.get("reauthenticated") or not again)
        for record in get_authentication_records(request, request.user)
    )
