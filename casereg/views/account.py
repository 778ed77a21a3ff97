"""The own account: what one logs in with, adding and removing it, recovery codes, proving who one is."""

from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal.auth import begin_authentication, begin_registration
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from casereg.access import Permission, UserRequest, requires
from casereg.actions.factors import (
    AppExists,
    Factor,
    LastFactor,
    NoFactor,
    add_app,
    add_passkey,
    factors_of,
    has_unkept_codes,
    keep_recovery_codes,
    make_recovery_codes,
    passkey_of,
    remove_factor,
    unkept_codes,
)
from casereg.forms.factors import AddPasskeyForm, AppForm, CodeProofForm, PasskeyProofForm
from casereg.proving import Proof, demands, first_missing, proofs_of
from casereg.sealed_text import SealIsForeign, seal, unseal
from casereg.second_factor import CODES_MADE_HERE, IS_SET_UP, asked_for
from casereg.sessions import stay_logged_in

View = Callable[..., HttpResponseBase]

_SECRET = "app_secret"  # noqa: S105 - in a session, sealed: of the app that is being set up

_form = require_http_methods(["GET", "HEAD", "POST"])


@requires(Permission.START)
@require_safe
def account_read(request: UserRequest) -> HttpResponse:
    context = {"factors": factors_of(request.user), "has_unkept_codes": has_unkept_codes(request.user)}
    return render(request, "account/account_read.html", context)


# --- Setting up ------------------------------------------------------------------------------------


@requires(Permission.START)
@require_safe
def factor_choose(request: UserRequest) -> HttpResponse:
    """Where whoever has no second factor is led, where one is required."""
    factors = factors_of(request.user)
    if factors.app or factors.passkeys:
        return redirect("account_read")
    return render(request, "mfa/factor_choose.html")


