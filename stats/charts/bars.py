"""Charts of horizontal bars: stacked by group, plain, and small multiples on one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stats.charts.canvas import Frame, Sheet
from stats.charts.lettering import LINE, SMALL, TEXT, centred, text_width, widest, wrapped
from stats.charts.palette import INK, MUTED, RULE, Shade, shade_of

GAP = 2.0  # between the segments of a bar
LEAST = 1.5  # the width of the smallest value that is not nothing
_AFTER_BAR = 7.0  # between a bar's end and its total


@dataclass(frozen=True, slots=True)
class Series:
    """A group that every bar is divided by. The order is the caller's and the same in every bar."""

    code: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedBar:
    """One bar: counts by the codes of the series. `total` where it is not the sum of what is shown.

    `sign` is printed instead of a bar that has no numbers (`..`, `x`).
    """

    label: str
    counts: Mapping[str, int | None] = field(default_factory=dict)
    total: int | None = None
    sign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A value with its name. `text` where the number's own writing is not enough (`26 %`)."""

    label: str
    value: float | None = None
    text: str = ""
    sign: str = ""
    code: str = "petrol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One of several small charts: a value for each of the labels that all panels share."""

    label: str
    values: Sequence[float | None]
    texts: Sequence[str] = ()  # as the values are printed; blank: as the frame writes numbers
    code: str = "petrol"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a drawn bar."""

    value: float
    shade: Shade
    says: str
    text: str  # printed inside where it fits


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A bar as it is drawn, with what is printed after it."""

    label: str
    segments: Sequence[Segment]
    end: str
    is_number: bool = True
    after_break: bool = False  # a dashed line parts it from the row above

    @property
    def length(self) -> float:
        return sum(segment.value for segment in self.segments)


def draw_stacked_bars(frame: Frame, bars: Sequence[StackedBar], series: Sequence[Series]) -> str:
    """Bars divided by group, with the number in each part that has room and the total at the end."""
    sheet = Sheet(frame)
    shades = {group.code: shade_of(group.code, place) for place, group in enumerate(series)}
    occurring = [group for group in series if any(bar.counts.get(group.code) for bar in bars)]
    if len(series) > 1:
        sheet.legend([(shades[group.code], group.label) for group in occurring or series])
    rows = []
    for bar in bars:
        counts = [(group, bar.counts.get(group.code) or 0) for group in series]
        segments = [
            Segment(
                value=count,
                shade=shades[group.code],
                says=f"{bar.label}, {group.label}: {frame.number(count)}",
                text=frame.number(count),
            )
            for group, count in counts
            if count > 0
        ]
        total = sum(count for _group, count in counts) if bar.total is None else bar.total
        rows.append(
            Row(
                label=bar.label,
                segments=() if bar.sign else segments,
                end=bar.sign or frame.number(total),
                is_number=not bar.sign,
            )
        )
    draw_rows(sheet, rows, most=max((row.length for row in rows), default=0), inside=len(series) > 1)
    return sheet.svg()


def draw_bars(frame: Frame, bars: Sequence[Bar]) -> str:
    """One value a bar, printed at its end."""
    sheet = Sheet(frame)
    rows = [plain_row(frame, bar, place) for place, bar in enumerate(bars)]
    draw_rows(sheet, rows, most=max((row.length for row in rows), default=0), inside=False)
    return sheet.svg()


