"""How wide text is, and how it is broken into lines, without a browser: estimates that err on the wide side.

The widths are the larger of DejaVu Sans (the widest face that the font list can end in) and Liberation Sans
(as wide as Arial), in hundredths of the font size, rounded up.
"""

from collections.abc import Mapping
from functools import lru_cache

FONT_FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"

TEXT = 13.5  # font sizes, in units of the drawing
SMALL = 12.5  # the smallest: still 12 pixels where a drawing of 360 units is shown 345 pixels wide
LINE = 17.0  # from one line of text to the next

_REGULAR: Mapping[int, str] = {
    20: "\u202f",
    28: "'ijl",
    32: " ,.I’·\u00a0‘ł",
    36: "/:;\\f|",
    40: "()-[]t",
    44: "!r",
    48: '"',
    52: "*J`“”°",
    56: "?L_cszç–şšžćč",
    60: "kvxy",
    64: "$0123456789FTabdeghnopqu{}åäöéüñôøğ",
    68: "EKPSYÉ",
    72: "ABVXZÅÄ",
    76: "CHNRU",
    80: "&DGOQÖØ",
    84: "#+<=>^w~×±",
    88: "M",
    96: "%",
    100: "WmæÆ—…",
    104: "@",
}
_BOLD: Mapping[int, str] = {
    20: "\u202f",
    32: "'",
    36: " ijl\u00a0",
    40: ",./:;I\\|’·‘ł",
    44: "-f",
    48: "!()[]t",
    52: "`r°",
    56: '"*J_–',
    60: "cszçşšžćč",
    64: "?L",
    68: "aekvxyåäé“”",
    72: "$0123456789EFTbdghnopqu{}öÉüñôøğ",
    76: "CPSYZ",
    80: "ABKRVXÅÄ",
    84: "#+<=>DGHNU^~×±",
    88: "&OQÖØ",
    96: "w",
    100: "@M—…",
    104: "%",
    108: "mæ",
    112: "WÆ",
}
_OTHER = 104  # a character that neither table has
_WIDTHS = {
    bold: {character: width for width, characters in table.items() for character in characters}
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = TEXT, *, bold: bool = False) -> float:
    widths = _WIDTHS[bold]
    return sum(widths.get(character, _OTHER) for character in text) * size / 100


@lru_cache(maxsize=4096)
def wrapped(text: str, width: float, size: float = TEXT, *, bold: bool = False) -> tuple[str, ...]:
    """Lines no wider than `width`; a word that is wider than a line is cut with a hyphen."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if text_width(longer, size, bold=bold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while text_width(line, size, bold=bold) > width and len(line) > 1:
            head = _head(line, width, size, bold=bold)
            lines.append(head if head.endswith("-") else f"{head}-")
            line = line[len(head) :]
    return (*lines, line) if line or not lines else tuple(lines)


def _head(word: str, width: float, size: float, *, bold: bool) -> str:
    """As much of the word as fits with a hyphen after it; at least one character."""
    length = len(word) - 1
    while length > 1 and text_width(f"{word[:length]}-", size, bold=bold) > width:
        length -= 1
    return word[:length]


def widest(texts: tuple[str, ...], size: float = TEXT, *, bold: bool = False) -> float:
    return max((text_width(text, size, bold=bold) for text in texts), default=0.0)


def centred(middle: float, size: float = TEXT) -> float:
    """The baseline of a line of text that is to stand in the middle of something."""
    return middle + 0.36 * size
