"""What a case file says: each wrong value in its place, what is stored already, references and incidents."""

import hashlib
import json
import unicodedata
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.utils import timezone, translation

from casereg.case_files import COLUMNS
from casereg.models import (
    AuditEvent,
    Case,
    CaseHistory,
    ExploitationForm,
    ImportedFile,
    Incident,
    Industry,
)
from tests.databases import nothing_changes, rolled_back
from tests.factories import CaseFactory
from tests.programs import manage
from tests.records import (
    NOT_COLLECTED_2018,
    content,
    csv_file,
    findings_of,
    import_file,
    person,
    places_refused,
)

pytestmark = pytest.mark.usefixtures("database")

MONTHS = ("a month from 2018-01 to 2026-11",)
REGIONS = ("stockholm", "bergslagen", "nord", "mitt", "ost", "vast", "syd")
ASSESSMENTS = ("trafficking", "exploitation")
FORMS = ("sexual", "labour", "criminality", "begging", "forced_marriage", "household",
         "organ_removal", "multiple", "other", "unknown")  # fmt: skip
SEXES = ("female", "male", "other", "unknown")
AGE_GROUPS = ("adult", "minor", "unknown")
NATIONALITIES = ("a country's two-letter code (ISO 3166-1), XK", "stateless", "unknown")
SOURCES = ("own_outreach", "migration_agency", "police", "social_services", "civil_society",
           "self_referral", "other", "unknown")  # fmt: skip
INSPECTIONS = ("yes", "no", "unknown")
INDUSTRIES = ("green", "construction", "hospitality", "beauty", "car_wash", "cleaning", "transport",
              "manufacturing", "other", "unknown")  # fmt: skip
CHILDREN = ("0 to 50", "unknown")
REFERENCES = ("1 to 40 letters, digits, full stops, underscores and hyphens",)

WRONG_VALUES = [
    *[("region", value, REGIONS) for value in ["lappland", "Nord", "öst", ""]],
    *[
        ("month", value, MONTHS)
        for value in ["2023-7", "2023-13", "2023-00", "23-07", "2023-07-01", "2023/07", "juli 2023",
                      "２０２３-07", "2026-12", "2030-01", "2017-12", "0001-01", ""]
    ],
    *[("assessment", value, ASSESSMENTS) for value in ["människohandel", "Trafficking", ""]],
    *[("form", value, FORMS) for value in ["arbetskraft", "surrogacy", ""]],
    *[("sex", value, SEXES) for value in ["kvinna", "F", "girl", ""]],
    *[("age_group", value, AGE_GROUPS) for value in ["vuxen", "17", ""]],
    *[("nationality", value, NATIONALITIES) for value in ["Sverige", "se", "THA", "ZZ", "XX", ""]],
    *[("referral_source", value, SOURCES) for value in ["polis", "_T", "not_recorded"]],
    *[("joint_inspection", value, INSPECTIONS) for value in ["ja", "true", "1"]],
    *[("industry", value, INDUSTRIES) for value in ["berries", "grön näring"]],
    *[
        (column, value, CHILDREN)
        for column in ["children_in_sweden", "children_abroad"]
        for value in ["-1", "51", "1.5", "1,5", "007", "+1", "two", "٣", "1e1", "2023-07", "not_recorded"]
    ],
    *[
        (column, value, REFERENCES)
        for column in ["reference", "incident"]
        for value in ["a" * 41, "two words", "a/b", "É-1", "a\nb", "=1+1", "'x", "a,b", "名", "a\x07"]
    ],
]  # fmt: skip


@pytest.mark.parametrize(("column", "value", "accepted"), WRONG_VALUES)
def test_a_wrong_value_is_told_with_its_place_and_what_is_accepted(tmp_path, column, value, accepted):
    path = csv_file(tmp_path, person(reference="A-0"), person(**{column: value}))

    with nothing_changes(), translation.override("en"):
        [found] = findings_of(path)
        assert (found.line, found.column, found.value) == (3, column, value)
        assert tuple(map(str, found.accepted)) == accepted


RIGHT_VALUES = [
    *[("month", value) for value in ["2023-01", "2023-12", "2026-11"]],
    *[("nationality", value) for value in ["XK", "SE", "stateless", "unknown"]],
    *[("referral_source", value) for value in ["", "unknown", "other"]],
    *[("joint_inspection", value) for value in ["", "unknown", "no"]],
    *[("industry", value) for value in ["", "unknown", "hospitality"]],
    *[(c, v) for c in ["children_in_sweden", "children_abroad"] for v in ["", "unknown", "0", "50"]],
    *[("reference", value) for value in ["å", "Ö_x.y-9", "a" * 40, "-", "...", "007"]],
    *[("incident", value) for value in ["", "Å", "z" * 40, "1"]],
]


