"""`export_year` as the contract says it: files, manifest, marks, languages, and what is refused."""

import csv
import hashlib
import json

import pytest
from django.core.management import CommandError, call_command

from casereg.models import AuditEvent
from stats.tables import TABLES
from tests.factories import CaseFactory
from tests.programs import python

pytestmark = pytest.mark.django_db
TABLE_IDS = {
    *("persons", "form-by-person", "minors-by-form", "assessment-by-form", "joint-by-form", "referral"),
    *("industry", "nationality", "nationality-by-form", "children", "incidents", "region-by-form", "months"),
    *("persons-by-year", "form-by-year", "minors-by-year", "nationality-by-year"),
}


def export(folder, **options):
    call_command("export_year", options.pop("year", 2023), format="jsonstat", out=folder, **options)
    return folder


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_contract_s_tables_are_the_declared_ones():
    assert {table.id for table in TABLES} == TABLE_IDS
    assert {table.id for table in TABLES if table.internal} == {"incidents", "region-by-form", "months"}


def test_every_table_the_key_figures_and_the_manifest_are_written(tmp_path):
    CaseFactory()

    export(tmp_path / "new" / "folder")

    written = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert written == {f"{name}.json" for name in TABLE_IDS} | {"key-figures.json", "manifest.json"}


def test_the_manifest_has_the_hash_of_every_file_and_says_internal(tmp_path):
    CaseFactory()

    manifest = read(export(tmp_path) / "manifest.json")

    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tmp_path.iterdir()
        if path.name != "manifest.json"
    }
    assert manifest["files"] == hashes
    assert (manifest["protection"], manifest["internal"]) == ("exact", True)


def test_a_table_is_a_jsonstat_dataset_marked_internal(tmp_path):
    CaseFactory(sex="male", age_group="adult")

    table = read(export(tmp_path) / "persons.json")

    assert (table["version"], table["class"]) == ("2.0", "dataset")
    assert table["id"] == ["year", "sex", "age_group"]
    assert table["size"] == [1, 5, 4]
    assert table["dimension"]["sex"]["category"]["index"] == ["female", "male", "other", "unknown", "_T"]
    assert table["value"] == [0] * 4 + [1, 0, 0, 1] + [0] * 8 + [1, 0, 0, 1]
    assert "status" not in table
    assert table["extension"]["internal"] is True


def test_what_was_not_collected_is_marked_and_never_zero(tmp_path):
    CaseFactory(
        year=2021, referral_source_id=None, joint_inspection=None, industry_id=None,
        children_in_sweden=None, children_abroad=None,
    )  # fmt: skip

    export(tmp_path, year=2021)

    for name in ("industry", "referral", "joint-by-form", "children"):
        table = read(tmp_path / f"{name}.json")
        assert set(table["value"]) == {None}
        assert table["status"] == {str(index): "L" for index in range(len(table["value"]))}
    assert read(tmp_path / "children.json")["extension"]["persons_unknown"] is None
    figures = read(tmp_path / "key-figures.json")
    assert (figures["joint_inspection"]["value"], figures["children_abroad"]["value"]) == (None, None)
    assert figures["persons"]["value"] == 1


def test_children_unknown_and_not_recorded_are_counted_apart(tmp_path):
    CaseFactory(children_in_sweden=3, children_abroad=0)
    CaseFactory(children_in_sweden=None, children_in_sweden_unknown=True, children_abroad=2)
    CaseFactory(children_in_sweden=None, children_abroad=None, children_abroad_unknown=True)

    table = read(export(tmp_path) / "children.json")

    assert table["value"] == [3, 2, 5]
    assert (table["extension"]["persons_unknown"], table["extension"]["persons_not_recorded"]) == (2, 1)


def test_a_retired_value_that_occurs_is_listed_and_one_that_does_not_is_not(tmp_path):
    from casereg.models import ExploitationForm

    CaseFactory(form_id="begging", industry_id=None)
    ExploitationForm.objects.filter(code__in=["begging", "household"]).update(last_year=2022)

    forms = read(export(tmp_path) / "form-by-person.json")["dimension"]["form"]["category"]["index"]

    assert "begging" in forms
    assert "household" not in forms


@pytest.mark.parametrize(("language", "label"), [("sv", "Kvinna"), ("en", "Woman")])
def test_labels_are_in_the_language_asked_for(tmp_path, language, label):
    CaseFactory()

    table = read(export(tmp_path, language=language) / "persons.json")

    assert table["dimension"]["sex"]["category"]["label"]["female"].capitalize() == label


def test_csv_has_one_row_a_cell_and_the_sdmx_marks(tmp_path):
    CaseFactory(year=2022, referral_source_id=None, joint_inspection=None)

    call_command("export_year", 2022, format="csv", out=tmp_path)

    with (tmp_path / "referral.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == [
        "year", "referral_source", "referral_source_label", "age_group", "age_group_label",
        "value", "status", "conf_status", "source", "note",
    ]  # fmt: skip
    assert {(row["value"], row["status"], row["conf_status"]) for row in rows} == {("", "L", "N")}
    assert {path.name for path in tmp_path.iterdir()} == {f"{n}.csv" for n in TABLE_IDS} | {"manifest.json"}


def test_a_year_without_records_is_an_error_and_writes_nothing(tmp_path):
    with pytest.raises(CommandError, match="2020"):
        export(tmp_path / "folder", year=2020)

    assert not (tmp_path / "folder").exists()
    assert not AuditEvent.objects.exists()


def test_an_export_is_in_the_trail(tmp_path):
    CaseFactory()

    export(tmp_path)

    assert AuditEvent.objects.get().object == "2023 as jsonstat, exact"


def test_the_same_records_give_the_same_bytes(tmp_path):
    CaseFactory.create_batch(5)

    first, second = export(tmp_path / "a"), export(tmp_path / "b")

    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_a_folder_that_cannot_be_written_is_one_readable_line(tmp_path):
    CaseFactory()
    (tmp_path / "file").write_text("")

    with pytest.raises(CommandError, match="Mappen kan inte skrivas"):
        export(tmp_path / "file")


@pytest.mark.parametrize("wrong", [["2023", "--format", "paper"], ["abc", "--format", "csv"]])
def test_wrong_arguments_exit_with_an_error_and_no_traceback(tmp_path, wrong):
    done = python("manage.py", "export_year", *wrong, "--out", str(tmp_path / "folder"))

    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "folder").exists()
