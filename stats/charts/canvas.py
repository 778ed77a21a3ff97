"""The sheet that a chart is drawn on, and the SVG text that it becomes: presentation attributes only."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from xml.sax.saxutils import escape

from stats.charts.lettering import FONT_FAMILY, LINE, SMALL, TEXT, centred, text_width, wrapped
from stats.charts.palette import DOTTED, INK, MUTED, PAPER, PATTERNS, WHITE, Shade

NO_BREAK_SPACE = "\u00a0"
_ID = re.compile(r"[a-z][a-z0-9-]*")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SWATCH = 14.0
_TITLE = 17.0
_MARGIN = 24.0


class Layout(Enum):
    """Two drawings of each chart: a page shows the one that its width has room for."""

    WIDE = "wide"
    NARROW = "narrow"

    @property
    def width(self) -> int:
        return 720 if self is Layout.WIDE else 360


def swedish_number(number: float) -> str:
    return f"{number:,.0f}".replace(",", NO_BREAK_SPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a chart says besides its values, and how it is set.

    `id` is unique on its page; both layouts of a chart may share it. `finding` is the text alternative.
    `number` writes every number that is drawn. A chart that stands alone is a file of its own, on white, with
    title, finding and source drawn; on a page these stand in the page's own text.
    """

    id: str
    title: str
    finding: str
    layout: Layout = Layout.WIDE
    number: Callable[[float], str] = swedish_number
    source: Sequence[str] = ()
    stands_alone: bool = False

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"A chart's id is lower-case letters, digits and hyphens: {self.id!r}.")

    @property
    def width(self) -> int:
        return self.layout.width

    @property
    def is_narrow(self) -> bool:
        return self.layout is Layout.NARROW

    @property
    def drawing_id(self) -> str:
        return f"{self.id}-{self.layout.value}"

    def narrow(self) -> "Frame":
        return replace(self, layout=Layout.NARROW)