@requires(Permission.START)
@_form
@demands(Proof.PASSWORD, Proof.FACTOR)
def passkey_add(request: UserRequest) -> HttpResponse:
    form = AddPasskeyForm(data=request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        codes_are_new = add_passkey(
            user=request.user,
            name=form.cleaned_data["name"],
            credential=form.cleaned_data["credential"],
            this=request.session.session_key,
        )
        return _changed(request, gettext("The passkey is added."), codes_are_new=codes_are_new)
    context = {"form": form, "options": begin_registration(request.user, passwordless=False)}
    return render(request, "mfa/passkey_add.html", context)


@requires(Permission.START)
@_form
@demands(Proof.PASSWORD, Proof.FACTOR)
def totp_add(request: UserRequest) -> HttpResponse:
    if factors_of(request.user).app:
        return redirect("account_read")
    # The same until it is set up: whoever has scanned the picture may change the language of the page.
    sealed = request.session.setdefault(_SECRET, seal(generate_totp_secret()))
    secret = unseal(sealed)
    form = AppForm(request.POST if request.method == "POST" else None, user=request.user, secret=secret)
    if request.method == "POST" and form.is_valid():
        try:
            codes_are_new = add_app(user=request.user, secret=secret, this=request.session.session_key)
        except AppExists:
            return redirect("account_read")
        del request.session[_SECRET]
        return _changed(request, gettext("The app is added."), codes_are_new=codes_are_new)
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    context = {
        "form": form,
        "secret_in_fours": [secret[start : start + 4] for start in range(0, len(secret), 4)],
        "picture": f"data:image/svg+xml;base64,{b64encode(picture.encode()).decode()}",
    }
    return render(request, "mfa/totp_add.html", context)


# --- Taking away -----------------------------------------------------------------------------------


@requires(Permission.START)
@_form
@demands(Proof.PASSWORD, Proof.FACTOR)
def passkey_remove(request: UserRequest, factor_id: int) -> HttpResponse:
    return _remove(request, passkey_of(request.user, factor_id), gettext("The passkey is removed."))


@requires(Permission.START)
@_form
@demands(Proof.PASSWORD, Proof.FACTOR)
def totp_remove(request: UserRequest) -> HttpResponse:
    app = factors_of(request.user).app
    if app is None:
        return redirect("account_read")
    return _remove(request, app, gettext("The app is removed."))


def _remove(request: UserRequest, factor: Factor, done: str) -> HttpResponse:
    if request.method == "POST":
        try:
            remove_factor(user=request.user, factor_id=factor.id, this=request.session.session_key)
        except LastFactor:
            pass  # the page says that another one is added first
        else:
            return _changed(request, done)
    return render(request, "mfa/factor_remove.html", {"factor": factor, "factors": factors_of(request.user)})


# --- Recovery codes --------------------------------------------------------------------------------


@requires(Permission.START)
@_form
@demands(Proof.PASSWORD, Proof.FACTOR)
def recovery_codes_make(request: UserRequest) -> HttpResponse:
    if request.method == "POST":
        try:
            make_recovery_codes(user=request.user, this=request.session.session_key)
        except NoFactor:
            return redirect("account_read")
        return _changed(request, gettext("The old codes no longer work."), codes_are_new=True)
    return render(request, "mfa/recovery_codes_make.html", {"factors": factors_of(request.user)})


@requires(Permission.START)
@_form
def recovery_codes_read(request: UserRequest) -> HttpResponse:
    """Shown until the person says that they are kept, where they were made or after proving who one is."""
    try:
        codes = unkept_codes(request.user)
    except SealIsForeign:
        return redirect("recovery_codes_make")
    if not codes:
        return redirect("account_read")
    if not request.session.get(CODES_MADE_HERE):
        missing = first_missing(request, Proof.PASSWORD, Proof.FACTOR)
        if missing:
            return missing
    if request.method == "POST":
        keep_recovery_codes(user=request.user)
        request.session.pop(CODES_MADE_HERE, None)
        return redirect(asked_for(request))
    return render(request, "mfa/recovery_codes_read.html", {"codes": codes})


# --- Proving who one is ----------------------------------------------------------------------------


def or_log_in_anew(view: View) -> View:
    """For the password once more: whoever has neither one nor a second factor logs in anew."""

    @wraps(view)
    def asked(request: UserRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if proofs_of(request.user):
            return view(request, *args, **kwargs)
        return render(request, "account/log_in_anew.html", {"next_page": _next_page(request)})

    return asked


@requires(Permission.START)
@_form
def factor_prove(request: UserRequest) -> HttpResponse:
    """The second factor once more; the password is asked for by allauth's own page."""
    user, next_page = request.user, _next_page(request)
    factors = factors_of(user)
    if not factors.app and not factors.passkeys:
        return HttpResponseRedirect(next_page)
    sent = request.POST if request.method == "POST" else None
    code_form = CodeProofForm(data=sent if sent and "code" in sent else None, user=user)
    passkey_form = PasskeyProofForm(data=sent if sent and "credential" in sent else None, user=user)
    if sent is not None:
        if not ratelimit.consume(request, action="reauthenticate", user=user):
            return ratelimit.respond_429(request)
        form = passkey_form if passkey_form.is_bound else code_form
        if form.is_valid():
            form.save()
            return HttpResponseRedirect(next_page)
    context = {
        "form": code_form,
        "webauthn_form": passkey_form,
        "options": begin_authentication(user) if factors.passkeys else None,
        "next_page": next_page,
    }
    return render(request, "mfa/reauthenticate.html", context)


def _next_page(request: UserRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("account_read")


def _changed(request: UserRequest, done: str, *, codes_are_new: bool = False) -> HttpResponse:
    """After a change of factors: this session goes on, every other has ended."""
    request.user.refresh_from_db()
    stay_logged_in(request, request.user)
    request.session.pop(IS_SET_UP, None)
    messages.success(request, f"{done} {gettext('You are logged out everywhere else.')}")
    if codes_are_new:
        request.session[CODES_MADE_HERE] = True
        return redirect("recovery_codes_read")
    return redirect("account_read")
