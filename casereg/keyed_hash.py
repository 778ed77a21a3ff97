"""Hashes under the site's secret: nobody who reads one can try values until one fits."""

from django.conf import settings
from django.utils.crypto import salted_hmac


def keyed_hash(purpose: str, text: str) -> str:
    """To store or to send along: 64 hexadecimal digits."""
    return keyed_hashes(purpose, text)[0]


def keyed_hashes(purpose: str, text: str) -> list[str]:
    """To compare with: under the present secret, and under those before it."""
    return [
        salted_hmac(f"casereg.{purpose}", text, secret=secret, algorithm="sha256").hexdigest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
