"""Records of every past year under today's lists: saved through today's form, no field changes."""

import random
from datetime import UTC, datetime

import pytest
import time_machine

from casereg.actions.code_lists import NewTerm, merge_terms, move_term, retire_term, split_term
from casereg.models import (
    Case,
    CaseHistory,
    ExploitationForm,
    Industry,
    ReferralSource,
    Region,
)
from casereg.months import this_month
from casereg.vocabularies import FIRST_YEAR, AgeGroup, Assessment, JointInspection, Sex
from stats.compute import compute_year
from stats.demo.loading import load_demo
from tests.factories import CaseFactory, UserFactory
from tests.records import fields_of

pytestmark = pytest.mark.django_db
RECORDS_A_YEAR = 12


def records_of_every_year() -> None:
    """With every value that was collected then, and blanks as a file may have them."""
    dice = random.Random(2018)
    lists = {
        model: list(model.objects.values_list("pk", flat=True))
        for model in (ExploitationForm, ReferralSource, Industry)
    }
    for year in range(FIRST_YEAR, int(this_month()[:4]) + 1):
        for number in range(RECORDS_A_YEAR):
            form = lists[ExploitationForm][number % len(lists[ExploitationForm])]
            asked = year >= 2022 and form == "labour"
            CaseFactory(
                year=year,
                form_id=form,
                sex=dice.choice(Sex.values),
                age_group=dice.choice(AgeGroup.values),
                assessment=dice.choice(Assessment.values),
                industry_id=dice.choice([None, *lists[Industry]]) if asked else None,
                referral_source_id=dice.choice([None, *lists[ReferralSource]]) if year >= 2023 else None,
                joint_inspection=dice.choice([None, *JointInspection.values]) if year >= 2023 else None,
                children_in_sweden=dice.choice([None, 0, 3]) if year >= 2022 else None,
                children_abroad=None,
                children_abroad_unknown=year >= 2022 and dice.choice([True, False]),
            )


def retire_everything_before_today() -> None:
    """Every value of every list is replaced by another this year."""
    for model in (ExploitationForm, ReferralSource, Industry):
        model.objects.update(last_year=2025)
        extra = {"asks_for_industry": True} if model is ExploitationForm else {}
        model.objects.create(
            code="new", label_sv=f"ny {model.__name__}", label_en="new", position=99, first_year=2026, **extra
        )


def test_every_record_of_every_year_is_saved_unchanged(client):
    load_demo()
    records_of_every_year()
    retire_everything_before_today()
    users = {region: UserFactory(region_id=region) for region in Region.objects.values_list("pk", flat=True)}
    written = CaseHistory.objects.count()

    for case in Case.objects.select_related("incident").order_by("region", "pk"):
        before = case.content
        client.force_login(users[case.region_id])
        address = f"/cases/{case.pk}/amend/"
        response = client.post(address, fields_of(client.get(address)))
        assert response.status_code == 302, (before, response.context["form"].errors)
        case.refresh_from_db()
        assert case.content == before

    assert Case.objects.count() > 500
    assert CaseHistory.objects.count() == written


def test_a_changed_field_leaves_the_others_of_an_old_record_alone(client, coordinator_nord):
    case = CaseFactory(year=2023, form_id="begging", industry_id=None, referral_source_id=None)
    retire_everything_before_today()
    client.force_login(coordinator_nord)
    address = f"/cases/{case.pk}/amend/"

    client.post(address, fields_of(client.get(address)) | {"nationality": "Rumänien"})

    assert CaseHistory.objects.get().changes == {"nationality": ["TH", "RO"]}


# --- Lists that were changed by an administrator, year after year -------------------------------


