"""One picture for each chart of the registry, from the tables that its definition names."""

from collections import Counter
from collections.abc import Callable, Mapping

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext

from casereg.vocabularies import AgeGroup, PersonGroup, Sex, person_group
from stats.chart_definitions import CHARTS
from stats.charts import Frame, MonthSeries, Panel, draw_map, draw_months
from stats.definitions import ChartDefinition
from stats.drawing import over_the_years
from stats.drawing.cells import (
    bar,
    bars,
    columns_of,
    occurring,
    panels,
    parts,
    rows_of,
    sign,
    stacked_bars,
    word,
)
from stats.drawing.findings import STATELESS, UNKNOWN, most_of, ranked_codes
from stats.drawing.picture import Draw, Picture
from stats.labels import code_label
from stats.pages import capital, number_in_words
from stats.sentences.ranks import most_common
from stats.shown_year import ShownYear
from stats.tabulate import Cell, per_cent

NATIONALITIES = 5  # that are drawn, with all that tie for the last place
_NAMED_ALWAYS = (PersonGroup.ADULT_FEMALE, PersonGroup.ADULT_MALE, PersonGroup.GIRL, PersonGroup.BOY)

# What a chart shows, from this year and the year before it, where that has records. None: nothing.
_Made = tuple[str, Draw] | None
_Maker = Callable[[ChartDefinition, ShownYear, ShownYear | None], _Made]


def pictures_of_year(shown: ShownYear, before: ShownYear | None) -> list[Picture]:
    """Every chart of the registry that the reader may see, in print order."""
    found = (picture_of(chart.id, shown, before) for chart in CHARTS)
    return [picture for picture in found if picture is not None]


def picture_of(chart_id: str, shown: ShownYear, before: ShownYear | None) -> Picture | None:
    """A chart; `before` is the year before, where that has records. None where it has nothing to compare:
    of one region there are no regions side by side. Raises `KeyError` for what is no chart."""
    chart = next((chart for chart in CHARTS if chart.id == chart_id), None)
    if chart is None:
        raise KeyError(chart_id)
    made = _MAKERS[chart_id](chart, shown, before)
    if made is None:
        return None
    finding, draw = made
    title = gettext(chart.title)
    if not all(shown.table(table_id).definition.is_series for table_id in chart.tables):
        title = f"{title}, {shown.year}"
    return Picture(id=chart.id, title=title, finding=finding, draw=draw)


# --- Who the persons are ---------------------------------------------------------------------------


