"""Pages of the mailed link: ask for one, follow it, choose a password behind it, and be led to log in."""

from allauth.core import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from casereg.access import public
from casereg.actions.links import find_link, hash_of
from casereg.actions.passwords import LinkIsSpent, ask_for_link, set_password_by_link
from casereg.forms.accounts import ForgottenPasswordForm, SetPasswordForm

_OPENED = "account_link"  # in the session: the hash of the key that was opened there


@public(because="whoever has forgotten a password is not logged in")
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """The answer is the same whoever has the address, or nobody."""
    form = ForgottenPasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].strip().lower()
        if not ratelimit.consume(request, action="reset_password", key=email):
            return ratelimit.respond_429(request)
        ask_for_link(email=email)
        return render(request, "account/password_asked.html")
    return render(request, "account/password_forgotten.html", {"form": form})


@public(because="the mailed link is what lets one in")
@require_safe
def account_link(request: HttpRequest, key: str) -> HttpResponse:
    """Take the key out of the address, where it would stay in the browser's memory and on the screen."""
    if find_link(hash_of(key)) is None:
        return _spent(request)
    if not request.user.is_authenticated:
        # Whoever has set a session for this browser beforehand does not know the one that may.
        request.session.cycle_key()
    request.session[_OPENED] = hash_of(key)
    return redirect("password_choose")


@public(because="the mailed link is what lets one in")
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def password_choose(request: HttpRequest) -> HttpResponse:
    link = find_link(request.session.get(_OPENED, ""))
    if link is None:
        return _spent(request)
    form = SetPasswordForm(request.POST if request.method == "POST" else None, user=link.user)
    if request.method == "POST" and form.is_valid():
        try:
            set_password_by_link(key_hash=link.key_hash, password=form.cleaned_data["password1"])
        except LinkIsSpent:  # somebody else used it since this page asked
            return _spent(request)
        logout(request)  # also somebody else, in whose browser the link was opened
        return redirect("password_saved")
    return render(request, "account/password_choose.html", {"form": form, "kind": link.kind})


@public(because="whoever has just chosen a password logs in next")
@require_safe
def password_saved(request: HttpRequest) -> HttpResponse:
    return render(request, "account/password_saved.html")


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/password_spent.html")
