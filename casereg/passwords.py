"""Passwords: what is easy to guess here, and the link by which a person sets one. Django holds the rest."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from casereg.models import User

# Without accents, in lower case. A long word stands before the short one that it contains.
WORDS_OF_THE_REGISTER: Final = (
    "jamstalldhetsmyndighet",
    "jamstalldhet",
    "genderequality",
    "regionkoordinator",
    "regionalcoordinator",
    "koordinator",
    "coordinator",
    "administrator",
    "analytiker",
    "analyst",
    "manniskohandel",
    "manniskoexploatering",
    "humantrafficking",
    "humanexploitation",
    "trafficking",
    "exploatering",
    "exploitation",
    "arenderegist",
    "caseregister",
    "casereg",
    "register",
)
WORDS_TRIED_FIRST: Final = ("losenord", "password", "valkommen", "welcome", "sverige", "sweden")
_KEYBOARD: Final = ("1234567890", "qwertyuiopå", "asdfghjklöä", "zxcvbnm")
_NEXT_KEY: Final = {pair for row in _KEYBOARD for pair in pairwise(row)}
_LOOKS_LIKE: Final = str.maketrans("013457@$", "oieastas")
_RUN_MIN = 4  # characters
_REPEAT_MIN = 3  # characters
_JUDGED_MAX = 200  # characters: whatever stands behind them makes a password no weaker


class EasyPartsValidator:
    """What everybody here would try first does not count towards a password's length."""

    def __init__(self, min_length: int) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: object = None) -> None:
        if uneasy_length(password) < self.min_length <= len(password):  # another rule says: too short
            raise ValidationError(
                _(
                    "Parts of it are easy to guess: words of the register, such as “regionkoordinator”, or "
                    "runs such as 1234, qwerty or aaaa. Without them at least %(min_length)d characters "
                    "must be left. Add words of your own."
                ),
                code="password_easy_parts",
                params={"min_length": self.min_length},
            )

    def get_help_text(self) -> str:
        return _("Words of the register and runs such as 1234 do not count.")


def uneasy_length(password: str) -> int:
    """How many characters are left without known words, runs and repetition."""
    text = unicodedata.normalize("NFKC", password[:_JUDGED_MAX]).casefold()
    return len(text) - len({*_in_words(text), *_in_runs(text), *_in_repeats(text)})


def _in_words(text: str) -> Iterator[int]:
    """Positions of known words, however they are accented, spaced or written with digits."""
    plain = "".join(unicodedata.normalize("NFKD", character)[0] for character in text)
    spelled = plain.translate(_LOOKS_LIKE)
    positions = [position for position, character in enumerate(spelled) if character.isalnum()]
    letters = "".join(spelled[position] for position in positions)
    for word in WORDS_OF_THE_REGISTER + WORDS_TRIED_FIRST:
        start = letters.find(word)
        while start >= 0:
            yield from positions[start : start + len(word)]
            start = letters.find(word, start + len(word))


def _in_runs(text: str) -> Iterator[int]:
    """Positions of four or more characters that are equal, or follow one another in a known order."""
    start, direction = 0, ""
    for position in range(1, len(text) + 1):
        step = _step(text[position - 1], text[position]) if position < len(text) else ""
        if step and step == direction:
            continue
        if direction and position - start >= _RUN_MIN:
            yield from range(start, position)
        start, direction = (position - 1, step) if step else (position, "")


def _in_repeats(text: str) -> Iterator[int]:
    """Positions of three or more characters that only repeat those right before them."""
    for length in range(_REPEAT_MIN, len(text) // 2 + 1):
        for start in range(length, len(text) - length + 1):
            if text[start : start + length] == text[start - length : start]:
                yield from range(start, start + length)


def _step(before: str, after: str) -> str:
    if before == after:
        return "same"
    if (before, after) in _NEXT_KEY or (before.isalnum() and ord(after) == ord(before) + 1):
        return "on"
    if (after, before) in _NEXT_KEY or (after.isalnum() and ord(after) == ord(before) - 1):
        return "back"
    return ""


class LinkTokens(PasswordResetTokenGenerator):
    """A link holds for PASSWORD_RESET_TIMEOUT, once, for an active user, until a password is set.

    Not allauth's own: that one stores the user's address in a second table, by which one could go on
    logging in with an address that an administrator has replaced.
    """

    key_salt = "casereg.passwords.LinkTokens"

    def check_token(self, user: User | None, token: str | None) -> bool:
        return user is not None and user.is_active and super().check_token(user, token)

    def _now(self) -> datetime:
        # Django counts local time, whose clock is put back an hour once a year.
        return datetime.now(UTC).replace(tzinfo=None)


def link_path(user: User) -> str:
    """Where the person sets a password. It goes into one mail and nowhere else: whoever knows it may."""
    where = {"uidb36": user_pk_to_url_str(user), "key": LinkTokens().make_token(user)}
    return reverse("account_reset_password_from_key", kwargs=where)
