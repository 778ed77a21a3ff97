"""Charts of series: what is counted filled, what was published hollow, coverage that changed as a break."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext

from stats.charts import Basis, Break, Frame, Line, Point, draw_lines, draw_year_columns
from stats.definitions import TOTAL, YEAR, Status
from stats.disclosure.protect import ProtectedTable
from stats.drawing.cells import parts, sign, word
from stats.drawing.findings import ranked_codes
from stats.drawing.picture import Draw
from stats.labels import SYMBOLS, code_label
from stats.pages import number_in_words
from stats.sentences.parts import listed, text_of
from stats.sentences.ranks import most_common
from stats.shown_year import ShownYear
from stats.tabulate import Cell

LINES_MAX = 5  # more lines than that cannot be followed; all that tie for the last place are drawn


def total_columns(table: ProtectedTable, shown: ShownYear) -> Draw:
    years = _years(table)
    points = [_point(table, year, TOTAL, shown) for year in years]
    breaks = _breaks(table, shown)

    def draw(frame: Frame) -> str:
        return draw_year_columns(frame, years, points, breaks=breaks, basis_words=_basis_words())

    return draw


def totals_in_words(table: ProtectedTable, shown: ShownYear) -> str:
    counted: list[str] = []
    published: list[str] = []
    for year in table.codes[YEAR]:
        cell = table.cell(year)
        if cell.value is not None:
            item = gettext("{names} ({count})").format(names=year, count=number_in_words(cell.value))
            (counted if shown.is_recorded(year) else published).append(item)
    texts = []
    if counted:
        texts.append(gettext("Counted from the register: {list}.").format(list=", ".join(counted)))
    if published:
        texts.append(gettext("Published: {list}.").format(list=", ".join(published)))
    return " ".join(texts)


def most_lines(table: ProtectedTable, shown: ShownYear) -> tuple[list[str], Draw]:
    """The codes with most persons over all years, and lines for them."""
    [dimension] = [each.id for each in table.definition.dimensions]
    sums = {
        code: sum(table.cell(year, **{dimension: code}).value or 0 for year in table.codes[YEAR])
        for code in parts(table, 0)
    }
    ranked = most_common(ranked_codes(dimension, sums, shown), LINES_MAX)
    codes = [code for rank in ranked for code in rank.codes]
    years = _years_with_numbers(table, dimension, codes)
    lines = [
        Line(
            code=code,
            label=word(dimension, code, shown),
            points=[_point(table, year, code, shown) for year in years],
        )
        for code in codes
    ]
    breaks = _breaks(table, shown)

    def draw(frame: Frame) -> str:
        return draw_lines(frame, years, lines, breaks=breaks, basis_words=_basis_words())

    return codes, draw


def lines_in_words(table: ProtectedTable, codes: Sequence[str], shown: ShownYear) -> str:
    if not codes:
        return gettext("Nobody is counted.")
    [dimension] = [each.id for each in table.definition.dimensions]
    names = text_of(listed([(code_label(dimension, code, shown.codebook),) for code in codes]))
    if set(codes) == {code for code in parts(table, 0) if _occurs(table, dimension, code)}:
        return gettext("Drawn: {list}.").format(list=names)
    return gettext("Drawn are those with most persons over all years: {list}. The table has all.").format(
        list=names
    )


def _occurs(table: ProtectedTable, dimension: str, code: str) -> bool:
    return any(table.cell(year, **{dimension: code}).value for year in table.codes[YEAR])


def _years_with_numbers(table: ProtectedTable, dimension: str, codes: Sequence[str]) -> list[int]:
    """From the first year in which one of the codes has a number."""
    with_numbers = [
        int(year)
        for year in table.codes[YEAR]
        if any(table.cell(year, **{dimension: code}).value is not None for code in codes)
    ]
    return [year for year in _years(table) if year >= min(with_numbers, default=0)]


def _years(table: ProtectedTable) -> list[int]:
    """Every year from the first to the last: one of which nothing is known leaves a gap."""
    years = [int(year) for year in table.codes[YEAR]]
    return list(range(min(years), max(years) + 1)) if years else []


def _point(table: ProtectedTable, year: int, code: str, shown: ShownYear) -> Point:
    text = str(year)
    if text not in table.codes[YEAR]:
        return Point(None, sign=SYMBOLS[Status.MISSING][0])
    [dimension] = [each.id for each in table.definition.dimensions]
    cell: Cell = table.cell(text, **{dimension: code})
    if cell.value is None:
        return Point(None, sign=sign(cell))
    if not shown.is_recorded(text):
        return Point(cell.value, Basis.PUBLISHED)
    return Point(cell.value, Basis.RECORDS if year < shown.today.year else Basis.PARTIAL)


def _breaks(table: ProtectedTable, shown: ShownYear) -> list[Break]:
    """Those between the published years that are shown, and to the first that is counted."""
    published = [int(year) for year in table.codes[YEAR] if year in shown.published_basis]
    if not published:
        return []
    return [
        Break(year=each.year, text=gettext(each.why))
        for each in table.definition.breaks
        if min(published) < each.year <= max(published) + 1
    ]


def _basis_words() -> Mapping[Basis, str]:
    return {
        Basis.RECORDS: gettext("Counted from the register"),
        Basis.PUBLISHED: gettext("Published, cannot be counted again"),
        Basis.PARTIAL: gettext("The year is not over"),
    }
