"""Sentences as values: a translated text with named places, filled with numbers that know their figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from django.utils.translation import gettext, ngettext

from stats.definitions import Plural
from stats.pages import number_in_words


@dataclass(frozen=True, slots=True)
class LinkedNumber:
    """A number as it is printed, and the registry's id of the figure that it is read from."""

    text: str
    figure: str


Part = str | LinkedNumber
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    parts: Parts

    def __str__(self) -> str:
        return text_of(self.parts)


def number(value: int, figure: str) -> Parts:
    return (LinkedNumber(number_in_words(value), figure),)


def per_cent(value: int, figure: str) -> Parts:
    """A share with its sign, as the language has it: `26 %` with a no-break space in Swedish."""
    return (LinkedNumber(gettext("{number}%").format(number=number_in_words(value)), figure),)


def in_number(text: Plural, number: int) -> str:
    """The text for the number, in the active language."""
    return gettext(text.many) if text.one == text.many else ngettext(text.one, text.many, number)


def sentence(template: str, places: Mapping[str, str | Parts]) -> Sentence:
    """A filled text that begins with a capital letter, also where a name begins it."""
    parts = filled(template, places)
    first = parts[0]
    if isinstance(first, str):
        parts = (first[:1].upper() + first[1:], *parts[1:])
    return Sentence(parts)


def filled(template: str, places: Mapping[str, str | Parts]) -> Parts:
    """The text with its places filled. Every place of the text must be named in `places`."""
    found: list[Part] = []
    for text, name, _spec, _conversion in Formatter().parse(template):
        if text:
            found.append(text)
        if name is not None:
            value = places[name]
            found += [value] if isinstance(value, str) else list(value)
    return _joined(found)


def listed(items: Sequence[Parts]) -> Parts:
    """`a, b and c`, in the active language."""
    if len(items) < 2:
        return items[0] if items else ()
    *first, last = items
    before: list[Part] = list(first[0])
    for item in first[1:]:
        before += [", ", *item]
    return filled(gettext("{list} and {last}"), {"list": tuple(before), "last": last})


def one_by_one(items: Sequence[Parts]) -> Parts:
    """`a; b; c`, for items that have commas of their own."""
    found: list[Part] = []
    for item in items:
        found += [*(["; "] if found else []), *item]
    return _joined(found)


def text_of(parts: Parts) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def _joined(parts: Sequence[Part]) -> Parts:
    """Neighbouring words in one."""
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return tuple(joined)
