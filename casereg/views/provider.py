"""Pages of the agency's log-in: the way to its provider and the answer; what its log-in page offers.

Imported only where OIDC_ISSUER is set.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from casereg.oidc import AgencyOAuth2Adapter, Refused, Why, turn_away
from casereg.proving import proofs_of

# A provider's answer may be anything: what is missing in it, or of another kind than the standard says.
_NOT_UNDERSTOOD: Final = (LookupError, TypeError, ValueError, AttributeError)


@require_POST
def provider_log_in(request: HttpRequest) -> HttpResponse:
    """The way to the provider: to log in, and to do so anew where nothing else proves who one is."""
    next_page = get_next_redirect_url(request)
    proves_again = request.user.is_authenticated and not proofs_of(request.user)
    if request.user.is_authenticated and not proves_again:
        return HttpResponseRedirect(next_page) if next_page else redirect("start")
    if not ratelimit.consume(request, action="provider_log_in"):
        return ratelimit.respond_429(request)
    provider = get_adapter(request).get_provider(request, settings.OIDC_ISSUER)
    try:
        # Nothing of the request goes along, which could ask for a weaker way of logging in.
        params = provider.get_auth_params() | ({"prompt": "login"} if proves_again else {})
        return provider.redirect(request, AuthProcess.LOGIN, next_url=next_page, auth_params=params)
    except Refused as refused:
        return turn_away(request, refused.why, str(refused))
    except RequestException as problem:
        return turn_away(request, Why.NO_ANSWER, type(problem).__name__)
    except _NOT_UNDERSTOOD as problem:
        return turn_away(request, Why.FAILED, f"not understood: {type(problem).__name__}")


@require_GET
def provider_answer(request: HttpRequest) -> HttpResponse:
    """Where the provider sends the browser back to."""
    view = OAuth2CallbackView.adapter_view(AgencyOAuth2Adapter(request, settings.OIDC_ISSUER))
    try:
        answer: HttpResponse = view(request)
    except _NOT_UNDERSTOOD as problem:
        return turn_away(request, Why.FAILED, f"not understood: {type(problem).__name__}")
    return answer


@dataclass(frozen=True, slots=True)
class AgencyLogIn:
    """What the log-in page offers. `is_only`: there is no other."""

    name: str
    is_only: bool


def agency_log_in(request: HttpRequest) -> dict[str, AgencyLogIn]:
    """For templates."""
    return {"agency_log_in": AgencyLogIn(settings.OIDC_NAME, settings.OIDC_ONLY)}


# --- Where it is the only way --------------------------------------------------------------------

_OF_PASSWORDS: Final = frozenset(
    {"password_forgotten", "account_link", "password_choose", "account_change_password"}
)


class NoPasswords:
    """With OIDC_ONLY, pages of passwords lead to the log-in page, and what is sent to it opens nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        _view: Callable[..., HttpResponseBase],
        _arguments: tuple[Any, ...],
        _named: dict[str, Any],
    ) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        is_of_passwords = name in _OF_PASSWORDS or (name == "account_login" and request.method == "POST")
        if not settings.OIDC_ONLY or not is_of_passwords:
            return None
        text = gettext("Passwords are not used here. Log in through {name}.").format(name=settings.OIDC_NAME)
        messages.error(request, text)
        return redirect("account_read" if request.user.is_authenticated else "account_login")
