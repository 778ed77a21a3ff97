"""Passwords: what is easy to guess here. Django holds the rest."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
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
_TRIED_FIRST: Final = Path(__file__).resolve().parent / "data" / "words_tried_first.txt"
# A year, with or without month and day, and what looks like a personal identity number.
_DATE: Final = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}|(?:(?:19|20)[0-9]{2}|[0-9]{2})[01][0-9][0-3][0-9](?:[-+]?[0-9]{4})?)(?![0-9])"
)
_KEYBOARD: Final = ("1234567890", "qwertyuiopå", "asdfghjklöä", "zxcvbnm")
_NEXT_KEY: Final = {pair for row in _KEYBOARD for pair in pairwise(row)}
_LOOKS_LIKE: Final = str.maketrans("013457@$", "oieastas")
_RUN_MIN = 4  # characters
_REPEAT_MIN = 3  # characters
_NAME_MIN = 3  # characters: a shorter part of a name stands in too many words
_JUDGED_MAX = 200  # characters: whatever stands behind them makes a password no weaker


class EasyPartsValidator:
    """What everybody here would try first does not count towards a password's length."""

    def __init__(self, min_length: int) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: object = None) -> None:
        left = uneasy_length(password, _own_words(user) if isinstance(user, User) else ())
        if left < self.min_length <= len(password):  # another rule says: too short
            raise ValidationError(
                _(
                    "Parts of it are easy to guess: names, words of the register such as "
                    "“regionkoordinator”, seasons and years such as “sommaren2026”, or runs such as 1234, "
                    "qwerty or aaaa. Without them at least %(min_length)d characters must be left. Add words "
                    "of your own."
                ),
                code="password_easy_parts",
                params={"min_length": self.min_length},
            )

    def get_help_text(self) -> str:
        return _("Names, words of the register, seasons, years and runs such as 1234 do not count.")


def uneasy_length(password: str, own_words: Iterable[str] = ()) -> int:
    """How many characters are left without known words, the person's own, dates, runs and repetition."""
    text = _folded(password[:_JUDGED_MAX])
    dates = (position for found in _DATE.finditer(text) for position in range(*found.span()))
    words = {*WORDS_OF_THE_REGISTER, *_words_tried_first(), *map(_folded, own_words)}
    easy = {*_in_words(text, words), *_in_common(text), *dates, *_in_runs(text), *_in_repeats(text)}
    return len(text) - len(easy)


def _own_words(user: User) -> Iterator[str]:
    """What whoever knows the person tries: the parts of the name, of the address, and the region."""
    named = [user.name, user.email]
    if user.region:
        named += [user.region.code, user.region.label_sv, user.region.label_en]
    for part in re.split(r"[\W_]+", " ".join(named)):
        if len(part) >= _NAME_MIN:
            yield part


@cache
def _words_tried_first() -> frozenset[str]:
    lines = _TRIED_FIRST.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def common_passwords() -> frozenset[str]:
    """Django's list, in lower case."""
    return frozenset(CommonPasswordValidator().passwords)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _spelled(text: str) -> str:
    """Without accents, and with letters for the digits that look like them: character by character."""
    plain = "".join(unicodedata.normalize("NFKD", character)[0] for character in text)
    return plain.translate(_LOOKS_LIKE)


def _in_common(text: str) -> Iterator[int]:
    """Positions of a common password that has only been given digits and signs, such as “Sunshine-17!!”."""
    found = re.search(r"[^\W\d_].*[^\W\d_]", text, re.DOTALL)
    if found and {found[0], _spelled(found[0])} & common_passwords():
        yield from range(*found.span())


def _in_words(text: str, words: Iterable[str]) -> Iterator[int]:
    """Positions of the words, however they are accented, spaced or written with digits."""
    spelled = _spelled(text)
    positions = [position for position, character in enumerate(spelled) if character.isalnum()]
    letters = "".join(spelled[position] for position in positions)
    for word in map(_spelled, words):
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
