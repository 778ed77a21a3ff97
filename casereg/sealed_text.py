"""Texts that the database holds sealed: without the site's secret nobody reads them."""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class SealIsForeign(Exception):
    """Sealed under a secret that the site has no longer, or not sealed at all."""


def seal(text: str) -> str:
    """To store: sealed under the present secret."""
    return _seals()[0].encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text, sealed under the present secret or under one of those before it. Raises `SealIsForeign`."""
    try:
        return MultiFernet(_seals()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SealIsForeign from None


def _seals() -> list[Fernet]:
    return [_seal_of(force_bytes(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


@lru_cache(maxsize=8)
def _seal_of(secret: bytes) -> Fernet:
    # A key of its own: whatever else is made of the secret says nothing about it.
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"casereg.sealed_text").derive(secret)
    return Fernet(urlsafe_b64encode(derived))
