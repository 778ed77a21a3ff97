"""The map of countries: five steps of one colour, small countries as dots, the largest numbers named."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from stats.charts.canvas import Frame, Sheet, escaped, plain
from stats.charts.lettering import LINE, SMALL, centred, text_width
from stats.charts.palette import INK, MUTED, PAPER, RULE, STEPS, WHITE, Shade

_WORLD = Path(__file__).parents[1] / "data" / "world.json"
_SMALLEST_AREA = 22.0  # square units of the drawing; a country that is smaller gets a dot
_DOT = 4.0
# Where the narrow drawing looks closer, in units of the map: Europe.
_EUROPE = (880.0, 40.0, 1150.0, 268.0)

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Country:
    """Its borders as a path, a point inside, and the area of its largest part, in units of the map."""

    x: float
    y: float
    area: float
    path: str


@dataclass(frozen=True, slots=True)
class World:
    width: float
    height: float
    countries: Mapping[str, Country]
    land: str  # every country's path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A country that has persons, as it is drawn."""

    country: Country
    name: str
    says: str
    fill: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A part of the map, drawn at a place of the sheet."""

    name: str
    scale: float
    left: float  # of the map
    top: float
    box: Box  # of the sheet

    def middle(self, country: Country) -> tuple[float, float]:
        x, y, _right, _bottom = self.on_sheet((country.x, country.y, country.x, country.y))
        return x, y

    def on_sheet(self, box: Box) -> Box:
        left, top = self.box[0] - self.left * self.scale, self.box[1] - self.top * self.scale
        return (
            left + box[0] * self.scale,
            top + box[1] * self.scale,
            left + box[2] * self.scale,
            top + box[3] * self.scale,
        )

    def shows(self, country: Country) -> bool:
        x, y = self.middle(country)
        return self.box[0] <= x <= self.box[2] and self.box[1] <= y <= self.box[3]

    def is_small(self, country: Country) -> bool:
        return not country.path or country.area * self.scale**2 < _SMALLEST_AREA

    @property
    def transform(self) -> str:
        x, y = self.box[0] - self.left * self.scale, self.box[1] - self.top * self.scale
        return f"translate({plain(x)} {plain(y)}) scale({self.scale:.4f})"


@lru_cache(maxsize=1)
def world() -> World:
    content = json.loads(_WORLD.read_text(encoding="utf-8"))
    countries = {
        code: Country(x=entry["x"], y=entry["y"], area=entry.get("area", 0), path=entry.get("path", ""))
        for code, entry in content["countries"].items()
    }
    land = "".join(country.path for country in countries.values())
    return World(width=content["width"], height=content["height"], countries=countries, land=land)


def draw_map(
    frame: Frame,
    counts: Mapping[str, int],
    names: Mapping[str, str],
    *,
    apart: Sequence[tuple[str, int]] = (),
    most_names: int = 5,
) -> str:
    """Persons by country of nationality; the codes are ISO 3166-1 alpha-2 and XK.

    `names` has a name for each code that has persons. `apart`: what has no place on a map, with its number
    (stateless, unknown). `most_names`: how many of the largest are written on the map where there is room.
    A code that the map does not know raises KeyError.
    """
    sheet = Sheet(frame)
    steps = map_steps(max(counts.values(), default=0))
    # The smallest first: of two dots that meet, the larger number lies on top.
    places = [
        _Place(
            country=world().countries[code],
            name=f"{names[code]} {frame.number(count)}",
            says=f"{names[code]}: {frame.number(count)}",
            fill=STEPS[step_of(count, steps)],
        )
        for code, count in sorted(counts.items(), key=lambda item: (item[1], item[0]))
        if count > 0
    ]
    views = _views(frame, places)
    dots: list[Box] = []
    for view in views:
        _draw_countries(sheet, view, places, again=view is not views[0])
        shown_closer = views[1:] if view is views[0] else []
        some = [p for p in places if not any(closer.shows(p.country) for closer in shown_closer)]
        dots += _draw_dots(sheet, view, some)
    if len(views) > 1:
        for left, top, width, height in (
            _with_size(views[0].on_sheet(_EUROPE)),
            _with_size(views[1].box),
        ):
            sheet.rectangle(left + 0.5, top + 0.5, width - 1, height - 1, stroke=MUTED)
    _write_names(sheet, views, places, dots, most=most_names)
    sheet.height = views[-1].box[3] + 12
    _draw_steps(sheet, steps, apart)
    return sheet.svg()


def _views(frame: Frame, places: Sequence[_Place]) -> list[_View]:
    """The world; in the narrow drawing Europe too, where most countries are small, if it has any persons."""
    globe, width = world(), float(frame.width)
    scale = width / globe.width
    views = [_View(name="world", scale=scale, left=0, top=0, box=(0, 0, width, globe.height * scale))]
    left, top, right, bottom = _EUROPE
    closer, below = width / (right - left), views[0].box[3] + 14
    box = (0.0, below, width, below + (bottom - top) * closer)
    europe = _View(name="europe", scale=closer, left=left, top=top, box=box)
    if frame.is_narrow and any(europe.shows(place.country) for place in places):
        views.append(europe)
    return views


def _draw_countries(sheet: Sheet, view: _View, places: Sequence[_Place], *, again: bool) -> None:
    """The land and, over it, the countries that have persons; the second time by reference to the first."""
    land_id, persons_id = f"{sheet.frame.drawing_id}-land", f"{sheet.frame.drawing_id}-persons"
    clip = sheet.clip(view.name, *_with_size(view.box))
    border = plain((0.35 if sheet.frame.is_narrow and not again else 0.5) / view.scale)
    sheet.add(
        f'<g clip-path="{clip}"><g transform="{view.transform}" fill="{PAPER}" stroke="{RULE}" '
        f'stroke-width="{border}" stroke-linejoin="round">'
    )
    if again:
        sheet.add(f'<use href="#{land_id}"/><use href="#{persons_id}"/></g></g>')
        return
    sheet.add(f'<path id="{land_id}" d="{world().land}"/><g id="{persons_id}">')
    for place in places:
        if place.country.path:
            sheet.add(
                f'<path class="mark" d="{place.country.path}" fill="{place.fill}">'
                f"<title>{escaped(place.says)}</title></path>"
            )
    sheet.add("</g></g></g>")


def _draw_dots(sheet: Sheet, view: _View, places: Sequence[_Place]) -> list[Box]:
    """Countries that would hardly be seen; where their dots are."""
    boxes = []
    left, top, right, bottom = view.box
    for place in places:
        if not view.is_small(place.country) or not view.shows(place.country):
            continue
        x, y = view.middle(place.country)
        x = min(max(x, left + _DOT + 1), right - _DOT - 1)
        y = min(max(y, top + _DOT + 1), bottom - _DOT - 1)
        boxes.append(_around(x, y, _DOT))
        sheet.add(
            f'<circle class="mark" cx="{plain(x)}" cy="{plain(y)}" r="{_DOT:g}" fill="{place.fill}" '
            f'stroke="{INK}" stroke-width="0.75"><title>{escaped(place.says)}</title></circle>'
        )
    return boxes


def map_steps(most: int) -> tuple[tuple[int, int], ...]:
    """The first and last number of each step, at most five, at round numbers, the last ending at the largest.

    Persons by nationality are many ones and few large numbers, so the steps grow.
    """
    if most <= 0:
        return ()
    starts = [start for power in range(12) for start in (10**power, 2 * 10**power, 5 * 10**power)]
    if most <= len(STEPS):
        starts = list(range(1, most + 1))
    starts = [start for start in starts if start <= most]
    if len(starts) > len(STEPS):
        last = len(STEPS) - 1
        starts = [starts[-(-place * (len(starts) - 1) // last)] for place in range(len(STEPS))]
    ends = [start - 1 for start in starts[1:]] + [most]
    return tuple(zip(starts, ends, strict=True))


def step_of(count: int, steps: Sequence[tuple[int, int]]) -> int:
    """Which of the five shades; fewer steps than five are spread over all of them."""
    place = next(place for place, (_start, end) in enumerate(steps) if count <= end)
    return len(STEPS) - 1 if len(steps) == 1 else round(place * (len(STEPS) - 1) / (len(steps) - 1))


def _with_size(box: Box) -> Box:
    return box[0], box[1], box[2] - box[0], box[3] - box[1]


def _draw_steps(sheet: Sheet, steps: Sequence[tuple[int, int]], apart: Sequence[tuple[str, int]]) -> None:
    number = sheet.frame.number
    entries = [(Shade(fill=PAPER, line=RULE), number(0))]
    for start, end in steps:
        words = number(start) if start == end else f"{number(start)}–{number(end)}"
        entries.append((Shade(fill=STEPS[step_of(start, steps)]), words))
    sheet.legend(entries, after=4)
    for words, count in apart:
        sheet.paragraph(f"{words}: {number(count)}", size=SMALL)


def _write_names(
    sheet: Sheet, views: Sequence[_View], places: Sequence[_Place], dots: Sequence[Box], *, most: int
) -> None:
    """The largest numbers with their countries, each in the closest view, where there is room.

    A name hides no dot, no other name and no middle of a country that has persons; away from its country it
    is tied to it by a line.
    """
    names: list[Box] = []
    views_of = {
        place.country: next(v for v in reversed(views) if v is views[0] or v.shows(place.country))
        for place in places
    }
    middles = {country: _around(*view.middle(country), 3) for country, view in views_of.items()}
    for place in places[::-1][:most]:
        view = views_of[place.country]
        taken = [*names, *dots, *(box for country, box in middles.items() if country != place.country)]
        for box, anchor, is_away in _name_boxes(view, place):
            if _is_inside(box, view.box) and not any(_meet(box, other) for other in taken):
                names.append(box)
                # Tied to the country's side of the box: an estimate that is too wide leaves no gap there.
                x = {"start": box[0], "middle": (box[0] + box[2]) / 2, "end": box[2]}[anchor]
                y = (box[1] + box[3]) / 2
                if is_away:
                    gap = -3 if anchor == "start" else 3
                    sheet.line(*view.middle(place.country), x + gap, y, INK, width=0.75)
                sheet.text(x, centred(y, SMALL), place.name, size=SMALL, anchor=anchor, bold=True, halo=WHITE)
                break


def _name_boxes(view: _View, place: _Place) -> Iterator[tuple[Box, str, bool]]:
    """Where a name may stand, best first: on its country, beside it, above or below it, away from it.

    With each box, how the text is anchored in it, and whether it needs a line to its country.
    """
    width = text_width(place.name, SMALL, bold=True)
    x, y = view.middle(place.country)
    size = place.country.area**0.5 * view.scale
    away = max(_DOT, min(size * 0.6, 30)) + 3
    if width < size * 0.8:
        yield _name_box(x, y, width, "middle"), "middle", False
    yield _name_box(x + away, y, width, "start"), "start", False
    yield _name_box(x - away, y, width, "end"), "end", False
    yield _name_box(x, y - away - LINE / 2, width, "middle"), "middle", False
    yield _name_box(x, y + away + LINE / 2, width, "middle"), "middle", False
    for far in (30, 50, 75, 105, 140):
        for down in (0, 0.4, -0.4, 0.8, -0.8):
            yield _name_box(x - far, y + far * down, width, "end"), "end", True
            yield _name_box(x + far, y + far * down, width, "start"), "start", True


def _name_box(x: float, y: float, width: float, anchor: str) -> Box:
    left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
    return left, y - LINE / 2, left + width, y + LINE / 2


def _around(x: float, y: float, radius: float) -> Box:
    return x - radius, y - radius, x + radius, y + radius


def _is_inside(box: Box, outer: Box) -> bool:
    return (
        outer[0] + 2 <= box[0]
        and box[2] <= outer[2] - 2
        and outer[1] + 2 <= box[1]
        and box[3] <= outer[3] - 2
    )


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