@pytest.mark.parametrize(("column", "value"), RIGHT_VALUES)
def test_a_right_value_is_stored_as_it_stands(tmp_path, column, value):
    row = person(**{column: value})

    assert import_file(csv_file(tmp_path, row)) == (1, 0)

    case = Case.objects.select_related("incident").get()
    assert (case.region_id, case.reference) == (row["region"], row["reference"])
    assert case.content == content(**{c: v for c, v in row.items() if c not in ("reference", "region")})


@pytest.mark.parametrize("column", ["reference", "incident"])
def test_decomposed_letters_are_composed(tmp_path, column):
    path = csv_file(tmp_path, person(**{column: unicodedata.normalize("NFD", "Åmål-1")}))

    import_file(path)

    case = Case.objects.get()
    assert "Åmål-1" in (case.reference, case.incident.reference)


def test_blanks_around_a_value_are_none_of_it(tmp_path):
    path = csv_file(tmp_path, {column: f"  {value}\t" for column, value in person().items()})

    assert import_file(path) == (1, 0)
    assert Case.objects.get().content == content()


def test_every_problem_of_every_line_is_told_in_one_go_in_the_order_of_the_lines(tmp_path):
    path = csv_file(
        tmp_path,
        person(reference="A-1", sex="x", month="2030-01"),
        person(reference="A-2"),
        person(reference="a b", region="", form="", children_abroad="99"),
        person(reference="A-2"),
        person(reference="A-4", form="sexual", industry="green"),
        person(reference="A-5", month="2021-05"),
    )

    with nothing_changes():
        places = places_refused(path)

    assert places == sorted(places, key=lambda place: place[0])
    assert Counter(places) == Counter(
        [
            (2, "month", "2030-01"),
            (2, "sex", "x"),
            (4, "reference", "a b"),
            (4, "region", ""),
            (4, "form", ""),
            (4, "children_abroad", "99"),
            (5, "reference", "A-2"),
            (6, "industry", "green"),
            (7, "referral_source", "police"),
            (7, "joint_inspection", "yes"),
            (7, "industry", "green"),
            (7, "children_in_sweden", "0"),
            (7, "children_abroad", "2"),
        ]
    )


def test_a_line_with_nothing_but_commas_is_no_record(tmp_path):
    blank = dict.fromkeys(person(), "")

    assert import_file(csv_file(tmp_path, blank, person(), blank)) == (1, 0)


# --- Years ---------------------------------------------------------------------------------------


def test_the_first_month_of_the_register_is_taken(tmp_path):
    path = csv_file(tmp_path, person(month="2018-01", **NOT_COLLECTED_2018))

    assert import_file(path) == (1, 0)


def test_the_latest_month_is_the_present_one_in_sweden(tmp_path, clock):
    path = csv_file(tmp_path, person(month="2026-12"))
    clock.move_to(datetime(2026, 11, 30, 22, 59, tzinfo=UTC))
    assert places_refused(path) == [(2, "month", "2026-12")]

    clock.move_to(datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    assert import_file(path) == (1, 0)


@pytest.mark.parametrize(
    ("column", "value", "first_year"),
    [
        ("referral_source", "police", 2023),
        ("referral_source", "unknown", 2023),
        ("joint_inspection", "unknown", 2023),
        ("industry", "green", 2022),
        ("children_in_sweden", "0", 2022),
        ("children_in_sweden", "unknown", 2022),
        ("children_abroad", "3", 2022),
        ("children_abroad", "unknown", 2022),
    ],
)
def test_a_variable_has_no_value_before_the_year_since_which_it_is_collected(
    tmp_path, column, value, first_year
):
    def row(year: int) -> dict[str, str]:
        return person(month=f"{year}-12", **(NOT_COLLECTED_2018 | {column: value}))

    with nothing_changes(), translation.override("en"):
        [found] = findings_of(csv_file(tmp_path, row(first_year - 1)))
        assert (found.line, found.column, found.value) == (2, column, value)
        assert tuple(map(str, found.accepted)) == ("blank",)
    assert import_file(csv_file(tmp_path, row(first_year))) == (1, 0)


def test_a_value_is_refused_before_its_first_year(tmp_path):
    ExploitationForm.objects.create(code="surrogacy", first_year=2025, position=99)
    early = person(month="2024-12", form="surrogacy", industry="")

    [found] = findings_of(csv_file(tmp_path, early))
    assert (found.line, found.column, found.value) == (2, "form", "surrogacy")
    assert found.accepted == FORMS

    assert import_file(csv_file(tmp_path, early | {"month": "2025-01"})) == (1, 0)


def test_a_value_is_refused_after_its_last_year(tmp_path):
    Industry.objects.filter(code="beauty").update(last_year=2023)
    late = person(month="2024-01", industry="beauty")

    [found] = findings_of(csv_file(tmp_path, late))
    assert (found.line, found.column, found.value) == (2, "industry", "beauty")
    assert "beauty" not in found.accepted

    assert import_file(csv_file(tmp_path, late | {"month": "2023-12"})) == (1, 0)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "labour"])
