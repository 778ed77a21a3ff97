"""Log-in by the agency's OpenID Connect provider: allauth's flow, and the checks that it lacks.

Imported only where OIDC_ISSUER is set. Allauth brings state, PKCE and the exchange of the code. It knows no
nonce and no acr, and trusts an id_token that it fetched itself without looking at its signature.
"""

import logging
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthError, ProviderException
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casereg.actions.provider_links import NobodyHere, linked_person, what_is_kept
from casereg.models import AuditEvent, Outcome

logger = logging.getLogger(__name__)

# What an id_token may be signed with: a key pair. Not `none`, nor HS256, whose key could be the public one.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
CLAIMS: Final = ("iss", "sub", "aud", "exp", "iat", "nonce", "acr")
LEEWAY: Final = 30  # seconds that the two clocks may differ
SUBJECT_LENGTH: Final = 191  # what the table holds; the standard says 255, and ends in practice far before


class Why(StrEnum):
    """Why nobody is logged in."""

    CANCELLED = "cancelled"
    FAILED = "failed"
    TOO_WEAK = "too weak"
    NO_ANSWER = "no answer"
    NOBODY = "nobody"  # is unknown, is deactivated, has no verified address, or somebody else's


# All that is shown of it.
_SENTENCES: Final = {
    Why.CANCELLED: _("The log-in was cancelled."),
    Why.FAILED: _("The log-in did not succeed. Try again."),
    Why.TOO_WEAK: _("That way of logging in is not strong enough here. Choose one with two factors."),
    Why.NO_ANSWER: _("The log-in outside the register does not answer. Wait a while and try again."),
    Why.NOBODY: _("There is no user here for that log-in. Ask an administrator."),
}


class Refused(ProviderException):
    """`detail` is for the log: what is wrong, and never who it is."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.why = why


# --- What the provider says ----------------------------------------------------------------------


def nonce_of(code_verifier: str) -> str:
    """What ties an id_token to one log-in in one browser.

    Derived from the code verifier of PKCE, which is random, kept in the session alone, and taken out of it
    by the answer: so it is used once, as that is. Nobody learns the one from the other.
    """
    digest = sha256(b"nonce of " + code_verifier.encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def verified_claims(id_token: str, *, keys: dict[str, Any], nonce: str) -> dict[str, Any]:
    """What the id_token says, once it is the provider's, for this site and this log-in, and strong enough."""
    try:
        claims: dict[str, Any] = jwt.decode(
            id_token,
            _key_of(id_token, keys),
            algorithms=ALGORITHMS,
            issuer=settings.OIDC_ISSUER,
            audience=settings.OIDC_CLIENT_ID,
            leeway=LEEWAY,
            options={"require": list(CLAIMS)},
        )
    except jwt.PyJWTError as problem:
        raise Refused(Why.FAILED, f"the id_token: {problem}") from problem
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", settings.OIDC_CLIENT_ID if len(audiences) == 1 else None) != settings.OIDC_CLIENT_ID:
        raise Refused(Why.FAILED, "the id_token was issued to another client")
    if claims["nonce"] != nonce:
        raise Refused(Why.FAILED, "the id_token is of another log-in")
    if not 0 < len(claims["sub"]) <= SUBJECT_LENGTH:
        raise Refused(Why.FAILED, "the id_token's sub is empty or too long")
    if claims["acr"] not in settings.OIDC_ACR_VALUES:
        raise Refused(Why.TOO_WEAK, f"acr {str(claims['acr'])[:100]!r} is not in OIDC_ACR_VALUES")
    return claims


def _key_of(id_token: str, keys: dict[str, Any]) -> jwt.PyJWK:
    """The provider's key that the token names; where it names none, the only one."""
    usable = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in (None, "sig")]
    kid = jwt.get_unverified_header(id_token).get("kid")
    fitting = [key for key in usable if kid is None or key.key_id == kid]
    if len(fitting) != 1:
        raise jwt.InvalidKeyError("it does not say which of the provider's keys signed it")
    return fitting[0]


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


# --- Allauth's extension points ------------------------------------------------------------------


class AgencyOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        found: dict[str, Any] = super().openid_config
        if found.get("issuer") != settings.OIDC_ISSUER:
            raise Refused(Why.FAILED, "the provider's description names another issuer than OIDC_ISSUER")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(found[name]).scheme != urlsplit(settings.OIDC_ISSUER).scheme:
                raise Refused(Why.FAILED, f"the provider's {name} is not https")
        if origin_of(found["authorization_endpoint"]) not in settings.OIDC_ORIGINS:
            raise Refused(Why.FAILED, "the origin of the provider's log-in page is not in OIDC_ORIGINS")
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        # As it is registered at the provider. Not from the request, which says what its sender likes.
        return settings.SITE_ADDRESS.rstrip("/") + reverse("provider_answer")

    def get_access_token_data(
        self,
        request: HttpRequest,
        app: SocialApp,
        client: OAuth2Client,
        pkce_code_verifier: str | None = None,
    ) -> dict[str, Any]:
        if not pkce_code_verifier:
            raise Refused(Why.FAILED, "the session has no code verifier")
        self.nonce = nonce_of(pkce_code_verifier)
        answer: dict[str, Any] = super().get_access_token_data(
            request, app, client, pkce_code_verifier=pkce_code_verifier
        )
        return answer

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, *, response: dict[str, Any]
    ) -> SocialLogin:
        claims = verified_claims(response.get("id_token", ""), keys=self._keys(), nonce=self.nonce)
        address = claims if "email" in claims else self._user_info(token, subject=claims["sub"])
        if address.get("email_verified") is not True:
            raise Refused(Why.NOBODY, "the provider has not verified the address")
        try:
            user = linked_person(
                issuer=settings.OIDC_ISSUER, subject=claims["sub"], email=str(address.get("email", ""))
            )
        except NobodyHere:
            raise Refused(Why.NOBODY, "no active user has this identity or address") from None
        account = SocialAccount(
            provider=settings.OIDC_ISSUER, uid=claims["sub"], extra_data=what_is_kept(user)
        )
        # Allauth looks the link up itself, and finds the person.
        return SocialLogin(account=account, provider=self.get_provider())

    def _keys(self) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys: dict[str, Any] = answer.json()
        return keys

    def _user_info(self, token: SocialToken, *, subject: str) -> dict[str, Any]:
        """For a provider that puts the address there, and not into the id_token."""
        said: dict[str, Any] = self._fetch_user_info(token.token)
        if said.get("sub") != subject:
            raise Refused(Why.FAILED, "userinfo is about somebody else than the id_token")
        return said


class AgencyProvider(OpenIDConnectProvider):
    oauth2_adapter_class = AgencyOAuth2Adapter

    def get_default_scope(self) -> list[str]:
        return ["openid", "email"]  # nothing else of the person is wanted

    def get_pkce_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_pkce_params()
        return params | {"nonce": nonce_of(params["code_verifier"])}


class AgencyAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False  # administrators add users

    def get_requests_session(self) -> requests.Session:
        session: requests.Session = super().get_requests_session()
        # A redirect would take the client's secret to where nobody said.
        session.max_redirects = 0
        return session

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: OpenIDConnectProvider,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Whatever goes wrong ends here."""
        # An answer to nothing that this browser began leaves no event: else strangers could fill the trail.
        was_begun = "state" in (extra_context or {})
        if error == AuthError.CANCELLED:
            answer = turn_away(request, Why.CANCELLED, "cancelled", is_recorded=was_begun)
        elif isinstance(exception, Refused):
            answer = turn_away(request, exception.why, str(exception))
        elif isinstance(exception, requests.RequestException):
            answer = turn_away(request, Why.NO_ANSWER, type(exception).__name__)
        else:
            detail = "the provider refused" if was_begun else "an answer to nothing that was begun here"
            answer = turn_away(request, Why.FAILED, detail, is_recorded=was_begun)
        raise ImmediateHttpResponse(answer)


def turn_away(request: HttpRequest, why: Why, detail: str, *, is_recorded: bool = True) -> HttpResponse:
    """To the log-in page with one sentence, whatever it was."""
    if is_recorded:
        logger.warning("Nobody was logged in by the provider: %s", detail)
        AuditEvent.objects.append(
            by=None, action="log_in", object="the agency's log-in", outcome=Outcome.DENIED
        )
    messages.error(request, str(_SENTENCES[why]))
    return redirect("account_login")
