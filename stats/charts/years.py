"""Charts over time: lines and columns over the years, with visible breaks; months against last year."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from statistics import fmean

from stats.charts.bars import LEAST, Bar, draw_rows, plain_row
from stats.charts.canvas import Frame, Sheet, escaped, plain
from stats.charts.lettering import LINE, SMALL, centred, text_width, widest, wrapped
from stats.charts.palette import GRID, INK, MUTED, PETROL, RULE, WHITE, Shade, shade_of

_PLOT_HEIGHT = 220.0
_MARKERS = ("circle", "square", "diamond", "triangle")


class Basis(Enum):
    """Where a number comes from. What cannot be counted again, or is not over yet, is drawn hollow."""

    RECORDS = "records"
    PUBLISHED = "published"
    PARTIAL = "partial"

    @property
    def is_hollow(self) -> bool:
        return self is not Basis.RECORDS


_BASIS_CODES = {Basis.RECORDS: "petrol", Basis.PUBLISHED: "hollow", Basis.PARTIAL: "unfinished"}


@dataclass(frozen=True, slots=True)
class Point:
    """A year's number. Without one, `sign` says why (`..` not collected, `:` not published)."""

    value: int | None = None
    basis: Basis = Basis.RECORDS
    sign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    code: str
    label: str
    points: Sequence[Point]  # one a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """From this year on the numbers cover something else than before."""

    year: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSeries:
    """Twelve numbers, January first; None for a month that is not over."""

    label: str
    counts: Sequence[int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPanel:
    """One of several small charts of columns on one scale."""

    label: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where the values of a chart over time are drawn."""

    left: float
    right: float
    top: float
    bottom: float
    most: float
    slots: int

    @property
    def slot(self) -> float:
        return (self.right - self.left) / max(self.slots, 1)

    def x(self, place: float) -> float:
        return self.left + (place + 0.5) * self.slot

    def height(self, value: float) -> float:
        return value / self.most * (self.bottom - self.top) if self.most > 0 else 0.0

    def y(self, value: float) -> float:
        return self.bottom - self.height(value)


# --- lines ------------------------------------------------------------------------------------------


def draw_lines(
    frame: Frame,
    years: Sequence[int],
    lines: Sequence[Line],
    *,
    breaks: Sequence[Break] = (),
    basis_words: Mapping[Basis, str] | None = None,
) -> str:
    """Lines over the years, named at their ends; interrupted at breaks and where a year is missing.

    `basis_words` explains hollow markers where there are any.
    """
    sheet = Sheet(frame)
    points = [point for line in lines for point in line.points]
    _basis_legend(sheet, points, basis_words or {}, as_markers=True)
    ticks = scale_ticks(max((point.value or 0 for point in points), default=0))
    tick_texts = tuple(frame.number(tick) for tick in ticks)
    names = [_end_name(frame, line, years, most=150.0 if frame.is_narrow else 190.0) for line in lines]
    names_width = max((widest(name, SMALL, bold=True) for name in names), default=0)
    left = widest(tick_texts, SMALL) + 8
    right = sheet.width - names_width - 20
    marks = _breaks_in(years, breaks)
    top, notes = _draw_break_names(sheet, marks, _Plot(left, right, 0, 0, 1, len(years)), right=sheet.width)
    names_height = sum(LINE * len(name) + 2 for name in names)
    bottom = top + max(_PLOT_HEIGHT, names_height)
    plot = _Plot(left, right, top, bottom, ticks[-1], len(years))
    for tick, text in zip(ticks, tick_texts, strict=True):
        y = plot.y(tick)
        sheet.line(left, y, right, y, RULE if tick == 0 else GRID)
        sheet.text(left - 6, centred(y, SMALL), text, size=SMALL, anchor="end", colour=MUTED)
    _draw_break_lines(sheet, marks, plot)
    broken_before = {place for place, _break in marks}
    for place, line in enumerate(lines):
        _draw_line(sheet, plot, line, years, place, broken_before)
    _draw_end_names(sheet, plot, lines, names, highest=top)
    _draw_years(sheet, plot, years)
    _draw_break_notes(sheet, notes)
    return sheet.svg()


def _end_name(frame: Frame, line: Line, years: Sequence[int], *, most: float) -> tuple[str, ...]:
    """With the last number; one of an earlier year than the last has its year beside it."""
    last = _last_point(line)
    if last is None:
        sign = next((point.sign for point in reversed(line.points) if point.sign), "–")
        return wrapped(f"{line.label} {sign}", most, SMALL, bold=True)
    name = f"{line.label} {frame.number(line.points[last].value or 0)}"
    if last < len(line.points) - 1:
        name = f"{name} ({years[last]})"
    return wrapped(name, most, SMALL, bold=True)


def _last_point(line: Line) -> int | None:
    places = [place for place, point in enumerate(line.points) if point.value is not None]
    return places[-1] if places else None


def _draw_line(
    sheet: Sheet, plot: _Plot, line: Line, years: Sequence[int], place: int, broken_before: set[int]
) -> None:
    shade = shade_of(line.code, place)
    colour = shade.outline
    for index, (before, after) in enumerate(pairwise(line.points), start=1):
        if before.value is None or after.value is None or index in broken_before:
            continue
        is_thin = before.basis.is_hollow or after.basis.is_hollow
        sheet.line(
            plot.x(index - 1),
            plot.y(before.value),
            plot.x(index),
            plot.y(after.value),
            colour,
            width=1.25 if is_thin else 2.25,
            dash="6 3" if shade.pattern else "",
        )
    for index, point in enumerate(line.points):
        if point.value is None:
            continue
        says = f"{line.label}, {years[index]}: {sheet.frame.number(point.value)}"
        kind = _MARKERS[place % len(_MARKERS)]
        _draw_marker(sheet, kind, plot.x(index), plot.y(point.value), colour, point.basis, says)


def _draw_marker(
    sheet: Sheet, kind: str, x: float, y: float, colour: str, basis: Basis, says: str = ""
) -> None:
    """Filled for what is counted, hollow for what was published, with a dot inside for what is not over.

    A marker that says nothing stands for no value: it is one of the legend's.
    """
    mark, title = (' class="mark"', f"<title>{escaped(says)}</title>") if says else ("", "")
    paint = WHITE if basis.is_hollow else colour
    sheet.add(
        f'<path{mark} d="{_marker(kind, x, y)}" fill="{paint}" stroke="{colour}" stroke-width="1.5">'
        f"{title}</path>"
    )
    if basis is Basis.PARTIAL:
        sheet.add(f'<circle cx="{plain(x)}" cy="{plain(y)}" r="1.4" fill="{colour}"/>')


def _marker(kind: str, x: float, y: float) -> str:
    r = 3.5
    if kind == "circle":
        return f"M{plain(x - r)} {plain(y)}a{r} {r} 0 1 0 {2 * r:g} 0a{r} {r} 0 1 0 {-2 * r:g} 0z"
    if kind == "square":
        return f"M{plain(x - r)} {plain(y - r)}h{2 * r:g}v{2 * r:g}h{-2 * r:g}z"
    if kind == "diamond":
        return (
            f"M{plain(x)} {plain(y - r - 1)}l{r + 1:g} {r + 1:g}l{-r - 1:g} {r + 1:g}l{-r - 1:g} {-r - 1:g}z"
        )
    return f"M{plain(x)} {plain(y - r - 1)}l{r + 1:g} {2 * r + 0.5:g}h{-2 * r - 2:g}z"


def _draw_end_names(
    sheet: Sheet, plot: _Plot, lines: Sequence[Line], names: Sequence[tuple[str, ...]], *, highest: float
) -> None:
    """Names beside the last points, moved apart where they would meet, and tied to their points."""
    wanted: list[tuple[float, int]] = []
    for place, line in enumerate(lines):
        last = _last_point(line)
        value = line.points[last].value or 0 if last is not None else 0
        wanted.append((plot.y(value), place))
    wanted.sort()
    heights = [LINE * len(names[place]) + 2 for _y, place in wanted]
    tops = spread(
        [y - height / 2 for (y, _place), height in zip(wanted, heights, strict=True)],
        heights,
        first=highest - LINE / 2,
        last=plot.bottom + LINE / 2,
    )
    x = plot.right + 18
    for (y, place), top, height in zip(wanted, tops, heights, strict=True):
        shade = shade_of(lines[place].code, place)
        middle = top + height / 2
        last = _last_point(lines[place])
        if last is not None and (abs(middle - y) > 4 or last < len(lines[place].points) - 1):
            start = plot.x(last) + 6
            sheet.line(start, y, x - 4, middle, shade.outline, width=0.75, dash="1 2")
        sheet.lines(x, top + 1, names[place], size=SMALL, bold=True, colour=shade.ink)


def spread(wanted: Sequence[float], heights: Sequence[float], *, first: float, last: float) -> list[float]:
    """Tops of blocks as near to the wanted ones as they can be without meeting; both in rising order.

    Blocks that meet move together: each group stands where the mean of what its blocks want puts it. All stay
    between `first` and `last` as long as their heights do.
    """
    groups: list[tuple[list[float], float]] = []  # what each block's wish means for the group's top; height
    for top, height in zip(wanted, heights, strict=True):
        tops, used = [top], height
        while groups and fmean(groups[-1][0]) + groups[-1][1] > fmean(tops):
            before, before_height = groups.pop()
            tops = before + [own - before_height for own in tops]
            used += before_height
        groups.append((tops, used))
    result: list[float] = []
    for tops, used in groups:
        y = max(min(fmean(tops), last - used), result[-1] + heights[len(result) - 1] if result else first)
        for _block in tops:
            result.append(y)
            y += heights[len(result) - 1]
    for place in reversed(range(len(result))):
        below = result[place + 1] if place + 1 < len(result) else last
        result[place] = min(result[place], below - heights[place])
    return result


def scale_ticks(most: float) -> list[int]:
    """From 0 to at least `most` in three to six even, round steps; whole numbers, since persons are whole."""
    if most <= 0:
        return [0, 1]
    step = 1
    for step in (base * 10**power for power in range(12) for base in (1, 2, 5)):
        if most <= step * 5:
            break
    return list(range(0, int(-(-most // step) * step) + 1, step))


# --- columns ----------------------------------------------------------------------------------------


def draw_year_columns(
    frame: Frame,
    years: Sequence[int],
    points: Sequence[Point],
    *,
    breaks: Sequence[Break] = (),
    basis_words: Mapping[Basis, str] | None = None,
) -> str:
    """One column a year with its number on top; laid down as bars where the numbers would meet."""
    texts = tuple(_point_text(frame, point) for point in points)
    slot = frame.width / max(len(years), 1)
    year_texts = tuple(str(year) for year in years)
    sheet, marks = Sheet(frame), _breaks_in(years, breaks)
    if max(widest(texts, SMALL, bold=True), widest(year_texts, SMALL)) + 5 > slot:
        return _draw_lying_years(sheet, years, points, marks, basis_words or {})
    _basis_legend(sheet, points, basis_words or {}, as_markers=False)
    across = _Plot(0, sheet.width, 0, 0, 1, len(years))
    top, notes = _draw_break_names(sheet, marks, across, right=sheet.width)
    most = max((point.value or 0 for point in points), default=0)
    plot = _Plot(0, sheet.width, top + LINE, top + LINE + _PLOT_HEIGHT, most, len(years))
    _draw_break_lines(sheet, marks, plot, top=top)
    thickness = min(plot.slot * 0.62, 56)
    for index, (point, text) in enumerate(zip(points, texts, strict=True)):
        shade = shade_of(_BASIS_CODES[point.basis])
        says = f"{years[index]}: {text}"
        _draw_column(
            sheet, plot, plot.x(index), thickness, point.value, shade=shade, text=text, says=says, bold=True
        )
    sheet.line(0, plot.bottom, sheet.width, plot.bottom, RULE)
    _draw_years(sheet, plot, years)
    _draw_break_notes(sheet, notes)
    return sheet.svg()


def _draw_lying_years(
    sheet: Sheet,
    years: Sequence[int],
    points: Sequence[Point],
    marks: Sequence[tuple[int, Break]],
    basis_words: Mapping[Basis, str],
) -> str:
    _basis_legend(sheet, points, basis_words, as_markers=False)
    broken_before = {place for place, _break in marks}
    rows = []
    for place, (year, point) in enumerate(zip(years, points, strict=True)):
        sign = "" if point.value is not None else point.sign or "–"
        bar = Bar(label=str(year), value=point.value, sign=sign, code=_BASIS_CODES[point.basis])
        rows.append(replace(plain_row(sheet.frame, bar, place), after_break=place in broken_before))
    draw_rows(sheet, rows, most=max((row.length for row in rows), default=0), inside=False)
    _draw_break_notes(sheet, [f"{mark.year}: {mark.text}" for _place, mark in marks])
    return sheet.svg()


def _point_text(frame: Frame, point: Point) -> str:
    return point.sign or "–" if point.value is None else frame.number(point.value)


def _draw_column(
    sheet: Sheet,
    plot: _Plot,
    middle: float,
    thickness: float,
    value: int | None,
    *,
    shade: Shade,
    text: str,
    says: str,
    bold: bool,
) -> None:
    height = max(plot.height(value), LEAST) if value else 0.0
    if height:
        sheet.bar(middle - thickness / 2, plot.bottom - height, thickness, height, shade, says)
    sheet.text(
        middle,
        plot.bottom - height - 5,
        text,
        size=SMALL,
        anchor="middle",
        bold=bold and value is not None,
        colour=INK if bold and value is not None else MUTED,
    )


# --- breaks, years ----------------------------------------------------------------------------------


def _basis_legend(
    sheet: Sheet, points: Iterable[Point], words: Mapping[Basis, str], *, as_markers: bool
) -> None:
    """What filled and hollow mean; nothing where all is counted from records."""
    occurring = {point.basis for point in points if point.value is not None}
    if not any(basis.is_hollow for basis in occurring):
        return

    def draw_marker(x: float, y: float, shade: Shade) -> None:
        basis = next(basis for basis in occurring if shade_of(_BASIS_CODES[basis]) == shade)
        _draw_marker(sheet, _MARKERS[0], x, y, PETROL, basis)

    entries = [(shade_of(_BASIS_CODES[basis]), words[basis]) for basis in words if basis in occurring]
    sheet.legend(entries, swatch=draw_marker if as_markers else None)


def _breaks_in(years: Sequence[int], breaks: Sequence[Break]) -> list[tuple[int, Break]]:
    """Breaks with the place of their year; one before the first year breaks nothing."""
    places = {year: place for place, year in enumerate(years)}
    found = [(places[item.year], item) for item in breaks if places.get(item.year, 0) > 0]
    return sorted(found, key=lambda found: found[0])


def _draw_break_names(
    sheet: Sheet, marks: Sequence[tuple[int, Break]], plot: _Plot, *, right: float
) -> tuple[float, list[str]]:
    """Names beside their dashed lines if all fit, else letters. Gives where the plot begins, and notes."""
    top = sheet.height
    if not marks:
        return top + LINE / 2, []
    xs = [plot.x(place - 0.5) for place, _mark in marks]
    rooms = [end - x - 10 for x, end in zip(xs, [*xs[1:], right], strict=True)]
    fitting = [
        wrapped(mark.text, max(room, 1), SMALL) for (_place, mark), room in zip(marks, rooms, strict=True)
    ]
    words = tuple(word for _place, mark in marks for word in mark.text.split())
    if max(widest(words, SMALL), 60) <= min(rooms) and max(map(len, fitting)) <= 3:
        for x, lines in zip(xs, fitting, strict=True):
            sheet.lines(x + 5, top, lines, size=SMALL, colour=MUTED)
        return top + LINE * max(map(len, fitting)) + LINE / 2, []
    notes = []
    ends: list[float] = []  # of the letters in each line; one that would meet another goes a line down
    for number, (x, (_place, mark)) in enumerate(zip(xs, marks, strict=True)):
        letter = _letter(number)
        half = text_width(letter, SMALL, bold=True) / 2
        row = next((row for row, end in enumerate(ends) if end + 2 <= x - half), len(ends))
        ends[row : row + 1] = [x + half]
        baseline = centred(top + LINE * row + LINE / 2, SMALL)
        sheet.text(x, baseline, letter, size=SMALL, anchor="middle", bold=True)
        notes.append(f"{letter}  {mark.year}: {mark.text}")
    return top + LINE * len(ends) + LINE / 2, notes


def _letter(number: int) -> str:
    return chr(ord("a") + number % 26) + ("" if number < 26 else str(number // 26))


def _draw_break_lines(
    sheet: Sheet, marks: Sequence[tuple[int, Break]], plot: _Plot, *, top: float | None = None
) -> None:
    start = plot.top if top is None else top
    for place, _mark in marks:
        x = plot.x(place - 0.5)
        sheet.line(x, start - LINE / 2 + 2, x, plot.bottom, MUTED, dash="4 3")


def _draw_break_notes(sheet: Sheet, notes: Sequence[str]) -> None:
    sheet.height += 6 if notes else 0
    for note in notes:
        sheet.paragraph(note, size=SMALL, colour=MUTED)


def _draw_years(sheet: Sheet, plot: _Plot, years: Sequence[int]) -> None:
    """As many years as there is room for, counted from the last."""
    texts = tuple(str(year) for year in years)
    every = max(1, -int(-(widest(texts, SMALL) + 6) // plot.slot))
    for place, text in enumerate(texts):
        if (len(texts) - 1 - place) % every == 0:
            baseline = centred(plot.bottom + 4 + LINE / 2, SMALL)
            sheet.text(plot.x(place), baseline, text, size=SMALL, anchor="middle", colour=MUTED)
    sheet.height = plot.bottom + 4 + LINE


# --- months -----------------------------------------------------------------------------------------


def draw_months(
    frame: Frame, months: Sequence[str], *, this_year: MonthSeries, last_year: MonthSeries
) -> str:
    """Pairs of columns, last year's hollow; laid down as bars where the numbers would meet."""
    counts = [*this_year.counts, *last_year.counts]
    slot = frame.width / max(len(months), 1)
    thickness = (slot - 10) / 2
    texts = tuple(frame.number(count) for count in counts if count is not None)
    sheet = Sheet(frame)
    sheet.legend([(shade_of("last_year"), last_year.label), (shade_of("this_year"), this_year.label)])
    most = max((count or 0 for count in counts), default=0)
    pairs = ((last_year, shade_of("last_year"), False), (this_year, shade_of("this_year"), True))
    if widest(texts, SMALL, bold=True) + 2 > thickness or widest(tuple(months), SMALL) + 4 > slot:
        _draw_lying_months(sheet, months, pairs, most)
        return sheet.svg()
    top = sheet.height + LINE
    plot = _Plot(0, sheet.width, top, top + 200, most, len(months))
    for index, month in enumerate(months):
        for side, (series, shade, bold) in zip((-0.5, 0.5), pairs, strict=True):
            count = series.counts[index]
            if count is None:
                continue
            text = frame.number(count)
            middle = plot.x(index) + side * (thickness + 1)
            says = f"{month}, {series.label}: {text}"
            _draw_column(
                sheet, plot, middle, thickness - 1, count, shade=shade, text=text, says=says, bold=bold
            )
        baseline = centred(plot.bottom + 4 + LINE / 2, SMALL)
        sheet.text(plot.x(index), baseline, month, size=SMALL, anchor="middle", colour=MUTED)
    sheet.line(0, plot.bottom, sheet.width, plot.bottom, RULE)
    sheet.height = plot.bottom + 4 + LINE
    return sheet.svg()


def _draw_lying_months(
    sheet: Sheet, months: Sequence[str], pairs: Sequence[tuple[MonthSeries, Shade, bool]], most: float
) -> None:
    number = sheet.frame.number
    label_width = min(widest(tuple(months)), 120.0)
    x = label_width + 12
    texts = tuple(
        number(count) for series, _shade, _bold in pairs for count in series.counts if count is not None
    )
    room = sheet.width - x - widest(texts, SMALL, bold=True) - 7
    top = y = sheet.height
    for index, month in enumerate(months):
        lines = wrapped(month, label_width)
        height = max(36.0, LINE * len(lines) + 6)
        sheet.lines(x - 10, y + height / 2 - LINE * len(lines) / 2, lines, anchor="end")
        for offset, (series, shade, bold) in zip((-15.0, 0.0), pairs, strict=True):
            count = series.counts[index]
            if count is None:
                continue
            text = number(count)
            bar_y = y + height / 2 + offset
            width = max(count / most * room, LEAST) if count else 0.0
            if width:
                sheet.bar(x, bar_y + 1, width, 13, shade, f"{month}, {series.label}: {text}")
            sheet.text(
                x + width + 6,
                centred(bar_y + 7.5, SMALL),
                text,
                size=SMALL,
                bold=bold,
                colour=INK if bold else MUTED,
            )
        y += height
    sheet.line(x - 0.5, top, x - 0.5, y, RULE)
    sheet.height = y


# --- small multiples --------------------------------------------------------------------------------


def draw_column_panels(frame: Frame, labels: Sequence[str], panels: Sequence[ColumnPanel]) -> str:
    """Small charts of columns on one scale; each prints its largest value, the first and the last label."""
    sheet = Sheet(frame)
    beside = 2 if frame.is_narrow else 4
    gap = 20.0
    room = (sheet.width - gap * (beside - 1)) / beside
    most = max((value or 0 for panel in panels for value in panel.values), default=0)
    for first in range(0, len(panels), beside):
        some = panels[first : first + beside]
        titles = [wrapped(panel.label, room, bold=True) for panel in some]
        top = sheet.height + LINE * max(map(len, titles))
        for place, (panel, title) in enumerate(zip(some, titles, strict=True)):
            left = place * (room + gap)
            sheet.lines(left, top - LINE * len(title), title, bold=True)
            plot = _Plot(left, left + room, top + LINE + 4, top + LINE + 74, most, len(labels))
            _draw_small_columns(sheet, plot, labels, panel)
        sheet.height = top + LINE + 74 + 4 + LINE + (14 if first + beside < len(panels) else 0)
    return sheet.svg()


def _draw_small_columns(sheet: Sheet, plot: _Plot, labels: Sequence[str], panel: ColumnPanel) -> None:
    thickness = max(plot.slot - 2, plot.slot * 0.7)
    counted = [value for value in panel.values if value is not None]
    peak = panel.values.index(max(counted)) if counted else None
    for index, value in enumerate(panel.values):
        if not value:
            continue
        height = max(plot.height(value), LEAST)
        says = f"{panel.label}, {labels[index]}: {sheet.frame.number(value)}"
        left = plot.x(index) - thickness / 2
        sheet.bar(left, plot.bottom - height, thickness, height, shade_of("petrol"), says)
    sheet.line(plot.left, plot.bottom, plot.right, plot.bottom, RULE)
    if peak is not None:
        value = panel.values[peak] or 0
        text = sheet.frame.number(value)
        half = text_width(text, SMALL, bold=True) / 2
        x = min(max(plot.x(peak), plot.left + half), max(plot.right - half, plot.left + half))
        height = max(plot.height(value), LEAST) if value else 0
        sheet.text(x, plot.bottom - height - 4, text, size=SMALL, anchor="middle", bold=True)
    baseline = centred(plot.bottom + 4 + LINE / 2, SMALL)
    sheet.text(plot.left, baseline, labels[0], size=SMALL, colour=MUTED)
    ends = text_width(labels[0], SMALL) + text_width(labels[-1], SMALL) + 8
    if len(labels) > 1 and ends <= plot.right - plot.left:
        sheet.text(plot.right, baseline, labels[-1], size=SMALL, anchor="end", colour=MUTED)
