"""Other people's headings and words: what is guessed, how a table is rewritten, what is remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casereg.case_files import COLUMNS, Table, as_table, written
from casereg.codebook import CodeBook
from casereg.file_mapping import (
    KeptMapping,
    as_case_file,
    columns_to_keep,
    example_file,
    guessed_code,
    guessed_columns,
    is_case_file,
    key_of,
    month_of,
    odd_words,
    with_months_read,
    with_words,
    words_to_keep,
)
from casereg.stored_codebook import load_codebook
from tests.records import PERSON

NOTHING_KEPT = KeptMapping()


@pytest.fixture
def codebook(db) -> CodeBook:
    return load_codebook()


def guessed(codebook: CodeBook, *headings: str, kept: KeptMapping = NOTHING_KEPT) -> list[str]:
    return guessed_columns(headings, codebook=codebook, kept=kept)


def case_file(**changes: str) -> Table:
    person = PERSON | changes
    return Table(COLUMNS, ((2, tuple(person[column] for column in COLUMNS)),))


# --- Columns -------------------------------------------------------------------------------------


def test_the_headings_of_an_old_swedish_spreadsheet_are_guessed(codebook):
    headings = [
        "Månad",
        "Bedömning",
        "Form",
        "Kön",
        "Ålder",
        "Land",
        "Hänvisad av",
        "Bransch",
        "Barn i Sverige",
        "Namn",
    ]

    assert guessed(codebook, *headings) == [
        "month", "assessment", "form", "sex", "age_group", "nationality", "referral_source", "industry",
        "children_in_sweden", "",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["label_sv", "label_en"])
def test_a_variable_s_label_is_its_heading_however_it_is_written(codebook, language):
    for name, variable in codebook.variables.items():
        assert guessed(codebook, f"  {getattr(variable, language).upper()}: ") == [name]


@pytest.mark.parametrize("heading", ["Namn", "Personnummer", "Anteckning", "Adress", "Diarienummer", ""])
def test_what_the_register_does_not_ask_is_left_out(codebook, heading):
    assert guessed(codebook, heading) == [""]


def test_no_variable_is_guessed_of_two_columns(codebook):
    assert guessed(codebook, "Kön", "Gender", "Kön") == ["sex", "", ""]


def test_a_year_beside_a_month_makes_it_the_month_of_the_year(codebook):
    assert guessed(codebook, "År", "Månad") == ["year", "month_of_year"]
    assert guessed(codebook, "År", "Kön") == ["", "sex"]


def test_what_was_chosen_before_goes_before_every_guess(codebook):
    kept = KeptMapping(columns={"kön": "", "typ av person": "sex", "gone": "no such variable"})

    assert guessed(codebook, "Kön", "Typ av person.", "Gone", kept=kept) == ["", "sex", ""]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (COLUMNS, True),
        (COLUMNS[::-1], True),
        ([c.upper() for c in COLUMNS], True),
        ([c for c in COLUMNS if c != "region"], True),
        ([c for c in COLUMNS if c != "month"], False),
        ([*COLUMNS, "notes"], False),
        ([*COLUMNS, "sex"], False),
    ],
)
def test_a_case_file_is_known_by_its_headings(headings, expected):
    assert is_case_file(headings) is expected


def test_what_is_left_out_is_not_in_the_case_file():
    table = Table(("Namn", "Kön", "Datum"), ((2, ("Anna", "kvinna", "2023-07-14")), (5, ("Bo", "", ""))))

    rewritten = as_case_file(table, ["", "sex", "month"])

    assert rewritten.headings == COLUMNS
    assert b"Anna" not in written(rewritten)
    # Nothing of the second row is left: it is no record.
    assert [line for line, _cells in rewritten.rows] == [2]


def test_year_and_month_become_one():
    table = Table(
        ("År", "Mån"), ((2, ("2023", "7")), (3, ("2023", "Juli")), (4, ("2023", "x")), (5, ("", "7")))
    )

    months = [
        cells[COLUMNS.index("month")] for _line, cells in as_case_file(table, ["year", "month_of_year"]).rows
    ]

    assert months == ["2023-07", "2023-07", "2023 x", "7"]


# --- Months --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2023-07", "2023-07-14", "2023/7", "2023.07.14", "2023-07-14 00:00:00", "202307", "20230714",
        "14/7 2023",
        "14/7-2023", "14.7.2023", "14-07-2023", "7/2023", "07-2023", "juli 2023", "Juli, 2023", "jul 2023",
        "JUL. 2023",
        "14 juli 2023", "den 14 juli 2023", "July 2023", "2023 juli",
    ],
)  # fmt: skip
def test_a_month_is_understood_in_the_usual_ways_of_writing(text):
    assert month_of(text) == "2023-07"


@pytest.mark.parametrize(
    "text",
    ["", "juli", "2023", "jul-23", "7/14/2023", "2023-13", "13/2023", "33/7 2023", "sommaren 2023",
     "19870714-1234",
     "198707141234", "2023-07-14-1", "okänt", "45123"],
)  # fmt: skip
def test_what_is_no_plain_month_stays_as_it_is(text):
    assert month_of(text) == ""
    assert with_months_read(case_file(month=text)).rows == case_file(month=text).rows


@given(year=st.integers(1900, 2099), month=st.integers(1, 12))
def test_a_month_as_the_register_writes_it_is_itself(year, month):
    assert month_of(f"{year}-{month:02}") == f"{year}-{month:02}"


# --- Words ---------------------------------------------------------------------------------------


def test_only_words_that_are_no_codes_are_asked_about(codebook):
    assert odd_words(case_file(), codebook=codebook) == {}

    odd = odd_words(case_file(sex="Kvinna", children_abroad="okänt", industry="=…"), codebook=codebook)

    assert {variable: [word.word for word in words] for variable, words in odd.items()} == {
        "sex": ["Kvinna"],
        "children_abroad": ["okänt"],
    }


def test_a_word_is_asked_about_once_however_it_is_written(codebook):
    at = COLUMNS.index("sex")
    rows = [
        (line, (*case_file().rows[0][1][:at], word, *case_file().rows[0][1][at + 1 :]))
        for line, word in enumerate(["Kvinna", "kvinna", " KVINNA", "man"], start=2)
    ]

    odd = odd_words(Table(COLUMNS, tuple(rows)), codebook=codebook)["sex"]

    assert [(word.word, word.rows) for word in odd] == [("Kvinna", 3), ("man", 1)]


@pytest.mark.parametrize("language", ["label_sv", "label_en"])
def test_every_label_stands_for_its_value_in_both_languages(codebook, language):
    for variable, terms in codebook.terms.items():
        for code, term in terms.items():
            word = getattr(term, language).upper()
            assert guessed_code(variable, word, codebook=codebook, kept=NOTHING_KEPT) == code, (
                variable,
                word,
            )


@pytest.mark.parametrize(
    ("variable", "word", "code"),
    [
        ("sex", "K", "female"), ("sex", "flicka", "female"), ("sex", "Okänt", "unknown"),
        ("age_group", "17", "minor"), ("age_group", "18", "adult"), ("age_group", "34 år", "adult"),
        ("age_group", "Barn", "minor"), ("age_group", "1987", None), ("age_group", "-", None),
        ("assessment", "MH", "trafficking"), ("form", "Prostitution", "sexual"), ("form", "arbete", "labour"),
        ("nationality", "th", "TH"), ("nationality", "Rumänien", "RO"), ("nationality", "Kongo?", None),
        ("referral_source", "Soc", "social_services"), ("referral_source", "-", ""),
        ("joint_inspection", "Ja", "yes"), ("joint_inspection", "nej", "no"),
        ("joint_inspection", "vet ej", "unknown"),
        ("industry", "bärplockning", "green"), ("industry", "saknas", ""),
        ("children_in_sweden", "okänt", "unknown"), ("children_in_sweden", "två", "2"),
        ("children_in_sweden", "3 barn", "3"), ("children_in_sweden", "2,0", "2"),
        ("children_in_sweden", "inga", "0"),
        ("children_in_sweden", "51 st", None), ("children_in_sweden", "-", ""),
        ("region", "Region Nord", None), ("region", "Öst", "ost"),
    ],
)  # fmt: skip
def test_what_people_usually_write_is_guessed(codebook, variable, word, code):
    assert guessed_code(variable, word, codebook=codebook, kept=NOTHING_KEPT) == code


def test_a_word_chosen_before_goes_before_every_guess(codebook):
    kept = KeptMapping(words={"sex": {"man": "unknown", "kvinna": "no such code"}, "industry": {"bygg": ""}})

    def guess(variable: str, word: str) -> str | None:
        return guessed_code(variable, word, codebook=codebook, kept=kept)

    assert (guess("sex", "MAN"), guess("sex", "Kvinna"), guess("industry", "bygg")) == (
        "unknown",
        "female",
        "",
    )


def test_words_are_replaced_in_their_own_column_alone():
    table = case_file(sex="okänd", nationality="okänd")

    replaced = with_words(table, {"sex": {"okänd": "unknown"}})

    assert replaced.rows == case_file(sex="unknown", nationality="okänd").rows


# --- What is remembered --------------------------------------------------------------------------


def test_headings_and_words_are_remembered_but_for_what_may_point_to_a_person():
    kept = KeptMapping(columns={"kön": "sex"}, words={"sex": {"k": "female"}})

    columns = columns_to_keep(kept, ["Ålder", "Ring 070-123 45 67", "Namn"], ["age_group", "", ""])
    words = words_to_keep(kept, {"sex": {"m": "male", "anna@example.org": "female"}})

    assert columns == {"kön": "sex", "ålder": "age_group", "namn": ""}
    assert words == {"sex": {"k": "female", "m": "male"}}


def test_what_is_remembered_does_not_grow_without_end():
    words: dict[str, dict[str, str]] = {}
    for number in range(500):
        words = words_to_keep(KeptMapping(words=words), {"sex": {f"word {number}": "male"}})

    assert len(words["sex"]) == 300
    assert "word 499" in words["sex"]


@given(st.text(max_size=30))
def test_the_key_of_a_key_is_itself(text):
    assert key_of(key_of(text)) == key_of(text)


# --- A table, kept and read again -------------------------------------------------------------------

_cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12
) | st.sampled_from(["", '"', ";", ",", "=…", "a,b", "'x"])  # fmt: skip
_tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.tuples(st.integers(1, 4), st.tuples(*[_cells] * width)), min_size=2, max_size=6)
)


@given(_tables)
def test_a_table_is_read_as_it_was_written_with_every_row_on_its_line(steps):
    line, rows = 0, []
    for step, cells in steps:
        line += step
        rows.append((line, cells))
    rows = [(line, cells) for line, cells in rows if any(cells)] or [(1, ("a", "b"))]
    (header_line, headings), *rest = rows
    table = Table(headings, tuple(rest), header_line)

    assert as_table(written(table)) == table


@pytest.mark.parametrize("with_codes", [True, False])
def test_the_example_needs_no_mending(codebook, with_codes):
    table = example_file(region_code="nord", month="2026-11", codebook=codebook, with_codes=with_codes)

    targets = guessed_columns(table.headings, codebook=codebook, kept=NOTHING_KEPT)
    rewritten = as_case_file(table, targets)
    words = {
        variable: {w.key: guessed_code(variable, w.word, codebook=codebook, kept=NOTHING_KEPT) for w in odd}
        for variable, odd in odd_words(rewritten, codebook=codebook).items()
    }

    coded = example_file(region_code="", month="2026-11", codebook=codebook, with_codes=True)
    assert is_case_file(table.headings) is with_codes
    assert [cells[2:] for _l, cells in with_words(rewritten, words).rows] == [c[2:] for _l, c in coded.rows]
