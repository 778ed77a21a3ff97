"""How log-in works here: by e-mail, without sign-up, and told to the audit trail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from casereg.models import AuditEvent, Outcome, User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # administrators add users

    def post_login(
        self, request: HttpRequest, user: User, **arguments: Any
    ) -> HttpResponse:
        AuditEvent.objects.append(by=user, action="log_in", object=f"user {user.pk}")
        return super().post_login(request, user, **arguments)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        # The address that was tried is not kept: people type passwords into the wrong field.
        AuditEvent.objects.append(
            by=None, action="log_in", object="an address and a password", outcome=Outcome.DENIED
        )
        super().authentication_failed(request, **credentials)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No messages on log-in and log-out: the page shows both."""