def change_the_lists_for_four_years(administrator) -> None:
    """Split, merged, retired and split again: whatever a record of 2019 has, is in the list no more."""

    def new(code):
        words = {"label_sv": f"ny {code}", "label_en": f"new {code}"}
        return NewTerm(code=code, **words, definition_sv="Något.", definition_en="Something.")

    with time_machine.travel(datetime(2024, 3, 1, tzinfo=UTC)):
        split_term(
            variable="form", code="begging", existing=["other"], new=[new("street"), new("doors")],
            first_year=2025, by=administrator,
        )  # fmt: skip
        merge_terms(
            variable="referral_source", codes=["police", "migration_agency"], existing="",
            new=new("authorities"), first_year=2025, by=administrator,
        )  # fmt: skip
        retire_term(variable="industry", code="green", last_year=2024, by=administrator)
    with time_machine.travel(datetime(2025, 3, 1, tzinfo=UTC)):
        split_term(
            variable="form", code="street", existing=[], new=[new("town"), new("country")],
            first_year=2026, by=administrator,
        )  # fmt: skip
        merge_terms(
            variable="industry", codes=["beauty", "cleaning"], existing="other", new=None,
            first_year=2026, by=administrator,
        )  # fmt: skip
        move_term(variable="form", code="unknown", up=True, by=administrator)


def test_records_of_every_year_are_saved_unchanged_after_the_lists_were_changed(
    client, coordinator_nord, administrator
):
    for year in range(FIRST_YEAR, 2025):  # each with its own list's values
        for form in ("begging", "labour", "other"):
            asked = form == "labour" and year >= 2022
            CaseFactory(
                year=year,
                form_id=form,
                industry_id=("green", "beauty", "cleaning")[year % 3] if asked else None,
                referral_source_id="police" if year >= 2023 else None,
                joint_inspection="no" if year >= 2023 else None,
                children_in_sweden=1 if year >= 2022 else None,
                children_abroad=None,
            )
    change_the_lists_for_four_years(administrator)
    CaseFactory(year=2025, form_id="street", industry_id=None, referral_source_id="authorities")
    client.force_login(coordinator_nord)
    written, before = CaseHistory.objects.count(), list(Case.objects.order_by("pk").values())

    for case in Case.objects.all():
        address = f"/cases/{case.pk}/amend/"
        response = client.post(address, fields_of(client.get(address)))
        assert response.status_code == 302, (case.content, response.context["form"].errors)

    assert list(Case.objects.order_by("pk").values()) == before
    assert CaseHistory.objects.count() == written


def test_a_record_of_2019_whose_form_was_split_keeps_it_when_something_else_is_amended(
    client, coordinator_nord, administrator
):
    case = CaseFactory(
        year=2019, form_id="begging", industry_id=None, referral_source_id=None, joint_inspection=None,
        children_in_sweden=None, children_abroad=None,
    )  # fmt: skip
    change_the_lists_for_four_years(administrator)
    client.force_login(coordinator_nord)
    address = f"/cases/{case.pk}/amend/"
    fields = fields_of(client.get(address))

    client.post(address, fields | {"sex": "female"})
    to_a_later_value = client.post(address, fields_of(client.get(address)) | {"form": "town"})

    assert CaseHistory.objects.get().changes == {"sex": ["male", "female"]}
    assert list(to_a_later_value.context["form"].errors) == ["form"]
    case.refresh_from_db()
    assert case.form_id == "begging"


def test_a_table_of_a_past_year_shows_the_values_of_that_year(administrator):
    CaseFactory(year=2024, form_id="begging", industry_id=None)
    change_the_lists_for_four_years(administrator)
    CaseFactory(year=2025, form_id="doors", industry_id=None, referral_source_id="authorities")

    listed = {
        year: set(compute_year(year).tables["form-by-person"].codes["form"]) for year in (2024, 2025, 2026)
    }

    assert "begging" in listed[2024]
    assert listed[2024].isdisjoint({"street", "doors", "town", "country"})
    assert {"street", "doors"} <= listed[2025]
    assert listed[2025].isdisjoint({"begging", "town", "country"})
    assert {"town", "country", "doors"} <= listed[2026]
    assert listed[2026].isdisjoint({"begging", "street"})
