"""How often logging in fails from one address, by password and by second factor. By account: allauth counts.

Allauth's own count by address is cleared by each right code. Whoever has an account could guess at all the
others then, and log in now and again.
"""

from typing import Final

from allauth.core import ratelimit
from django.http import HttpRequest

_ACTION: Final = "failures_from_address"  # of ACCOUNT_RATE_LIMITS


def may_try(request: HttpRequest) -> bool:
    return bool(ratelimit.consume(request, action=_ACTION, dry_run=True))


def count_failure(request: HttpRequest) -> None:
    ratelimit.consume(request, action=_ACTION)