def test_a_form_that_does_not_ask_for_industry_leaves_it_blank(tmp_path, form):
    with translation.override("en"):
        [found] = findings_of(csv_file(tmp_path, person(form=form, industry="unknown")))
        assert (found.line, found.column, found.value) == (2, "industry", "unknown")
        assert tuple(map(str, found.accepted)) == ("blank",)

    assert import_file(csv_file(tmp_path, person(form=form, industry=""))) == (1, 0)


@pytest.mark.parametrize(
    "unusual",
    [
        {"form": "forced_marriage", "industry": "", "sex": "male", "age_group": "adult"},
        {"age_group": "minor", "children_in_sweden": "50", "children_abroad": "50"},
        {"assessment": "trafficking", "form": "begging", "industry": "", "nationality": "SE"},
        {"form": "organ_removal", "industry": "", "joint_inspection": "yes"},
        {"sex": "other", "age_group": "unknown", "nationality": "stateless"},
    ],
)
def test_a_legal_but_unusual_combination_is_no_error(tmp_path, unusual):
    assert import_file(csv_file(tmp_path, person(**unusual))) == (1, 0)


# --- What is stored already ----------------------------------------------------------------------


def test_a_row_stored_with_the_same_content_is_left_alone(tmp_path):
    first = csv_file(tmp_path, person(reference="A-1"), person(reference="A-2"))
    import_file(first)

    with nothing_changes():
        assert import_file(first) == (0, 2)


def test_new_rows_beside_stored_ones_are_registered(tmp_path):
    import_file(csv_file(tmp_path, person(reference="A-1")))

    both = csv_file(tmp_path, person(reference="A-1"), person(reference="A-2"))

    assert import_file(both) == (1, 1)
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("column", "other", "stored"),
    [
        ("month", "2023-08", "2023-07"),
        ("assessment", "trafficking", "exploitation"),
        ("sex", "unknown", "male"),
        ("nationality", "RO", "TH"),
        ("industry", "", "green"),
        ("children_abroad", "unknown", "2"),
        ("children_in_sweden", "", "0"),
        ("incident", "other-event", "berries"),
    ],
)
def test_a_row_stored_with_other_content_is_told_with_what_is_stored(tmp_path, column, other, stored):
    import_file(csv_file(tmp_path, person()))

    with nothing_changes():
        [found] = findings_of(csv_file(tmp_path, person(reference="A-0"), person(**{column: other})))

    assert (found.line, found.column, found.value) == (3, column, other)
    assert found.accepted == (stored,)


def test_every_other_value_of_a_stored_row_is_told(tmp_path):
    import_file(csv_file(tmp_path, person()))

    places = places_refused(csv_file(tmp_path, person(sex="female", age_group="minor")))

    assert places == [(2, "sex", "female"), (2, "age_group", "minor")]


def test_a_withdrawn_case_is_not_imported_again(tmp_path):
    path = csv_file(tmp_path, person())
    import_file(path)
    Case.objects.update(withdrawn_at=timezone.now())

    with nothing_changes():
        assert places_refused(path) == [(2, "reference", "A-1")]


# --- References ----------------------------------------------------------------------------------


def test_a_reference_twice_in_the_file_is_told_on_every_later_line(tmp_path):
    path = csv_file(tmp_path, person(), person(reference="A-2"), person(), person())

    with nothing_changes():
        found = findings_of(path)

    assert [(one.line, one.column, one.value) for one in found] == [
        (4, "reference", "A-1"),
        (5, "reference", "A-1"),
    ]
    with translation.override("en"):
        assert all("line 2" in str(one.problem) for one in found)


@pytest.mark.parametrize("bad_line", [2, 3])
def test_a_reference_twice_is_told_although_one_of_the_rows_is_wrong_otherwise(tmp_path, bad_line):
    rows = [person(), person()]
    rows[bad_line - 2] = person(sex="x")

    places = places_refused(csv_file(tmp_path, *rows))

    assert Counter(places) == Counter([(bad_line, "sex", "x"), (3, "reference", "A-1")])


