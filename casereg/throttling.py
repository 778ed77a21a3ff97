"""How often logging in fails from one address, by password and by second factor. By account: allauth counts.

Allauth's own count by address is cleared by each right code. Whoever has an account could guess at all the
others then, and log in now and again.
"""

from typing import Final

from allauth.core import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

# Of ACCOUNT_RATE_LIMITS.
_ACTION: Final = "failures_from_address"
_OF_THE_DAY: Final = "second_factor_code"
_DAY: Final = 24 * 60 * 60  # seconds


def may_try(request: HttpRequest) -> bool:
    return bool(ratelimit.consume(request, action=_ACTION, dry_run=True))


def count_failure(request: HttpRequest) -> None:
    ratelimit.consume(request, action=_ACTION)


# --- By person, at the second factor ---------------------------------------------------------------


def consume_of_the_day(request: HttpRequest, user_id: int, *, dry_run: bool = False) -> bool:
    """Guessing goes on by day and by night: allauth's limit of some minutes alone would let it."""
    return bool(ratelimit.consume(request, action=_OF_THE_DAY, key=str(user_id), dry_run=dry_run))


def forget_wrong_factors(user_id: int) -> None:
    """What was counted against the person's second factor: this day, and in allauth's last minutes."""
    of_nobody = HttpRequest()  # both are counted by key alone
    ratelimit.clear(of_nobody, action=_OF_THE_DAY, key=str(user_id))
    ratelimit.clear(of_nobody, action="login_failed", key=f"mfa-auth-user-{user_id}")


def forget_wrong_factors_once_a_day(user_id: int) -> None:
    """Behind a mailed link: whoever reads the person's mail would else guess without an end."""
    if cache.add(f"casereg.wrong_factors_forgotten.{user_id}", True, timeout=_DAY):
        forget_wrong_factors(user_id)
