"""An OpenID Connect provider on a loopback port: it lets everybody in, and errs as a test tells it to.

A plugin of pytest too: `-p tests.oidc_provider` brings the fixture.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as site
from jwt.algorithms import RSAAlgorithm

CLIENT_ID = "casereg-test"
CLIENT_SECRET = "shared-with-the-provider-only"
STRONG = "https://provider.example/acr/two-factors"
KEY_ID = "key-1"


class Provider:
    """What it says of whoever comes, and what is wrong with it. `begin_anew` sets it right again."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.begin_anew()

    def begin_anew(self) -> None:
        self.person: dict[str, Any] = {"sub": "person-1", "email": "nord@example.org", "email_verified": True}
        self.wrong: dict[str, Any] = {}  # claims of the id_token that are other than they should be
        self.missing: set[str] = set()  # claims that it lacks
        self.in_userinfo_only = False  # the address, and whether it is verified
        self.userinfo_of = ""  # another person's sub
        self.signed: Any = self.sign  # how an id_token is made of its claims
        self.description: dict[str, Any] = {}  # of itself, other than it should be
        self.error = ""  # instead of a code
        self.answers: dict[str, tuple[int, str]] = {}  # by path: status and body, whatever was asked
        self.hangs_at = ""  # a path at which it says nothing
        self.redirects_from = ""  # a path from which it sends elsewhere
        self.released = threading.Event()
        self.codes: dict[str, dict[str, str]] = {}  # given, and not yet exchanged
        self.asked: list[tuple[str, dict[str, str]]] = []  # paths with what was sent to them

    # --- What it makes ---

    def sign(self, claims: dict[str, Any], *, kid: str | None = KEY_ID) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": kid} if kid else None)

    def sign_with_another_key(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.other_key, algorithm="RS256", headers={"kid": KEY_ID})

    def do_not_sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, None, algorithm="none", headers={"kid": KEY_ID})

    def sign_with_the_public_key(self, claims: dict[str, Any]) -> str:
        """HS256 under what everybody can fetch. Put together here: the library refuses to."""
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        parts = [{"alg": "HS256", "typ": "JWT", "kid": KEY_ID}, claims]
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
        mac = _base64url(hmac.digest(public, signed, "sha256"))
        return (signed + b"." + mac).decode()

    def keys(self) -> dict[str, Any]:
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def configuration(self) -> dict[str, Any]:
        its = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return its | self.description

    def claims(self, request: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        address = {} if self.in_userinfo_only else self.person
        said = {
            "iss": self.issuer,
            "sub": self.person["sub"],
            "aud": request["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": request.get("nonce"),
            "acr": STRONG,
            **address,
            **self.wrong,
        }
        return {name: value for name, value in said.items() if name not in self.missing}

    # --- What it answers ---

    def authorize(self, request: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        back = {"state": request["state"]}
        if self.error:
            back["error"] = self.error
        else:
            back["code"] = secrets.token_urlsafe()
            self.codes[back["code"]] = request
        return f"{request['redirect_uri']}?{urlencode(back)}"

    def token(self, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        request = self.codes.pop(sent.get("code", ""), None)  # a code is good once
        verifier = sent.get("code_verifier", "").encode()
        is_right = (
            request is not None
            and (sent.get("client_id"), sent.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
            and request["code_challenge_method"] == "S256"
            and request["code_challenge"] == _base64url(hashlib.sha256(verifier).digest()).decode()
            and sent.get("redirect_uri") == request["redirect_uri"]
        )
        if request is None or not is_right:
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "access", "token_type": "Bearer", "expires_in": 300}
        id_token = self.signed(self.claims(request))
        return 200, answer | ({"id_token": id_token} if id_token else {})

    def userinfo(self) -> dict[str, Any]:
        return self.person | ({"sub": self.userinfo_of} if self.userinfo_of else {})


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        self._answer(dict(_first(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self._answer(dict(_first(self.rfile.read(length).decode())))

    def _answer(self, sent: dict[str, str]) -> None:
        its, path = self.provider, urlsplit(self.path).path
        its.asked.append((path, sent))
        if path == its.hangs_at:
            its.released.wait(10)
        elif path == its.redirects_from:
            self._send(307, b"", Location=f"{its.issuer}/elsewhere")
        elif path in its.answers:
            status, body = its.answers[path]
            self._send(status, body.encode(), **{"Content-Type": "application/json"})
        elif path == "/authorize":
            self._send(302, b"", Location=its.authorize(sent))
        else:
            status, said = self._said(path, sent)
            self._send(status, json.dumps(said).encode(), **{"Content-Type": "application/json"})

    def _said(self, path: str, sent: dict[str, str]) -> tuple[int, Any]:
        its = self.provider
        if path == "/.well-known/openid-configuration":
            return 200, its.configuration()
        if path == "/keys":
            return 200, its.keys()
        if path == "/token":
            return its.token(sent)
        if path == "/userinfo" and self.headers["Authorization"] == "Bearer access":
            return 200, its.userinfo()
        return 404, {}

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


def _first(query: str) -> Iterator[tuple[str, str]]:
    for name, values in parse_qs(query).items():
        yield name, values[0]


@contextmanager
def running(port: int) -> Iterator[Provider]:
    provider = Provider(port)
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    provider.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session", autouse=True)
def running_provider(django_db_setup: None) -> Iterator[Provider]:
    # The database first, so that it is deleted after the browser has ended, which holds on to the site.
    with running(urlsplit(site.OIDC_ISSUER).port or 0) as provider:
        yield provider


@pytest.fixture
def provider(running_provider: Provider) -> Iterator[Provider]:
    running_provider.begin_anew()
    yield running_provider
    running_provider.released.set()
