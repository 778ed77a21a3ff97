"""The case file out: its order, what it leaves out, and that importing it again changes nothing."""

import csv
import stat

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone

from casereg.case_files import COLUMNS, read_case_file
from casereg.exports import export_case_file
from casereg.management.readable import Problems
from casereg.models import AuditEvent, Case
from tests.databases import everything_stored, nothing_changes, put_back
from tests.factories import CaseFactory, IncidentFactory
from tests.programs import manage
from tests.records import NOT_COLLECTED_2018, csv_file, import_file, person

pytestmark = pytest.mark.usefixtures("database")

BOTH_FORMATS = pytest.mark.parametrize("name", ["cases.csv", "cases.xlsx"])

# Each state of emptiness and both ends of what is accepted, in two regions that share a reference.
VARIED = [
    person(reference="A-1"),
    person(reference="A-1", region="syd", incident=""),
    person(reference="å.1_x-y", month="2018-01", incident="Ö", **NOT_COLLECTED_2018),
    person(reference="-1", referral_source="", joint_inspection="", industry="", incident="-"),
    person(reference="007", children_in_sweden="unknown", children_abroad="50", nationality="XK"),
    person(reference="1e5", form="begging", industry="", children_in_sweden="", children_abroad=""),
    person(reference="z" * 40, referral_source="unknown", industry="unknown", incident=""),
]


def exported(path) -> list[dict[str, str]]:
    return [row.values for row in read_case_file(path)]


@BOTH_FORMATS
def test_what_was_imported_comes_out_as_it_came_in(tmp_path, name):
    import_file(csv_file(tmp_path, *VARIED))

    assert export_case_file(tmp_path / name, by=None) == len(VARIED)

    rows = exported(tmp_path / name)
    assert sorted(rows, key=str) == sorted(VARIED, key=str)


@BOTH_FORMATS
def test_importing_an_export_changes_nothing(tmp_path, name):
    import_file(csv_file(tmp_path, *VARIED, person(reference="")))
    export_case_file(tmp_path / name, by=None)

    with nothing_changes():
        assert import_file(tmp_path / name) == (0, len(VARIED) + 1)


@BOTH_FORMATS
def test_an_export_fills_an_empty_register_with_the_same_cases(committed_db, tmp_path, name):
    empty = everything_stored()
    import_file(csv_file(tmp_path, *VARIED, person(reference="")))
    export_case_file(tmp_path / name, by=None)
    first = exported(tmp_path / name)

    put_back(empty)
    import_file(tmp_path / name)
    export_case_file(tmp_path / name, by=None)

    assert exported(tmp_path / name) == first


@BOTH_FORMATS
def test_the_order_is_by_region_and_reference(tmp_path, name):
    for region, reference in [("syd", "1"), ("nord", "b"), ("nord", "B"), ("nord", "å"), ("mitt", "2"),
                              ("nord", "10"), ("nord", "9")]:  # fmt: skip
        CaseFactory(region_id=region, reference=reference)

    export_case_file(tmp_path / name, by=None)

    order = [(row["region"], row["reference"]) for row in exported(tmp_path / name)]
    assert order == [("mitt", "2"), ("nord", "10"), ("nord", "9"), ("nord", "B"), ("nord", "b"),
                     ("nord", "å"), ("syd", "1")]  # fmt: skip


@BOTH_FORMATS
def test_withdrawn_cases_stay_behind(tmp_path, name):
    CaseFactory(reference="stands")
    CaseFactory(reference="withdrawn", withdrawn_at=timezone.now())

    assert export_case_file(tmp_path / name, by=None) == 1
    assert [row["reference"] for row in exported(tmp_path / name)] == ["stands"]


def test_one_year_is_exported_alone(tmp_path):
    CaseFactory(reference="this", year=2023)
    CaseFactory(reference="next", year=2024)

    assert export_case_file(tmp_path / "cases.csv", by=None, year=2024) == 1
    assert [row["reference"] for row in exported(tmp_path / "cases.csv")] == ["next"]