def draw_bar_panels(
    frame: Frame, labels: Sequence[str], panels: Sequence[Panel], *, whole: float | None = None
) -> str:
    """Small charts with the same rows and one scale: side by side where there is room, else below each other.

    `whole` is the value that would fill a panel; without it the largest value does.
    """
    sheet = Sheet(frame)
    rows_of = [_panel_rows(frame, labels, panel) for panel in panels]
    most = whole or max((row.length for rows in rows_of for row in rows), default=0)
    ends = tuple(row.end for rows in rows_of for row in rows)
    label_width = min(widest(tuple(labels)), 170.0 if not frame.is_narrow else 140.0)
    left = label_width + 12
    least = 70 + widest(ends, bold=True) + _AFTER_BAR
    beside = max(1, min(len(panels), int((sheet.width - left + 24) // (least + 24))))
    beside = -(-len(panels) // -(-len(panels) // beside)) if panels else 1  # as many in each row as can be
    room = (sheet.width - left - 24 * (beside - 1)) / beside
    for first in range(0, len(panels), beside):
        titles = [wrapped(panel.label, room, bold=True) for panel in panels[first : first + beside]]
        top = sheet.height + LINE * max(len(title) for title in titles) + 6
        bottom = top
        for place, title in enumerate(titles):
            x = left + place * (room + 24)
            sheet.lines(x, top - 6 - LINE * len(title), title, bold=True)
            bottom = _rows_beside(
                sheet,
                rows_of[first + place],
                most=most,
                top=top,
                x=x,
                right=x + room,
                label_width=label_width if place == 0 else 0,
                lines_width=label_width,
                thickness=16,
            )
        sheet.height = bottom + (20 if first + beside < len(panels) else 0)
    return sheet.svg()


def plain_row(frame: Frame, bar: Bar, place: int) -> Row:
    text = bar.sign or bar.text or ("–" if bar.value is None else frame.number(bar.value))
    has_value = not bar.sign and bar.value is not None and bar.value > 0
    segment = Segment(
        value=bar.value or 0, shade=shade_of(bar.code, place), says=f"{bar.label}: {text}", text=""
    )
    return Row(
        label=bar.label,
        segments=(segment,) if has_value else (),
        end=text,
        is_number=not bar.sign and bar.value is not None,
    )


def _panel_rows(frame: Frame, labels: Sequence[str], panel: Panel) -> list[Row]:
    texts = panel.texts or [""] * len(labels)
    rows = []
    for label, value, text in zip(labels, panel.values, texts, strict=True):
        bar = Bar(label=label, value=value, text=text, code=panel.code)
        row = plain_row(frame, bar, 0)
        segments = [
            Segment(value=part.value, shade=part.shade, says=f"{panel.label}, {part.says}", text="")
            for part in row.segments
        ]
        rows.append(Row(label=label, segments=segments, end=row.end, is_number=row.is_number))
    return rows


def draw_rows(sheet: Sheet, rows: Sequence[Row], *, most: float, inside: bool) -> None:
    """One column of bars. Names stand beside the bars, in the narrow drawing above them."""
    if not sheet.frame.is_narrow:
        label_width = min(widest(tuple(row.label for row in rows)), 230.0)
        sheet.height = _rows_beside(
            sheet,
            rows,
            most=most,
            top=sheet.height,
            x=label_width + 12,
            right=sheet.width,
            label_width=label_width,
            lines_width=label_width,
            thickness=24,
            inside=inside,
        )
        return
    right = sheet.width - widest(tuple(row.end for row in rows), bold=True) - _AFTER_BAR
    for row in rows:
        if row.after_break:
            sheet.line(0, sheet.height - 3.5, sheet.width, sheet.height - 3.5, MUTED, dash="4 3")
        sheet.height = sheet.lines(0, sheet.height, wrapped(row.label, sheet.width)) + 2
        _draw_bar(sheet, row, x=1, y=sheet.height, scale=_scale(right - 1, most), thickness=22, inside=inside)
        sheet.line(0.5, sheet.height - 1, 0.5, sheet.height + 23, RULE)
        sheet.height += 22 + 9
    sheet.height -= 8 if rows else 0


def _rows_beside(
    sheet: Sheet,
    rows: Sequence[Row],
    *,
    most: float,
    top: float,
    x: float,
    right: float,
    label_width: float,
    lines_width: float,
    thickness: float,
    inside: bool = False,
) -> float:
    """Bars that begin at `x` with their names left of it; where they end. No names where their width is 0."""
    scale = _scale(right - x - widest(tuple(row.end for row in rows), bold=True) - _AFTER_BAR, most)
    y = top
    for row in rows:
        lines = wrapped(row.label, lines_width)
        height = max(thickness + 8, LINE * len(lines) + 6)
        middle = y + height / 2
        if row.after_break:
            sheet.line(0, y, right, y, MUTED, dash="4 3")
        if label_width:
            sheet.lines(x - 10, middle - LINE * len(lines) / 2, lines, anchor="end")
        _draw_bar(sheet, row, x=x, y=middle - thickness / 2, scale=scale, thickness=thickness, inside=inside)
        y += height
    if rows:
        sheet.line(x - 0.5, top, x - 0.5, y, RULE)
    return y


def _scale(room: float, most: float) -> float:
    """Units of the drawing a person."""
    return max(room, 40.0) / most if most > 0 else 0.0


def _draw_bar(
    sheet: Sheet, row: Row, *, x: float, y: float, scale: float, thickness: float, inside: bool
) -> None:
    baseline = centred(y + thickness / 2, SMALL)
    for segment, width in zip(
        row.segments, segment_widths([part.value * scale for part in row.segments]), strict=True
    ):
        sheet.bar(x, y, width, thickness, segment.shade, segment.says)
        if inside and text_width(segment.text, SMALL, bold=True) + 8 <= width and len(row.segments) > 1:
            sheet.text(
                x + width / 2,
                baseline,
                segment.text,
                size=SMALL,
                anchor="middle",
                colour=segment.shade.text,
                halo=segment.shade.halo,
                bold=True,
            )
        x += width + GAP
    end = x - GAP + _AFTER_BAR if row.segments else x + _AFTER_BAR - 1
    sheet.text(
        end,
        centred(y + thickness / 2),
        row.end,
        bold=row.is_number,
        colour=INK if row.is_number else MUTED,
        size=TEXT,
    )


def segment_widths(lengths: Sequence[float]) -> list[float]:
    """Widths that leave a gap between the parts of a bar and every part visible.

    The bar keeps its true length: what gaps and the least width take, the larger parts give in proportion. A
    bar that is too short for its parts becomes as long as they need.
    """
    if not lengths:
        return []
    room = sum(lengths) - GAP * (len(lengths) - 1)
    if room <= LEAST * len(lengths):
        return [LEAST] * len(lengths)
    widths = list(lengths)
    small: set[int] = set()
    while True:
        free = room - LEAST * len(small)
        large = sum(length for place, length in enumerate(lengths) if place not in small)
        widths = [LEAST if place in small else length * free / large for place, length in enumerate(lengths)]
        too_small = {place for place, width in enumerate(widths) if width < LEAST and place not in small}
        if not too_small:
            return widths
        small |= too_small
