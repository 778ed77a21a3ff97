"""The map of countries: every nationality has a place, borders are as said, nothing is torn or hidden."""

import csv
import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.charts import Frame, Layout, draw_map
from stats.charts.palette import STEPS
from stats.charts.world import map_steps, step_of, world
from stats.data.build_map import DOTS, from_edge, is_inside, project
from tests.stats.drawings import SVG, assert_well_made, dots, marks, parsed, said, text_boxes, words

ROOT = Path(__file__).parents[2]
WORLD = ROOT / "stats" / "data" / "world.json"


def nationality_names() -> dict[str, str]:
    with (ROOT / "casereg" / "data" / "nationalities.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["label_sv"] for row in csv.DictReader(file)}


NAMES = nationality_names()
PLACES = sorted(NAMES.keys() - {"stateless", "unknown"})


def frame(layout: Layout = Layout.WIDE) -> Frame:
    return Frame(
        id="map", title="Personer efter nationalitet", finding="Thailand var vanligast.", layout=layout
    )


def rings(code: str) -> list[list[tuple[float, float]]]:
    """A country's rings, closed, in units of the map."""
    found = []
    for part in re.findall(r"M([^z]*)z", world().countries[code].path):
        numbers = [int(number) for number in re.findall(r"-?\d+", part)]
        steps = list(zip(numbers[::2], numbers[1::2], strict=True))
        ring = [steps[0]]
        for x, y in steps[1:]:
            ring.append((ring[-1][0] + x, ring[-1][1] + y))
        found.append([*ring, ring[0]])
    return found


def placed() -> Callable[[float, float], tuple[float, float]]:
    """From degrees to units of the map, by two dots whose places are known."""
    (west, east), (left, right) = ("BQ", "CX"), (world().countries["BQ"], world().countries["CX"])
    ends = [project((from_edge(DOTS[code][0]), DOTS[code][1])) for code in (west, east)]
    scale = (right.x - left.x) / (ends[1][0] - ends[0][0])

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        x, y = project((from_edge(longitude), latitude))
        return left.x + (x - ends[0][0]) * scale, left.y + (y - ends[0][1]) * scale

    return place


def countries_at(longitude: float, latitude: float) -> list[str]:
    point = placed()(longitude, latitude)
    return [
        code
        for code, country in world().countries.items()
        if country.path and sum(is_inside(point, ring) for ring in rings(code)) % 2
    ]


# --- the geometry -----------------------------------------------------------------------------------


def test_every_nationality_has_a_place():
    assert [code for code in PLACES if code not in world().countries] == []


def test_the_file_is_small_and_its_source_is_named():
    assert WORLD.stat().st_size < 150_000
    assert "public domain" in (WORLD.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("longitude", "latitude", "code"),
    [
        (34.1, 45.2, "UA"),  # Crimea
        (-12.6, 25.6, "EH"),  # west of the wall, north of it
        (-9.2, 27.3, "EH"),
        (-9.5, 28.5, "MA"),
        (20.9, 42.6, "XK"),
        (35.79, 33.0, "SY"),  # the Golan Heights
        (33.5, 35.25, "CY"),
        (45.0, 9.6, "SO"),
        (-175.0, 66.6, "RU"),  # beyond the antimeridian
        (15.5, 59.5, "SE"),
        (-60.0, -10.0, "BR"),
        (134.0, -25.0, "AU"),
    ],
)
def test_a_place_belongs_to_its_country(longitude, latitude, code):
    assert countries_at(longitude, latitude) == [code]


def test_no_border_runs_across_the_map():
    width = world().width
    for code, country in world().countries.items():
        for ring in rings(code) if country.path else ():
            assert max(abs(a[0] - b[0]) for a, b in pairwise(ring)) < width / 10, code
            assert max(x for x, _y in ring) - min(x for x, _y in ring) < width / 2, code


def test_a_country_is_large_and_a_small_one_is_there():
    areas = {code: country.area for code, country in world().countries.items()}
    assert max(areas, key=areas.__getitem__) == "RU"
    assert areas["CD"] / areas["SE"] == pytest.approx(5.2, rel=0.1)  # areas are true on this projection
    assert json.loads(WORLD.read_text(encoding="utf-8"))["countries"]["VA"]


# --- the drawing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", Layout)
def test_one_person_of_any_country_is_seen(layout):
    for code in PLACES:
        svg = draw_map(frame(layout), {code: 1}, NAMES)
        shown = marks(svg)
        assert {said(mark) for mark in shown} == {f"{NAMES[code]}: 1"}, code
        is_large = any(
            mark.tag == f"{SVG}path"
            and world().countries[code].area * (layout.width / world().width) ** 2 >= 20
            for mark in shown
        )
        assert is_large or dots(svg) or closer(svg), code
        assert all(mark.get("fill") in STEPS for mark in shown)


def closer(svg: str) -> bool:
    """Whether the drawing looks closer at Europe, where a country that is small on the world is large."""
    return "-europe" in svg


@given(
    layout=st.sampled_from(Layout),
    counts=st.dictionaries(st.sampled_from(PLACES), st.one_of(st.integers(0, 9), st.integers(0, 2_000_000))),
    apart=st.lists(st.tuples(st.sampled_from(["Statslösa", "Okänd nationalitet"]), st.integers(0, 900))),
)
def test_names_on_the_map_hide_no_dot_and_no_other_name(layout, counts, apart):
    svg = draw_map(frame(layout), counts, NAMES, apart=apart)
    assert_well_made(svg)
    assert [(box, dot) for box in text_boxes(svg) for dot in dots(svg) if box.meets(dot)] == []
    assert {said(mark).rpartition(":")[0] for mark in marks(svg)} == {
        NAMES[code] for code, count in counts.items() if count
    }


def test_the_largest_are_named_with_their_numbers():
    counts = {"TH": 62, "RO": 34, "UA": 29, "NG": 23, "SE": 23, "BG": 3, "MT": 1}
    for layout in Layout:
        shown = words(draw_map(frame(layout), counts, NAMES))
        assert {"Thailand 62", "Rumänien 34", "Ukraina 29", "Nigeria 23", "Sverige 23"} <= set(shown)
        assert "Bulgarien 3" not in shown


def test_more_persons_are_darker_and_the_legend_says_how_many():
    svg = draw_map(frame(), {"TH": 62, "SE": 23, "MA": 5, "RU": 1}, NAMES, apart=[("Statslösa", 3)])
    fills = {said(mark): mark.get("fill") for mark in marks(svg)}
    assert [fills[text] for text in ("Ryssland: 1", "Marocko: 5", "Sverige: 23", "Thailand: 62")] == [
        STEPS[0],
        STEPS[1],
        STEPS[3],
        STEPS[4],
    ]
    legend = ["0", "1–4", "5–9", "10–19", "20–49", "50–62"]
    assert [text for text in words(svg) if text in legend] == legend
    assert "Statslösa: 3" in words(svg)


def test_a_map_without_persons_is_paper():
    svg = draw_map(frame(), {"SE": 0}, NAMES)
    assert_well_made(svg)
    assert marks(svg) == []
    assert words(svg) == ["0"]


def test_europe_is_drawn_closer_only_in_the_narrow_map_and_only_with_persons_there():
    assert closer(draw_map(frame(Layout.NARROW), {"RO": 1}, NAMES))
    assert not closer(draw_map(frame(Layout.NARROW), {"TH": 1}, NAMES))
    assert not closer(draw_map(frame(Layout.WIDE), {"RO": 1}, NAMES))
    uses = parsed(draw_map(frame(Layout.NARROW), {"RO": 1}, NAMES)).iter(f"{SVG}use")
    assert len(list(uses)) == 2


def test_a_code_that_the_map_does_not_know_is_an_error():
    with pytest.raises(KeyError):
        draw_map(frame(), {"unknown": 1}, NAMES)


@given(st.integers(1, 10_000_000))
def test_steps_cover_every_number_once(most):
    steps = map_steps(most)
    assert steps[0][0] == 1
    assert steps[-1][1] == most
    assert len(steps) <= len(STEPS)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(steps))
    assert all(start <= end for start, end in steps)
    shades = [step_of(start, steps) for start, _end in steps]
    assert shades == sorted(set(shades))
    assert shades[-1] == len(STEPS) - 1