def test_a_reference_is_unique_in_its_region_only(tmp_path):
    path = csv_file(tmp_path, person(region="nord"), person(region="syd"))

    assert import_file(path) == (2, 0)


def test_references_that_differ_in_case_are_two(tmp_path):
    path = csv_file(tmp_path, person(reference="a-1"), person(reference="A-1"))

    assert import_file(path) == (2, 0)


def test_a_blank_reference_is_given_by_year_and_number_in_the_order_of_the_file(tmp_path):
    rows = [
        person(reference="", month="2023-02", sex="female"),
        person(reference="", month="2024-01"),
        person(reference="", month="2023-01", sex="male"),
        person(reference="", region="syd"),
    ]

    import_file(csv_file(tmp_path, *rows))

    given = Case.objects.values_list("region_id", "reference", "sex")
    assert sorted(given) == [
        ("nord", "2023-0001", "female"),
        ("nord", "2023-0002", "male"),
        ("nord", "2024-0001", "male"),
        ("syd", "2023-0001", "male"),
    ]


def test_a_given_reference_is_none_that_is_stored_or_stands_in_the_file(tmp_path):
    CaseFactory(reference="2023-0002")
    rows = [person(reference=""), person(reference="2023-0001"), person(reference="", sex="female")]

    import_file(csv_file(tmp_path, *rows))

    references = Case.objects.order_by("reference").values_list("reference", flat=True)
    assert list(references) == ["2023-0001", "2023-0002", "2023-0003", "2023-0004"]


def test_a_file_without_references_is_refused_the_second_time(tmp_path):
    path = csv_file(tmp_path, person(reference=""), person(reference="A-2"))
    import_file(path)

    with nothing_changes():
        assert places_refused(path) == [(0, "", "")]


def test_a_file_without_references_comes_again_when_that_is_meant(tmp_path):
    path = csv_file(tmp_path, person(reference=""), person(reference="A-2"))
    import_file(path)

    assert import_file(path, again=True) == (1, 1)
    assert Case.objects.count() == 3


def test_the_same_rows_are_the_same_file_however_they_are_written(tmp_path):
    import_file(csv_file(tmp_path, person(reference="")))

    columns = sorted(person())
    again = csv_file(tmp_path, person(reference=""), columns=columns, delimiter=";")

    assert places_refused(again) == [(0, "", "")]


def test_another_file_without_references_is_taken(tmp_path):
    import_file(csv_file(tmp_path, person(reference="")))

    assert import_file(csv_file(tmp_path, person(reference="", sex="female"))) == (1, 0)


def test_what_is_remembered_of_a_file_cannot_be_guessed_from_its_rows(tmp_path, settings):
    """A file may hold one row: whoever reads a bare hash could try all rows until one fits."""
    path = csv_file(tmp_path, person(reference=""))
    with rolled_back():
        import_file(path)
        first = ImportedFile.objects.get().content_hash
    settings.SECRET_KEY = "another secret" * 5
    with rolled_back():
        import_file(path)
        assert ImportedFile.objects.get().content_hash != first


def test_a_file_is_recognised_although_the_secret_has_been_changed(tmp_path, settings):
    path = csv_file(tmp_path, person(reference=""))
    import_file(path)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret" * 5

    assert places_refused(path) == [(0, "", "")]


def test_a_file_that_was_imported_before_hashes_were_keyed_is_recognised(tmp_path):
    values = person(reference="")
    row = [values["region"], "", *(values[column] for column in COLUMNS[2:])]
    bare = hashlib.sha256(json.dumps(row).encode()).hexdigest()
    ImportedFile.objects.create(content_hash=bare, rows=1, at=timezone.now())

    assert places_refused(csv_file(tmp_path, values)) == [(0, "", "")]


# --- Incidents -----------------------------------------------------------------------------------


def test_rows_that_share_an_incident_within_a_region_form_one(tmp_path):
    rows = [person(reference="A-1"), person(reference="A-2"), person(reference="A-3", incident="")]

    import_file(csv_file(tmp_path, *rows))

    assert Incident.objects.get().cases.count() == 2


def test_the_same_incident_in_two_regions_is_two(tmp_path):
    import_file(csv_file(tmp_path, person(region="nord"), person(region="syd")))

    assert sorted(Incident.objects.values_list("region_id", "reference")) == [
        ("nord", "berries"),
        ("syd", "berries"),
    ]
    assert {case.incident.region_id == case.region_id for case in Case.objects.all()} == {True}


def test_a_row_joins_an_incident_of_an_earlier_file(tmp_path):
    import_file(csv_file(tmp_path, person(reference="A-1")))
    import_file(csv_file(tmp_path, person(reference="A-2")))

    assert Incident.objects.get().cases.count() == 2


