"""How log-in works here: by e-mail, without sign-up, and told to the audit trail."""

from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.links import drop_link
from casereg.actions.passwords import record_wrong_password
from casereg.browser_marks import known_browser, leave_mark
from casereg.models import AuditEvent, Outcome, User
from casereg.proving import Proof, proofs_of
from casereg.sealed_text import seal, unseal
from casereg.throttling import count_failure, may_try

_MARK: Final = "mark_at_password"  # in a session that has seen the password, and not yet the second factor


class AccountAdapter(DefaultAccountAdapter):
    _browser = ""  # in which somebody tries to log in, where that person is known in it

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is wrong."),
        "enter_current_password": _("It is not your current password."),
        "incorrect_password": _("It is not your password."),
        "too_many_login_attempts": _("Too many attempts have failed. Wait a while and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # administrators add users

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # every form here is a page: there is no second way in, answered in JSON

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.mfa.stages.AuthenticateStage": "casereg.second_factor.FactorStage"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def pre_login(self, request: HttpRequest, user: User, **arguments: Any) -> HttpResponse | None:
        request.session[_MARK] = user.get_session_auth_hash()
        return super().pre_login(request, user, **arguments)

    def login(self, request: HttpRequest, user: User) -> None:
        # What ends a session ends it half-way too: a new password, a reset, a deactivation.
        if not user.is_active or request.session.pop(_MARK, None) != user.get_session_auth_hash():
            clear_login(request)
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **arguments: Any) -> HttpResponse:
        records = get_authentication_records(request, user)
        by_what = [record.get("type", record["method"]) for record in records]
        drop_link(user)  # whoever logs in needs none
        AuditEvent.objects.append(by=user, action="log_in", object=f"user {user.pk}", fields=by_what)
        # What the browser says of itself is stored with the session, and PostgreSQL stores no NUL.
        request.META["HTTP_USER_AGENT"] = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")
        response = super().post_login(request, user, **arguments)
        leave_mark(request, response, user)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("account_login")  # and nothing is said of why

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._browser = known_browser(request, email=credentials.get("email", ""))
        super().pre_authenticate(request, **credentials)  # what this refuses does not count by address
        if not self._browser and not may_try(request):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By account; in a browser that the person is known in, by account and browser."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)} {self._browser}".rstrip()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        if request.user.is_authenticated:
            record_wrong_password(request.user, action="identity_prove")
        else:
            # The address that was tried is not kept: people type passwords into the wrong field.
            AuditEvent.objects.append(
                by=None, action="log_in", object="an address and a password", outcome=Outcome.DENIED
            )
        count_failure(request)
        super().authentication_failed(request, **credentials)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("start")

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """No messages on log-in, log-out and behind a mailed link: the page that follows shows it."""
        if request.resolver_match and request.resolver_match.url_name == "account_change_password":
            messages.success(
                request, gettext("Your password is changed. You are logged out everywhere else.")
            )

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Where one proves again who one is. Allauth wants one of them, `proving.demands` each."""
        words = {Proof.PASSWORD: _("Password"), Proof.FACTOR: _("Second factor")}
        return [
            {"id": str(proof), "description": words[proof], "url": reverse(proof)}
            for proof in proofs_of(user)
        ]


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("The code is wrong, or has been used. Try the next one."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def generate_authenticator_name(self, user: User, type: str) -> str:
        return gettext("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": gettext("Case register")}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        return super().get_public_key_credential_user_entity(user) | {"display_name": user.name}
