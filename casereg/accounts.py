"""How log-in works here: by e-mail, without sign-up, and told to the audit trail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.models import AuditEvent, Outcome, User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is wrong."),
        "enter_current_password": _("It is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # administrators add users

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # every form here is a page: there is no second way in, answered in JSON

    def post_login(self, request: HttpRequest, user: User, **arguments: Any) -> HttpResponse:
        AuditEvent.objects.append(by=user, action="log_in", object=f"user {user.pk}")
        return super().post_login(request, user, **arguments)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        # The address that was tried is not kept: people type passwords into the wrong field.
        AuditEvent.objects.append(
            by=None, action="log_in", object="an address and a password", outcome=Outcome.DENIED
        )
        super().authentication_failed(request, **credentials)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("start")

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """No messages on log-in, log-out and behind a mailed link: the page that follows shows it."""
        if request.resolver_match and request.resolver_match.url_name == "account_change_password":
            messages.success(
                request, gettext("Your password is changed. You are logged out everywhere else.")
            )
