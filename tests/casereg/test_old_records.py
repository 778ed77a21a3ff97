"""Records of every past year under today's lists: saved through today's form, no field changes."""

import random

import pytest

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
