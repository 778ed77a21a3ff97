"""The colours and patterns of charts, by the register's codes: told apart without colour too."""

from collections.abc import Mapping
from dataclasses import dataclass

INK = "#1c2330"
MUTED = "#545d6b"
PETROL = "#0d4a5a"
RULE = "#8b8f98"  # lines that carry meaning
GRID = "#dcd9d2"  # lines that only guide the eye
PAPER = "#f7f5f0"
WHITE = "#ffffff"

# Map: five steps from light to dark; no persons is paper.
STEPS = ("#c3d9de", "#8fb8c2", "#5a93a1", "#2c6c7d", PETROL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """How an area is filled. `text` is legible on `halo`, the colour that is drawn around its letters."""

    fill: str
    text: str = WHITE
    halo: str = ""
    pattern: str = ""  # a key of PATTERNS
    line: str = ""  # the colour of the pattern's lines or dots

    @property
    def outline(self) -> str:
        """For lines and markers, where a pale fill would be too faint."""
        return self.line if self.line and self.line != WHITE else self.fill

    @property
    def ink(self) -> str:
        """For words in the group's colour: dark enough to be read on paper."""
        return self.halo if self.text == WHITE else self.outline


# Patterns repeat in a square; lines or dots.
PATTERNS: Mapping[str, tuple[int, str]] = {
    "rising": (6, "M-1.5 1.5l3-3M0 6l6-6M4.5 7.5l3-3"),
    "falling": (6, "M-1.5 4.5l3 3M0 0l6 6M4.5-1.5l3 3"),
    "across": (6, "M0 3h6"),
    "upright": (6, "M3 0v6"),
    "crossed": (7, "M-1 1l2-2M0 7l7-7M6 8l2-2M-1 6l2 2M0 0l7 7M6-1l2 2"),
    "squared": (6, "M0 3h6M3 0v6"),
    "dotted": (6, "M1.5 1.5h0M4.5 4.5h0"),
    "sparse": (8, "M2 2h0M6 6h0"),
}
DOTTED = frozenset({"dotted", "sparse"})

_WOMEN, _MEN, _GIRLS, _BOYS = "#5b3a8c", "#c9540f", "#a895d4", "#f0a860"
_OTHER_SEX, _UNKNOWN = "#2a7f62", "#8a8f98"

PETROL_SHADE = Shade(fill=PETROL, halo=PETROL)
# Not a group but the lack of an answer: unknown, not recorded.
NO_ANSWER = Shade(fill="#c9ccd1", text=INK, halo="#e4e6e9", pattern="crossed", line="#5d646f")

_SHADES: Mapping[str, Shade] = {
    "adult_female": Shade(fill=_WOMEN, halo=_WOMEN),
    "adult_male": Shade(fill=_MEN, halo="#9d3f08"),
    "girl": Shade(fill=_GIRLS, text=INK, halo="#c9bce6", pattern="rising", line=_WOMEN),
    "boy": Shade(fill=_BOYS, text=INK, halo="#f8d0a6", pattern="falling", line="#a8450b"),
    "female_age_unknown": Shade(fill="#e3dcf1", text=INK, halo="#eee9f8", pattern="across", line=_WOMEN),
    "male_age_unknown": Shade(fill="#fbe3cd", text=INK, halo="#fdf0e4", pattern="upright", line="#a8450b"),
    "other_sex": Shade(fill=_OTHER_SEX, halo="#1d6049", pattern="dotted", line=WHITE),
    "unknown_sex_adult": Shade(fill=_UNKNOWN, text=INK, halo="#c4c7cc", pattern="crossed", line="#353b46"),
    "unknown_sex_minor": Shade(fill="#c9ccd1", text=INK, halo="#e4e6e9", pattern="squared", line="#545d6b"),
    "unknown_sex_age_unknown": Shade(
        fill="#eceef0", text=INK, halo="#f6f7f8", pattern="sparse", line="#545d6b"
    ),
    # Sex alone, age alone.
    "female": Shade(fill=_WOMEN, halo=_WOMEN),
    "male": Shade(fill=_MEN, halo="#9d3f08"),
    "adult": PETROL_SHADE,
    "minor": Shade(fill="#8fb8c2", text=INK, halo="#c3d9de", pattern="rising", line=PETROL),
    "unknown": NO_ANSWER,
    "not_recorded": Shade(fill="#f0f1f3", text=INK, halo="#f8f8f9", pattern="sparse", line="#545d6b"),
    "this_year": PETROL_SHADE,
    "last_year": Shade(fill=WHITE, text=INK, halo=WHITE, line=MUTED),
    "petrol": PETROL_SHADE,
    "hollow": Shade(fill=WHITE, text=INK, halo=WHITE, line=PETROL),
    "unfinished": Shade(fill=WHITE, text=INK, halo=WHITE, pattern="rising", line=PETROL),
    "muted": Shade(fill=MUTED, halo=MUTED),
}

# For series that have no colour of their own; after the last they begin again.
_FURTHER = (
    PETROL_SHADE,
    Shade(fill="#a8c9d1", text=INK, halo="#d3e4e8", pattern="rising", line=PETROL),
    Shade(fill="#7a4b00", halo="#7a4b00"),
    Shade(fill="#e6cf9f", text=INK, halo="#f2e7cf", pattern="falling", line="#7a4b00"),
    Shade(fill="#1d6b43", halo="#1d6b43", pattern="dotted", line=WHITE),
    Shade(fill="#bfdccb", text=INK, halo="#dfeee5", pattern="across", line="#1d6b43"),
)


def shade_of(code: str, place: int = 0) -> Shade:
    """The shade of a code; one that has none of its own gets one by its place in the chart."""
    return _SHADES.get(code) or _FURTHER[place % len(_FURTHER)]