@BOTH_FORMATS
def test_an_empty_register_gives_a_header(tmp_path, name):
    assert export_case_file(tmp_path / name, by=None) == 0
    assert exported(tmp_path / name) == []
    assert import_file(tmp_path / name) == (0, 0)


def test_a_csv_export_is_plain_utf8_with_the_columns_of_the_contract(tmp_path):
    incident = IncidentFactory(reference="bär")
    CaseFactory(reference="A-1", incident=incident)

    export_case_file(tmp_path / "cases.csv", by=None)

    assert (tmp_path / "cases.csv").read_bytes().decode("utf-8") == (
        "reference,region,month,assessment,form,sex,age_group,nationality,referral_source,"
        "joint_inspection,industry,children_in_sweden,children_abroad,incident\n"
        "A-1,nord,2023-07,exploitation,labour,male,adult,TH,police,yes,green,0,2,bär\n"
    )


def test_every_cell_of_a_workbook_is_text_and_none_a_formula(tmp_path):
    CaseFactory(reference="-1", children_abroad=0)

    export_case_file(tmp_path / "cases.xlsx", by=None)

    rows = openpyxl.load_workbook(tmp_path / "cases.xlsx").active.iter_rows(max_col=len(COLUMNS))
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {"s", "inlineStr"}


def test_an_export_is_told_to_the_audit_trail_with_its_number_and_nothing_of_the_cases(tmp_path, analyst):
    CaseFactory()

    export_case_file(tmp_path / "cases.csv", by=analyst, year=2023)

    event = AuditEvent.objects.get()
    assert (event.action, event.object, event.actor) == ("cases_export", "2023, 1 cases", analyst)


def test_nobody_else_on_the_machine_may_read_an_export(tmp_path):
    export_case_file(tmp_path / "cases.csv", by=None)

    assert stat.S_IMODE((tmp_path / "cases.csv").stat().st_mode) == 0o600


def test_an_export_replaces_the_file_that_stood_there(tmp_path):
    path = csv_file(tmp_path, person())

    export_case_file(path, by=None)

    assert exported(path) == []


@pytest.mark.parametrize("name", ["missing/cases.csv", "file/cases.xlsx", "folder.csv"])
def test_what_cannot_be_written_is_an_error_that_leaves_nothing_behind(tmp_path, name):
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "folder.csv").mkdir()
    before = sorted(tmp_path.rglob("*"))

    with nothing_changes(), pytest.raises(OSError, match=r"cases|folder"):
        export_case_file(tmp_path / name, by=None)

    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["cases.txt", "cases"])
def test_the_command_refuses_a_name_that_promises_no_case_file(tmp_path, name):
    with pytest.raises(Problems):
        call_command("export_cases", tmp_path / name)

    assert list(tmp_path.iterdir()) == []


def test_the_command_exports_and_says_how_many(committed_db, tmp_path):
    CaseFactory()

    done = manage("export_cases", tmp_path / "cases.csv", "--year", 2023)

    assert (done.returncode, done.stderr) == (0, "")
    assert "1" in done.stdout
    with (tmp_path / "cases.csv").open(encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 2


def test_the_command_says_that_a_year_has_no_cases(committed_db, tmp_path):
    CaseFactory()

    done = manage("export_cases", tmp_path / "cases.csv", "--year", 2031)

    assert (done.returncode, done.stderr) == (0, "")
    assert "2031" in done.stdout.splitlines()[0]


def test_the_command_says_in_one_line_that_it_cannot_write(committed_db, tmp_path):
    done = manage("export_cases", tmp_path / "missing" / "cases.csv")

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert not Case.objects.exists()


def test_both_commands_agree_when_called_one_after_the_other(committed_db, tmp_path):
    import_file(csv_file(tmp_path, *VARIED))

    statuses = [
        manage(command, tmp_path / name).returncode
        for name in ("out.csv", "out.xlsx")
        for command in ("export_cases", "import_cases")
    ]

    assert statuses == [0, 0, 0, 0]
    assert Case.objects.count() == len(VARIED)
