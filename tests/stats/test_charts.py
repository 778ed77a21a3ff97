"""Charts are read back from their SVG: nothing collides, every person is seen, nothing is unsafe."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stats.charts import (
    Bar,
    Basis,
    Break,
    ColumnPanel,
    Frame,
    Layout,
    Line,
    MonthSeries,
    Panel,
    Point,
    Series,
    StackedBar,
    draw_bar_panels,
    draw_bars,
    draw_column_panels,
    draw_lines,
    draw_months,
    draw_stacked_bars,
    draw_year_columns,
    swedish_number,
)
from stats.charts.bars import GAP, LEAST, segment_widths
from stats.charts.lettering import text_width, wrapped
from stats.charts.palette import PAPER, WHITE, shade_of
from stats.charts.years import scale_ticks, spread
from tests.stats.drawings import SVG, assert_well_made, bars, marks, parsed, said, text_boxes, words

GROUPS = (
    "adult_female adult_male girl boy female_age_unknown male_age_unknown other_sex unknown_sex_adult "
    "unknown_sex_minor unknown_sex_age_unknown"
).split()
MONTHS = "jan feb mar apr maj jun jul aug sep okt nov dec".split()
BASIS_WORDS = {
    Basis.RECORDS: "Räknat ur registret",
    Basis.PUBLISHED: "Publicerat",
    Basis.PARTIAL: "Året pågår",
}

layouts = st.sampled_from(Layout)
counts = st.one_of(st.just(0), st.integers(1, 9), st.integers(0, 500), st.integers(0, 1_000_000))
labels = st.one_of(
    st.text("abcdeåäömwWÅ <&>-", min_size=1, max_size=60).filter(str.strip),
    st.sampled_from(
        ["Arbetskraft", "Tvångsäktenskap", "ö" * 60, "Hänvisad från annan myndighet eller region"]
    ),
)


def frame(layout: Layout = Layout.WIDE, *, stands_alone: bool = False) -> Frame:
    return Frame(
        id="chart",
        title="Personer efter exploateringsform",
        finding="Arbetskraft var vanligast med 189 av 414 personer.",
        layout=layout,
        source=("Källa: registret. Intern, pågående år.",),
        stands_alone=stands_alone,
    )


# --- what holds for every chart, whatever its values ------------------------------------------------


@given(
    layout=layouts,
    stands_alone=st.booleans(),
    rows=st.lists(st.tuples(labels, st.lists(counts, min_size=10, max_size=10)), max_size=12),
    groups=st.integers(1, 10),
    names=st.lists(labels, min_size=10, max_size=10),
)
@example(Layout.NARROW, False, [("Alla", [0] * 10)] * 12, 10, ["Okänt kön och okänd ålder"] * 10)
@example(Layout.NARROW, True, [("Alla", [1] * 9 + [1_000_000])] * 12, 10, ["Vuxna"] * 10)
@example(Layout.WIDE, False, [("Alla", [1] * 10), ("En", [1_000_000] + [0] * 9)], 10, ["Vuxna"] * 10)
def test_stacked_bars_show_every_group_and_collide_nowhere(layout, stands_alone, rows, groups, names):
    series = [Series(code, name) for code, name in zip(GROUPS[:groups], names, strict=False)]
    stacks = [StackedBar(label=label, counts=dict(zip(GROUPS, row, strict=True))) for label, row in rows]
    svg = draw_stacked_bars(frame(layout, stands_alone=stands_alone), stacks, series)
    assert_well_made(svg)
    drawn = [[stack.counts[group.code] for group in series] for stack in stacks]
    assert len(bars(svg)) == sum(count > 0 for row in drawn for count in row)
    assert all(bar.right - bar.left >= LEAST - 0.02 for bar in bars(svg))
    assert Counter(swedish_number(sum(row)) for row in drawn) <= Counter(words(svg))


@given(
    layout=layouts,
    values=st.lists(st.tuples(labels, st.one_of(st.none(), counts), st.sampled_from(["petrol", "unknown"]))),
)
def test_plain_bars_show_every_value_and_collide_nowhere(layout, values):
    svg = draw_bars(
        frame(layout), [Bar(label=label, value=value, code=code) for label, value, code in values]
    )
    assert_well_made(svg)
    assert len(bars(svg)) == sum(bool(value) for _label, value, _code in values)


@given(
    layout=layouts,
    rows=st.lists(labels, min_size=1, max_size=12),
    panels=st.lists(
        st.tuples(labels, st.lists(st.one_of(st.none(), counts), min_size=12, max_size=12)), max_size=8
    ),
    whole=st.sampled_from([None, 1_000_000]),
)
def test_panels_of_bars_collide_nowhere(layout, rows, panels, whole):
    some = [Panel(label=label, values=values[: len(rows)]) for label, values in panels]
    svg = draw_bar_panels(frame(layout), rows, some, whole=whole)
    assert_well_made(svg)
    assert len(bars(svg)) == sum(bool(value) for panel in some for value in panel.values)


points = st.builds(Point, st.one_of(st.none(), counts), st.sampled_from(Basis), st.just(":"))


@given(
    layout=layouts,
    years=st.integers(1, 25),
    lines=st.lists(st.tuples(labels, st.lists(points, min_size=25, max_size=25)), max_size=12),
    breaks=st.lists(st.builds(Break, year=st.integers(2016, 2044), text=labels), max_size=5),
)
def test_lines_collide_nowhere(layout, years, lines, breaks):
    some = [
        Line(code=GROUPS[place % 10], label=label, points=own[:years])
        for place, (label, own) in enumerate(lines)
    ]
    unique = list({item.year: item for item in breaks}.values())
    svg = draw_lines(frame(layout), range(2018, 2018 + years), some, breaks=unique, basis_words=BASIS_WORDS)
    assert_well_made(svg)
    assert len(marks(svg)) == sum(point.value is not None for line in some for point in line.points)


@given(
    layout=layouts,
    own=st.lists(points, min_size=1, max_size=25),
    breaks=st.lists(st.builds(Break, year=st.integers(2016, 2044), text=labels), max_size=5),
)
def test_columns_of_years_collide_nowhere(layout, own, breaks):
    unique = list({item.year: item for item in breaks}.values())
    svg = draw_year_columns(
        frame(layout), range(2018, 2018 + len(own)), own, breaks=unique, basis_words=BASIS_WORDS
    )
    assert_well_made(svg)
    assert len(bars(svg)) == sum(bool(point.value) for point in own)


@given(
    layout=layouts,
    this_year=st.lists(st.one_of(st.none(), counts), min_size=12, max_size=12),
    last_year=st.lists(counts, min_size=12, max_size=12),
)
@example(Layout.WIDE, [1_000_000] * 12, [0] * 12)
def test_months_collide_nowhere(layout, this_year, last_year):
    svg = draw_months(
        frame(layout),
        MONTHS,
        this_year=MonthSeries(label="2026, till och med november", counts=this_year),
        last_year=MonthSeries(label="2025", counts=last_year),
    )
    assert_well_made(svg)
    assert len(bars(svg)) == sum(bool(count) for count in [*this_year, *last_year])


@given(
    layout=layouts,
    panels=st.lists(
        st.tuples(labels, st.lists(st.one_of(st.none(), counts), min_size=12, max_size=12)), max_size=8
    ),
)
def test_panels_of_columns_collide_nowhere(layout, panels):
    some = [ColumnPanel(label=label, values=values) for label, values in panels]
    svg = draw_column_panels(frame(layout), MONTHS, some)
    assert_well_made(svg)
    assert len(bars(svg)) == sum(bool(value) for panel in some for value in panel.values)


# --- words ------------------------------------------------------------------------------------------


def test_text_that_looks_like_markup_stays_text():
    hostile = Frame(id="chart", title="<script>alert(1)</script> & \x00", finding='"]]><b style="x">')
    svg = draw_bars(hostile, [Bar(label="<b>&amp;</b>", value=1)])
    assert_well_made(svg)
    assert parsed(svg).findtext(f"{SVG}title") == "<script>alert(1)</script> & �"
    assert "<b>&amp;</b>" in words(svg)


def test_the_finding_is_the_text_alternative():
    root = parsed(draw_bars(frame(), [Bar(label="Polisen", value=1)]))
    by_id = {element.get("id"): element.text for element in root}
    assert by_id[root.get("aria-labelledby")] == "Personer efter exploateringsform"
    assert by_id[root.get("aria-describedby")] == "Arbetskraft var vanligast med 189 av 414 personer."


def test_both_layouts_of_a_chart_share_no_id_on_one_page():
    stack = [StackedBar(label="Alla", counts={"girl": 1, "boy": 2})]
    series = [Series("girl", "Flickor"), Series("boy", "Pojkar")]
    drawings = [draw_stacked_bars(frame(layout), stack, series) for layout in Layout]
    wide, narrow = ({element.get("id") for element in parsed(svg).iter()} - {None} for svg in drawings)
    assert wide
    assert not wide & narrow


def test_an_id_that_could_break_out_of_an_attribute_is_refused():
    with pytest.raises(ValueError, match="lower-case"):
        Frame(id='x" onload="', title="", finding="")


def test_a_chart_that_stands_alone_carries_title_finding_and_source():
    svg = draw_bars(frame(stands_alone=True), [Bar(label="Polisen", value=1)])
    assert_well_made(svg)
    assert words(svg)[:2] == [
        "Personer efter exploateringsform",
        "Arbetskraft var vanligast med 189 av 414 personer.",
    ]
    assert words(svg)[-1] == "Källa: registret. Intern, pågående år."
    assert "Källa: registret. Intern, pågående år." not in words(
        draw_bars(frame(), [Bar(label="a", value=1)])
    )


def test_numbers_are_written_as_the_caller_writes_them():
    english = Frame(id="chart", title="t", finding="f", number="{:,}".format)
    assert "1,234" in words(draw_bars(english, [Bar(label="Police", value=1234)]))
    assert "1\u00a0234" in words(draw_bars(frame(), [Bar(label="Polisen", value=1234)]))
    assert "26\u00a0%" in words(draw_bars(frame(), [Bar(label="Polisen", value=26.4, text="26\u00a0%")]))


@given(text=labels, width=st.integers(30, 400))
def test_wrapped_lines_fit_and_lose_no_letter(text, width):
    lines = wrapped(text, width)
    assert all(text_width(line) <= width for line in lines)
    kept = re.sub(r"[- ]", "", "".join(lines))
    assert kept == re.sub(r"[- ]", "", text)


# --- bars -------------------------------------------------------------------------------------------


def test_bars_begin_at_zero_and_are_as_long_as_their_numbers():
    svg = draw_bars(frame(), [Bar(label="a", value=200), Bar(label="b", value=50), Bar(label="c", value=0)])
    long, short = bars(svg)
    assert long.left == short.left
    assert (long.right - long.left) / (short.right - short.left) == pytest.approx(4, rel=0.001)
    assert words(svg) == ["a", "200", "b", "50", "c", "0"]


def test_parts_of_a_bar_keep_its_length_their_order_and_a_gap():
    series = [Series(code, code) for code in GROUPS[:4]]
    svg = draw_stacked_bars(
        frame(),
        [
            StackedBar(label="ett", counts={"adult_female": 300, "adult_male": 1, "girl": 0, "boy": 99}),
            StackedBar(label="två", counts={"adult_female": 400}),
        ],
        series,
    )
    *parts, whole = bars(svg)
    assert [part.what for part in parts] == ["ett, adult_female: 300", "ett, adult_male: 1", "ett, boy: 99"]
    assert all(after.left - before.right == pytest.approx(GAP, abs=0.02) for before, after in pairwise(parts))
    assert parts[-1].right == pytest.approx(whole.right, abs=0.05)


@given(st.lists(st.floats(0.01, 500), min_size=1, max_size=12))
def test_a_larger_part_is_never_drawn_smaller(lengths):
    widths = segment_widths(lengths)
    drawn = [width for _length, width in sorted(zip(lengths, widths, strict=True))]
    assert all(before <= after + 1e-6 for before, after in pairwise(drawn))
    assert min(widths) >= LEAST - 1e-6
    total = sum(widths) + GAP * (len(widths) - 1)
    assert total == pytest.approx(max(sum(lengths), LEAST * len(widths) + GAP * (len(widths) - 1)), abs=1e-6)


def test_a_row_without_numbers_prints_why():
    svg = draw_stacked_bars(
        frame(), [StackedBar(label="Bransch", counts={"adult": 3}, sign="..")], [Series("adult", "Vuxna")]
    )
    assert bars(svg) == []
    assert ".." in words(svg)


def test_a_total_that_is_not_the_sum_of_the_parts_is_the_one_printed():
    row = StackedBar(label="2019", counts={"adult": 3}, total=5)
    assert "5" in words(draw_stacked_bars(frame(), [row], [Series("adult", "Vuxna")]))


def test_panels_share_one_scale():
    svg = draw_bar_panels(
        frame(), ["Tiggeri"], [Panel(label="Pojkar", values=[10]), Panel(label="Flickor", values=[40])]
    )
    boys, girls = bars(svg)
    assert (girls.right - girls.left) / (boys.right - boys.left) == pytest.approx(4, rel=0.001)
    assert boys.top == girls.top


# --- colours ----------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


CODES = [*GROUPS, "female", "male", "adult", "minor", "unknown", "not_recorded", "petrol", "last_year"]
SHADES = [*(shade_of(code) for code in CODES), *(shade_of("no code", place) for place in range(6))]


@pytest.mark.parametrize("shade", SHADES)
def test_numbers_and_names_in_a_groups_colour_can_be_read(shade):
    assert contrast(shade.text, shade.halo) >= 4.5
    assert contrast(shade.ink, PAPER) >= 4.5


@pytest.mark.parametrize("shade", SHADES)
def test_lines_and_patterns_stand_out(shade):
    assert contrast(shade.outline, PAPER) >= 3
    if shade.pattern:
        assert contrast(shade.line, shade.fill) >= 2.5


def test_person_groups_are_told_apart_in_black_and_white():
    looks = {(shade_of(code).pattern, round(luminance(shade_of(code).fill) * 8)) for code in GROUPS}
    assert len(looks) == len(GROUPS)
    assert len({shade_of(code).pattern for code in GROUPS[2:]}) == len(GROUPS[2:])


def test_minors_and_groups_without_an_answer_are_drawn_with_patterns():
    series = [Series(code, code) for code in GROUPS]
    svg = draw_stacked_bars(frame(), [StackedBar(label="Alla", counts=dict.fromkeys(GROUPS, 20))], series)
    fills = {said(mark).split(", ")[1].split(":")[0]: mark.get("fill", "") for mark in marks(svg)}
    patterns = {pattern.get("id"): pattern for pattern in parsed(svg).iter(f"{SVG}pattern")}
    assert not fills["adult_female"].startswith("url")
    assert not fills["adult_male"].startswith("url")
    drawn = [patterns[fills[code][5:-1]].find(f"{SVG}path") for code in GROUPS[2:]]
    assert len({path.get("d") + path.get("stroke") for path in drawn}) == len(drawn)


# --- years ------------------------------------------------------------------------------------------


def pieces(svg: str) -> int:
    """How many lines join two years."""
    return sum(
        line.get("stroke") == shade_of("adult_female").fill and line.get("stroke-dasharray") is None
        for line in parsed(svg).iter(f"{SVG}line")
    )


def line_of(*values: int | None, basis: Basis = Basis.RECORDS) -> Line:
    return Line(code="adult_female", label="Kvinnor", points=[Point(value, basis) for value in values])


def test_a_line_stops_at_a_missing_year_and_at_a_break():
    years = range(2018, 2024)
    assert pieces(draw_lines(frame(), years, [line_of(1, 2, 3, 4, 5, 6)])) == 5
    assert pieces(draw_lines(frame(), years, [line_of(1, 2, None, 4, 5, 6)])) == 3
    broken = draw_lines(
        frame(), years, [line_of(1, 2, 3, 4, 5, 6)], breaks=[Break(year=2021, text="Ny grupp")]
    )
    assert pieces(broken) == 4
    assert "Ny grupp" in words(broken)
    assert [line for line in parsed(broken).iter(f"{SVG}line") if line.get("stroke-dasharray") == "4 3"]


def test_a_line_whose_last_number_is_of_an_earlier_year_is_named_with_that_year():
    ended = Line(code="unknown", label="Tiggeri", points=[Point(3), Point(2), Point(sign="..")])
    never = Line(code="petrol", label="Hushåll", points=[Point(sign="..")] * 3)
    svg = draw_lines(frame(), range(2025, 2028), [line_of(1, 2, 3), ended, never])

    said_in_all = " ".join(words(svg))
    assert "Tiggeri 2 (2026)" in said_in_all
    assert "Hushåll .." in said_in_all
    assert said_in_all.count("(20") == 1


def test_breaks_without_room_for_their_words_get_letters_and_notes():
    breaks = [
        Break(year=2019, text="Bara regionkoordinatorerna"),
        Break(year=2020, text="Räknat ur registret"),
    ]
    svg = draw_lines(frame(Layout.NARROW), range(2018, 2024), [line_of(1, 2, 3, 4, 5, 6)], breaks=breaks)
    assert {"a", "b"} <= set(words(svg))
    assert "a  2019: Bara regionkoordinatorerna" in " ".join(words(svg))


def test_a_published_year_is_hollow_and_explained():
    line = Line(
        code="adult_female",
        label="Kvinnor",
        points=[Point(3, Basis.PUBLISHED), Point(4), Point(5, Basis.PARTIAL)],
    )
    svg = draw_lines(frame(), range(2022, 2025), [line], basis_words=BASIS_WORDS)
    fills = {said(mark): mark.get("fill") for mark in marks(svg) if said(mark).startswith("Kvinnor")}
    assert fills == {
        "Kvinnor, 2022: 3": WHITE,
        "Kvinnor, 2023: 4": shade_of("adult_female").fill,
        "Kvinnor, 2024: 5": WHITE,
    }
    assert set(BASIS_WORDS.values()) <= set(words(svg))
    columns = draw_year_columns(frame(), range(2022, 2025), line.points, basis_words=BASIS_WORDS)
    assert [mark.get("fill") for mark in marks(columns)][:2] == [WHITE, shade_of("petrol").fill]


def test_filled_markers_need_no_explanation_where_all_is_counted():
    svg = draw_lines(frame(), range(2022, 2024), [line_of(1, 2)], basis_words=BASIS_WORDS)
    assert not set(BASIS_WORDS.values()) & set(words(svg))


def test_a_year_without_a_number_prints_its_sign():
    svg = draw_year_columns(frame(), (2019, 2020), [Point(298, Basis.PUBLISHED), Point(sign=":")])
    assert ":" in words(svg)
    assert len(bars(svg)) == 1


def test_columns_lie_down_where_their_numbers_would_meet_and_keep_their_breaks():
    own = [Point(1_000_000 + place) for place in range(9)]
    breaks = [Break(year=2021, text="Ny grupp")]
    svg = draw_year_columns(frame(Layout.NARROW), range(2018, 2027), own, breaks=breaks)
    assert_well_made(svg)
    assert len({bar.left for bar in bars(svg)}) == 1
    assert "2021: Ny grupp" in words(svg)
    assert [line for line in parsed(svg).iter(f"{SVG}line") if line.get("stroke-dasharray")]


def test_names_of_lines_that_end_together_stand_apart_in_their_order():
    lines = [
        Line(code=GROUPS[place], label=f"Grupp {place}", points=[Point(100 - place), Point(100 - place)])
        for place in range(8)
    ]
    svg = draw_lines(frame(), (2022, 2023), lines)
    names = sorted((box for box in text_boxes(svg) if "Grupp" in box.what), key=lambda box: box.top)
    assert [box.what[:7] for box in names] == [f"Grupp {place}" for place in range(8)]
    assert_well_made(svg)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(10, 60)), max_size=12))
def test_spread_blocks_do_not_meet_and_stay_inside(blocks):
    blocks.sort()
    heights = [height for _wanted, height in blocks]
    last = max(320, sum(heights))
    tops = spread([wanted for wanted, _height in blocks], heights, first=0, last=last)
    ends = [top + height for top, height in zip(tops, heights, strict=True)]
    assert all(end <= after + 1e-6 for end, after in zip(ends, tops[1:], strict=False))
    assert all(top >= -1e-6 for top in tops)
    assert all(end <= last + 1e-6 for end in ends)


def test_spread_blocks_stay_as_near_as_they_can():
    assert spread([10, 100], [20, 20], first=0, last=300) == [10, 100]
    assert spread([50, 100, 100, 100], [20] * 4, first=0, last=300) == [50, 80, 100, 120]


@given(st.integers(0, 2_000_000))
def test_a_scale_begins_at_zero_and_reaches_the_largest(most):
    ticks = scale_ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert len({after - before for before, after in pairwise(ticks)}) == 1
    assert 2 <= len(ticks) <= 6
    assert ticks[-1] <= max(1.5 * most, 1)


# --- months -----------------------------------------------------------------------------------------


def test_one_person_beside_a_million_is_seen():
    points = [Point(1), Point(1_000_000)]
    months = [1, 1_000_000, *[0] * 10]
    for svg in (
        draw_year_columns(frame(), (2022, 2023), points),
        draw_column_panels(frame(), MONTHS, [ColumnPanel(label="Nord", values=months)]),
        draw_months(
            frame(),
            MONTHS,
            this_year=MonthSeries(label="2026", counts=months),
            last_year=MonthSeries(label="2025", counts=[0] * 12),
        ),
    ):
        assert min(min(bar.right - bar.left, bar.bottom - bar.top) for bar in bars(svg)) >= LEAST - 0.02


def test_a_month_that_is_not_over_is_left_open_and_zero_is_printed():
    this_year = MonthSeries(label="2026", counts=[4, 0, *[None] * 10])
    last_year = MonthSeries(label="2025", counts=[8, 2, *[1] * 10])
    for layout in Layout:
        svg = draw_months(frame(layout), MONTHS, this_year=this_year, last_year=last_year)
        shown = [bar.what for bar in bars(svg) if "2026" in bar.what]
        assert shown == ["jan, 2026: 4"]
        assert words(svg).count("0") == 1
        fills = {said(mark): mark.get("fill") for mark in marks(svg)}
        assert fills["jan, 2025: 8"] == WHITE
        assert fills["jan, 2026: 4"] == shade_of("petrol").fill