def _persons(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    """A bar a group: the groups of a table of sex by age."""
    table, year = shown.table("persons"), str(shown.year)
    counts: Counter[str] = Counter()
    for sex in parts(table, 0):
        for age_group in parts(table, 1):
            value = table.cell(year, sex=sex, age_group=age_group).value or 0
            counts[str(person_group(Sex(sex), AgeGroup(age_group)))] += value
    groups = [group for group in PersonGroup if group in _NAMED_ALWAYS or counts[group]]
    cells = {str(group): Cell(counts[group]) for group in groups}
    drawn = [bar(capital(str(group.label)), cells[group], group.value) for group in groups]
    return most_of("person_group", cells, table.cell(year), shown, apart=()), bars(drawn)


def _rows_stacked(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    """Any table of two dimensions, a bar for each code of the first."""
    table = shown.table(chart.tables[0])
    dimension, cells = rows_of(table, shown)
    return most_of(dimension, cells, table.cell(str(shown.year)), shown), stacked_bars(table, shown)


def _rows_stacked_by_answer(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    """The same bars, where what they are divided by is what is to be seen."""
    table = shown.table(chart.tables[0])
    dimension, cells = columns_of(table, shown)
    return most_of(dimension, cells, table.cell(str(shown.year)), shown), stacked_bars(table, shown)


def _minors_shares(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    assert chart.drawn is not None
    table, year, drawn_codes = shown.table(chart.tables[0]), str(shown.year), dict(chart.drawn.codes)
    colour = {"male": "boy", "female": "girl"}[drawn_codes["sex"]]
    whole = table.cell(year, **drawn_codes)
    cells = {form: table.cell(year, form=form, **drawn_codes) for form in parts(table, 0)}
    all_of = gettext("{what}: {count}.").format(
        what=capital(gettext(chart.share_of)), count=number_in_words(whole.value or 0)
    )
    shares = {
        form: per_cent(cell.value, whole.value)
        for form, cell in cells.items()
        if whole.value and cell.value is not None
    }
    panel = Panel(
        label=f"{capital(gettext(chart.share_of))} ({number_in_words(whole.value or 0)})",
        values=[shares.get(form) for form in cells],
        texts=[
            gettext("{number}%").format(number=number_in_words(shares[form])) if form in shares else "–"
            for form in cells
        ],
        code=colour,
    )
    labels = [word("form", form, shown) for form in cells]
    return f"{all_of} {_largest_shares(cells, shares, shown)}".strip(), panels(labels, [panel], whole=100)


def _largest_shares(cells: Mapping[str, Cell], shares: Mapping[str, int], shown: ShownYear) -> str:
    """Ranked by number: equal shares of unequal numbers are no tie."""
    ranked = ranked_codes("form", {form: cell.value for form, cell in cells.items() if cell.value}, shown)
    items = [
        gettext("{names} ({share}, {count})").format(
            names=code_label("form", code, shown.codebook),
            share=gettext("{number}%").format(number=shares[code]),
            count=number_in_words(rank.count),
        )
        for rank in most_common(ranked, 3)
        for code in rank.codes
    ]
    return gettext("Most: {list}.").format(list=", ".join(items)) if items else ""


# --- How they became known -------------------------------------------------------------------------


def _identification(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    """Referral sources; then, of the same persons, those found in joint inspections, in a colour apart."""
    table, joint, year = shown.table("referral"), shown.table("joint-by-form"), str(shown.year)
    dimension, cells = rows_of(table, shown)
    found = joint.cell(year, joint_inspection="yes")
    drawn = [
        bar(word(dimension, code, shown), cell, code if code in (UNKNOWN, "not_recorded") else "petrol")
        for code, cell in cells.items()
    ]
    of_all = gettext("Of all: in joint inspections")
    finding = most_of(dimension, cells, table.cell(year), shown)
    if found.value is not None:
        finding += " " + gettext("In joint inspections: {count}.").format(count=number_in_words(found.value))
    return finding, bars([*drawn, bar(of_all, found, "unfinished")])


# --- Where they come from --------------------------------------------------------------------------


def _nationalities(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    table = shown.table("nationality")
    dimension, cells = rows_of(table, shown)
    finding = most_of(
        dimension, cells, table.cell(str(shown.year)), shown, places=NATIONALITIES, apart=(STATELESS, UNKNOWN)
    )
    return finding, stacked_bars(table, shown, rows=most_common_nationalities(shown))


def most_common_nationalities(shown: ShownYear) -> list[str]:
    """Five, and all that tie for the fifth place."""
    dimension, cells = rows_of(shown.table("nationality"), shown)
    counts = {c: cell.value for c, cell in cells.items() if cell.value and c not in (STATELESS, UNKNOWN)}
    ranked = most_common(ranked_codes(dimension, counts, shown), NATIONALITIES)
    return [code for rank in ranked for code in rank.codes]


def _map(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    _dimension, cells = rows_of(shown.table("nationality"), shown)
    apart = [
        (word("nationality", code, shown), cells[code].value or 0)
        for code in (STATELESS, UNKNOWN)
        if code in cells
    ]
    counts = {c: cell.value or 0 for c, cell in cells.items() if c not in (STATELESS, UNKNOWN)}
    names = {code: code_label("nationality", code, shown.codebook) for code in counts}
    texts = [gettext("Nationalities: {count}.").format(count=number_in_words(len(counts)))]
    on_map, elsewhere = sum(counts.values()), sum(count for _name, count in apart)
    texts.append(
        gettext("Persons on the map: {count}; without a place on it: {others}.").format(
            count=number_in_words(on_map), others=number_in_words(elsewhere)
        )
    )

    def draw(frame: Frame) -> str:
        return draw_map(frame, counts, names, apart=apart)

    return " ".join(texts), draw


# --- Where and when --------------------------------------------------------------------------------


def _regions(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    table, year = shown.table("region-by-form"), str(shown.year)
    if shown.region_code is not None:
        return None
    dimension, cells = rows_of(table, shown)
    forms = occurring(table, 1, shown)
    drawn = [
        Panel(
            label=f"{word(dimension, region, shown)}, {sign(total) or number_in_words(total.value or 0)}",
            values=[table.cell(year, region=region, form=form).value for form in forms],
        )
        for region, total in cells.items()
    ]
    labels = [word("form", form, shown) for form in forms]
    return most_of(dimension, cells, table.cell(year), shown), panels(labels, drawn)


def _months(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    """Months that have not begun have no column; those of the year before stand beside the months shown."""
    months = parts(shown.table("months"), 0)
    last = 12 if shown.is_over else shown.today.month
    own = _by_month(shown, months)
    this_year = [value if int(month) <= last else None for month, value in zip(months, own, strict=True)]
    last_year: list[int | None] = [None] * len(months)
    if before is not None:
        last_year = _by_month(before, months)
    labels = [str(MONTHS_3[int(month)]) for month in months]
    of_year = MonthSeries(label=str(shown.year), counts=this_year)
    of_last = MonthSeries(label=_year_before(shown, before), counts=last_year)

    def draw(frame: Frame) -> str:
        return draw_months(frame, labels, this_year=of_year, last_year=of_last)

    return _months_in_words(shown, before, months, this_year, last_year), draw


def _by_month(shown: ShownYear, months: list[str]) -> list[int | None]:
    table = shown.table("months")
    return [table.cell(str(shown.year), month=month).value for month in months]


def _year_before(shown: ShownYear, before: ShownYear | None) -> str:
    if before is not None:
        return str(before.year)
    return gettext("{year}: no records").format(year=shown.year - 1)


def _months_in_words(
    shown: ShownYear,
    before: ShownYear | None,
    months: list[str],
    this_year: list[int | None],
    last_year: list[int | None],
) -> str:
    cells = {month: Cell(value) for month, value in zip(months, this_year, strict=True) if value is not None}
    total = sum(cell.value or 0 for cell in cells.values())
    finding = most_of("month", cells, Cell(total), shown, places=1)
    if before is None:
        return finding
    compared = sum(value or 0 for value in last_year[: len(cells)])
    if len(cells) == len(months):
        text = gettext("{year}: {count}.")
        return finding + " " + text.format(year=before.year, count=number_in_words(compared))
    text = gettext("To the same month of {year}: {count}.")
    return finding + " " + text.format(year=before.year, count=number_in_words(compared))


# --- Over the years --------------------------------------------------------------------------------


def _persons_by_year(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    table = shown.table("persons-by-year")
    return over_the_years.totals_in_words(table, shown), over_the_years.total_columns(table, shown)


def _forms_by_year(chart: ChartDefinition, shown: ShownYear, before: ShownYear | None) -> _Made:
    table = shown.table("form-by-year")
    codes, draw = over_the_years.most_lines(table, shown)
    return over_the_years.lines_in_words(table, codes, shown), draw


_MAKERS: Mapping[str, _Maker] = {
    "chart-persons": _persons,
    "chart-form-by-person": _rows_stacked,
    "chart-boys-by-form": _minors_shares,
    "chart-girls-by-form": _minors_shares,
    "chart-identification": _identification,
    "chart-nationalities": _nationalities,
    "chart-nationality-map": _map,
    "chart-assessments": _rows_stacked_by_answer,
    "chart-industries": _rows_stacked,
    "chart-regions": _regions,
    "chart-months": _months,
    "chart-persons-by-year": _persons_by_year,
    "chart-forms-by-year": _forms_by_year,
}
