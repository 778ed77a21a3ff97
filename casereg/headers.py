"""The security headers that Django 5.2 does not send. It wraps everything, static files and errors too."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), usb=()"


def content_security_policy() -> str:
    """The header's value of `SECURE_CSP`, written as Django 6 writes it."""
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items())


def strict_transport_security() -> str:
    """The header's value, written as Django writes it."""
    parts = [
        f"max-age={settings.SECURE_HSTS_SECONDS}",
        "includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else "",
        "preload" if settings.SECURE_HSTS_PRELOAD else "",
    ]
    return "; ".join(filter(None, parts))


class SecurityHeadersMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "TRACE":  # no page's method: refused before anybody asks who is logged in
            response: HttpResponse = HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        else:
            response = self.get_response(request)
        response.headers["Content-Security-Policy"] = content_security_policy()
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        # Set here too: a response made before Django's own middleware would go without them.
        response.headers.setdefault("X-Frame-Options", settings.X_FRAME_OPTIONS)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", settings.SECURE_REFERRER_POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY)
        if settings.SECURE_HSTS_SECONDS and request.is_secure():
            response.headers.setdefault("Strict-Transport-Security", strict_transport_security())
        # Pages are nobody's to keep; static files say themselves how long they live.
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response