# --- Around it -----------------------------------------------------------------------------------


def test_an_import_leaves_one_history_entry_a_case_and_one_event(tmp_path, analyst):
    path = csv_file(tmp_path, person(reference="A-1"), person(reference="A-2", industry=""))

    import_file(path)

    event = AuditEvent.objects.get()
    assert (event.action, event.role, event.actor) == ("cases_import", "system", None)
    file = ImportedFile.objects.get()
    assert event.object == f"file {file.pk}, 2 cases"
    assert file.rows == 2
    blank_industry = CaseHistory.objects.get(case__reference="A-2")
    assert blank_industry.action == "import"
    assert blank_industry.changes == {
        name: ["", value] for name, value in content(industry="").recorded().items()
    }


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path):
    import_file(csv_file(tmp_path, person(reference="A-1")))
    path = csv_file(tmp_path, person(reference="A-1"), person(reference=""), person(reference=""))

    with nothing_changes():
        said = import_file(path, dry_run=True)

    assert said == (2, 1) == import_file(path)


@pytest.mark.parametrize("changes", [{"sex": "x"}, {"reference": "a b"}, {"sex": "female"}])
def test_a_dry_run_refuses_what_the_import_would_refuse(tmp_path, changes):
    import_file(csv_file(tmp_path, person()))
    path = csv_file(tmp_path, person(**changes))

    with nothing_changes():
        assert places_refused(path, dry_run=True) == places_refused(path) != []


def test_a_dry_run_refuses_a_file_that_was_imported_before(tmp_path):
    path = csv_file(tmp_path, person(reference=""))
    import_file(path)

    assert places_refused(path, dry_run=True) == [(0, "", "")]
    assert import_file(path, dry_run=True, again=True) == (1, 0)


def test_progress_is_told_while_a_large_file_is_checked_and_stored(tmp_path):
    rows = [person(reference=f"A-{number}") for number in range(10_001)]
    told = []

    import_file(csv_file(tmp_path, *rows), progress=lambda *stage: told.append(stage))

    assert ("checked", 10_000) in told
    assert told[-1] == ("stored", 10_001)
    assert Case.objects.count() == 10_001


# --- As a script calls it ------------------------------------------------------------------------


def test_the_command_stores_a_good_file(committed_db, tmp_path):
    done = manage("import_cases", csv_file(tmp_path, person(reference="A-1"), person(reference="A-2")))

    assert (done.returncode, done.stderr) == (0, "")
    assert "2" in done.stdout
    assert Case.objects.count() == 2


def test_the_command_prints_one_line_a_problem_and_fails(committed_db, tmp_path):
    path = csv_file(tmp_path, person(sex="x\ny"), person(reference="A-2", nationality="Sverige"))

    with nothing_changes():
        done = manage("import_cases", path)

    assert (done.returncode, done.stdout) == (1, "")
    sex, nationality = done.stderr.splitlines()
    assert all(told in sex for told in ["2", "sex", "x\N{REPLACEMENT CHARACTER}y", "female, male"])
    assert all(told in nationality for told in ["4", "nationality", "Sverige", "ISO 3166-1"])


@pytest.mark.parametrize("name", ["missing.csv", "folder.csv", "cases.txt", "cases"])
def test_the_command_says_in_one_line_that_there_is_no_case_file(committed_db, tmp_path, name):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "cases.txt").write_text("x")

    done = manage("import_cases", tmp_path / name)

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [("missing.csv", "Filen finns inte: {path}."), ("folder.csv", "Det är en mapp, inte en fil: {path}.")],
)
def test_the_command_says_which_file_is_not_there(committed_db, tmp_path, name, told):
    (tmp_path / "folder.csv").mkdir()

    done = manage("import_cases", tmp_path / name)

    assert done.stderr.strip() == told.format(path=tmp_path / name)


def test_the_command_takes_a_file_again_only_when_told_to(committed_db, tmp_path):
    path = csv_file(tmp_path, person(reference=""))

    statuses = [
        manage("import_cases", path, *options).returncode
        for options in [["--dry-run"], [], [], ["--again", "--dry-run"], ["--again"]]
    ]

    assert statuses == [0, 0, 1, 0, 0]
    assert Case.objects.count() == 2


def test_the_command_says_readably_that_the_database_is_not_there(tmp_path):
    from tests.programs import python

    done = python(
        "manage.py", "import_cases", csv_file(tmp_path, person()),
        DATABASE_URL=f"sqlite:///{tmp_path}/absent/register.sqlite3",
    )  # fmt: skip

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