def plain(number: float) -> str:
    """A coordinate: two decimals at most."""
    text = f"{number:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Sheet:
    """Collects shapes and text from the top down; `height` is what has been used so far."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.width = float(frame.width)
        self.height = 0.0
        self._elements: list[str] = []
        self._shades: dict[Shade, str] = {}
        self._clips: list[str] = []

    # --- shapes -------------------------------------------------------------------------------------

    def paint(self, shade: Shade) -> str:
        """The value of a `fill` attribute."""
        if not shade.pattern:
            return shade.fill
        if shade not in self._shades:
            self._shades[shade] = f"{self.frame.drawing_id}-{shade.pattern}-{len(self._shades)}"
        return f"url(#{self._shades[shade]})"

    def bar(self, x: float, y: float, width: float, height: float, shade: Shade, says: str) -> None:
        """A shape that stands for a value; `says` is shown where a pointer rests on it."""
        stroke = ""
        if shade.fill == WHITE:  # hollow: the outline stays inside the shape
            inset = min(0.6, width / 4, height / 4)
            x, y, width, height = x + inset, y + inset, width - 2 * inset, height - 2 * inset
            stroke = f' stroke="{shade.outline}" stroke-width="1.2"'
        self._elements.append(
            f'<rect class="mark" x="{plain(x)}" y="{plain(y)}" width="{plain(width)}" '
            f'height="{plain(height)}" fill="{self.paint(shade)}"{stroke}>'
            f"<title>{escaped(says)}</title></rect>"
        )

    def rectangle(self, x: float, y: float, width: float, height: float, *, stroke: str) -> None:
        self._elements.append(
            f'<rect x="{plain(x)}" y="{plain(y)}" width="{plain(width)}" height="{plain(height)}" '
            f'fill="none" stroke="{stroke}"/>'
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str, *, width: float = 1, dash: str = ""
    ) -> None:
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._elements.append(
            f'<line x1="{plain(x1)}" y1="{plain(y1)}" x2="{plain(x2)}" y2="{plain(y2)}" stroke="{colour}" '
            f'stroke-width="{plain(width)}"{dashes}/>'
        )

    def add(self, element: str) -> None:
        """An element that the caller has written and escaped."""
        self._elements.append(element)

    def clip(self, name: str, x: float, y: float, width: float, height: float) -> str:
        """The value of a `clip-path` attribute."""
        clip_id = f"{self.frame.drawing_id}-{name}"
        self._clips.append(
            f'<clipPath id="{clip_id}"><rect x="{plain(x)}" y="{plain(y)}" width="{plain(width)}" '
            f'height="{plain(height)}"/></clipPath>'
        )
        return f"url(#{clip_id})"

    # --- text ---------------------------------------------------------------------------------------

    def text(
        self,
        x: float,
        baseline: float,
        text: str,
        *,
        size: float = TEXT,
        anchor: str = "start",
        colour: str = INK,
        bold: bool = False,
        halo: str = "",
    ) -> None:
        weight = ' font-weight="600"' if bold else ""
        around = (
            f' stroke="{halo}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"' if halo else ""
        )
        self._elements.append(
            f'<text x="{plain(x)}" y="{plain(baseline)}" font-size="{plain(size)}" text-anchor="{anchor}" '
            f'fill="{colour}"{weight}{around}>{escaped(text)}</text>'
        )

    def lines(
        self,
        x: float,
        top: float,
        lines: Iterable[str],
        *,
        size: float = TEXT,
        anchor: str = "start",
        colour: str = INK,
        bold: bool = False,
    ) -> float:
        """Lines of text from `top` down; where they end."""
        for text in lines:
            self.text(
                x, centred(top + LINE / 2, size), text, size=size, anchor=anchor, colour=colour, bold=bold
            )
            top += LINE
        return top

    def paragraph(
        self, text: str, *, size: float = TEXT, colour: str = INK, bold: bool = False, after: float = 0
    ) -> None:
        """Text over the whole width, below what is there already."""
        lines = wrapped(text, self.width, size, bold=bold)
        self.height = self.lines(0, self.height, lines, size=size, colour=colour, bold=bold) + after

    def legend(
        self,
        entries: Sequence[tuple[Shade, str]],
        *,
        after: float = 12,
        swatch: Callable[[float, float, Shade], None] | None = None,
    ) -> None:
        """Swatches with their words, side by side as far as they fit. `swatch` draws around a middle."""
        x = 0.0
        for shade, words in entries:
            width = _SWATCH + 6 + text_width(words, SMALL)
            if x and x + width > self.width:
                x, self.height = 0.0, self.height + LINE + 3
            lines = wrapped(words, self.width - _SWATCH - 6, SMALL)
            (swatch or self._swatch)(x + _SWATCH / 2, self.height + LINE / 2, shade)
            bottom = self.lines(x + _SWATCH + 6, self.height, lines, size=SMALL)
            if len(lines) > 1:
                x, self.height = 0.0, bottom + 3
            else:
                x += width + 18
        if entries:
            self.height += (LINE if x else 0) + after

    def _swatch(self, x: float, y: float, shade: Shade) -> None:
        x, y = x - _SWATCH / 2, y - _SWATCH / 2
        pale = f' stroke="{shade.outline}"' if shade.fill in (WHITE, PAPER) else ""
        self._elements.append(
            f'<rect x="{plain(x + 0.5)}" y="{plain(y + 0.5)}" width="{_SWATCH - 1:g}" '
            f'height="{_SWATCH - 1:g}" fill="{self.paint(shade)}"{pale}/>'
        )

    # --- the whole ----------------------------------------------------------------------------------

    def svg(self) -> str:
        """The drawing as one element of a page or as a file."""
        frame = self.frame
        if not frame.stands_alone:
            return self._element(0, 0, self.width, self.height, self._elements)
        head, foot = Sheet(frame), Sheet(frame)
        head.paragraph(frame.title, size=_TITLE, bold=True, after=2)
        head.paragraph(frame.finding, after=14)
        foot.height = 12
        for text in frame.source:
            foot.paragraph(text, size=SMALL, colour=MUTED)
        below = head.height + self.height
        width, height = self.width + 2 * _MARGIN, below + foot.height + 2 * _MARGIN
        elements = [
            f'<rect x="{-_MARGIN:g}" y="{-_MARGIN:g}" width="{plain(width)}" height="{plain(height)}" '
            f'fill="{WHITE}"/>',
            *head._elements,
            f'<g transform="translate(0 {plain(head.height)})">',
            *self._elements,
            "</g>",
            f'<g transform="translate(0 {plain(below)})">',
            *foot._elements,
            "</g>",
        ]
        return self._element(-_MARGIN, -_MARGIN, width, height, elements)

    def _element(self, left: float, top: float, width: float, height: float, elements: list[str]) -> str:
        frame, own = self.frame, self.frame.drawing_id
        definitions = "".join(
            [*(_pattern(shade, own_id) for shade, own_id in self._shades.items()), *self._clips]
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-{frame.layout.value}" '
            f'viewBox="{plain(left)} {plain(top)} {plain(width)} {plain(height)}" '
            f'width="{plain(width)}" height="{plain(height)}" role="img" '
            f'aria-labelledby="{own}-title" aria-describedby="{own}-desc" '
            f'font-family="{FONT_FAMILY}" fill="{INK}">'
            f'<title id="{own}-title">{escaped(frame.title)}</title>'
            f'<desc id="{own}-desc">{escaped(frame.finding)}</desc>'
            + (f"<defs>{definitions}</defs>" if definitions else "")
            + "".join(elements)
            + "</svg>"
        )


def escaped(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\ufffd", text))


def _pattern(shade: Shade, pattern_id: str) -> str:
    size, path = PATTERNS[shade.pattern]
    width = ' stroke-width="2" stroke-linecap="round"' if shade.pattern in DOTTED else ' stroke-width="1.2"'
    return (
        f'<pattern id="{pattern_id}" patternUnits="userSpaceOnUse" width="{size}" height="{size}">'
        f'<rect width="{size}" height="{size}" fill="{shade.fill}"/>'
        f'<path d="{path}" fill="none" stroke="{shade.line}"{width}/></pattern>'
    )
