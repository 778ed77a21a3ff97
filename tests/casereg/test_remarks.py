"""What is legal and yet worth a second look: asked when it is entered, kept in step, and confirmed."""

import pytest

from casereg.actions.case_changes import (
    amend_case,
    confirm_remark,
    restore_case,
    withdraw_case,
)
from casereg.actions.cases import register_case
from casereg.actions.offers import accept_offer, offer_case
from casereg.actions.remarks import NeedsConfirmation, check_records
from casereg.models import AuditEvent, Case, CaseHistory, CaseRemark, ExploitationForm
from casereg.remarks import remarks_on, unusual
from casereg.stored_codebook import load_codebook
from tests.factories import CaseFactory
from tests.records import NOT_COLLECTED_2018, changed, content, csv_file, import_file, person

pytestmark = pytest.mark.django_db

OFFENCE = "offence:exploitation:sexual"
# Exploitation does not cover it: unusual, and legal.
UNUSUAL = {"form": "sexual", "industry": ""}


def keys(said, latest_month="2026-11"):
    return [r.key for r in remarks_on(said, codebook=load_codebook(), latest_month=latest_month)]


def open_keys(case) -> set[str]:
    return set(CaseRemark.objects.open().filter(case=case).values_list("key", flat=True))


def register(by, *, confirmed=(), **changes):
    return register_case(region_code="nord", content=content(**changes), by=by, confirmed=confirmed)


# --- The rules ----------------------------------------------------------------------------------


def test_a_complete_and_usual_record_is_left_alone():
    assert keys(content()) == []


@pytest.mark.parametrize("form", ["sexual", "criminality", "forced_marriage", "organ_removal"])
def test_exploitation_does_not_cover_every_form(form):
    said = content(form=form, industry="", assessment="exploitation")

    assert [r.key for r in unusual(said, load_codebook())] == [f"offence:exploitation:{form}"]
    assert unusual(content(form=form, industry="", assessment="trafficking"), load_codebook()) == []


@pytest.mark.parametrize("form", ["labour", "household", "begging", "multiple", "other", "unknown"])
def test_what_exploitation_covers_or_may_cover_is_not_asked_about(form):
    said = content(form=form, industry="green" if form == "labour" else "")

    assert unusual(said, load_codebook()) == []


def test_a_form_that_an_administrator_adds_is_asked_about_once_it_is_said_not_to_be_covered():
    ExploitationForm.objects.create(
        code="surrogacy", label_sv="surrogatmödraskap", label_en="surrogacy", position=20, first_year=2026
    )
    said = content(form="surrogacy", industry="", month="2026-05")
    assert unusual(said, load_codebook()) == []

    ExploitationForm.objects.filter(pk="surrogacy").update(covered_by_exploitation=False)

    assert [r.key for r in unusual(said, load_codebook())] == ["offence:exploitation:surrogacy"]


@pytest.mark.parametrize(
    ("changes", "is_asked"),
    [
        ({}, True),
        ({"sex": "female"}, False),
        ({"age_group": "adult"}, False),
        ({"form": "begging"}, False),
    ],
)
def test_a_minor_in_a_forced_marriage_of_unknown_sex(changes, is_asked):
    said = {"form": "forced_marriage", "industry": "", "age_group": "minor", "sex": "unknown"} | changes
    asked = [r.key for r in unusual(content(assessment="trafficking", **said), load_codebook())]

    assert asked == (["sex:forced_marriage:minor:unknown"] if is_asked else [])


def test_blanks_unknowns_and_later_rules_are_to_be_mended():
    ExploitationForm.objects.filter(pk="begging").update(last_year=2022)

    assert keys(content(industry="", children_abroad="")) == [
        "not_recorded:industry",
        "not_recorded:children_abroad",
    ]
    assert keys(content(sex="unknown", nationality="unknown", referral_source="unknown")) == [
        "unknown:sex",
        "unknown:nationality",
    ]
    assert keys(content(form="begging", industry="")) == ["rule:form:begging"]


def test_what_was_not_collected_or_is_not_asked_is_not_missed():
    assert keys(content(month="2018-05", **NOT_COLLECTED_2018)) == []
    assert keys(content(form="begging", industry="")) == []


# --- Asked once, and stored ------------------------------------------------------------------------


def test_an_unusual_case_is_not_stored_before_it_is_confirmed(coordinator_nord):
    with pytest.raises(NeedsConfirmation) as asked:
        register(coordinator_nord, **UNUSUAL)
    assert [remark.key for remark in asked.value.remarks] == [OFFENCE]
    assert not Case.objects.exists()

    case = register(coordinator_nord, **UNUSUAL, confirmed=[OFFENCE])

    assert CaseHistory.objects.get(case=case).confirmed == [OFFENCE]
    stored = CaseRemark.objects.get(case=case)
    assert (stored.key, stored.confirmed_by) == (OFFENCE, coordinator_nord)
    assert open_keys(case) == set()


def test_what_was_confirmed_is_not_asked_again_and_another_value_is(coordinator_nord):
    case = register(coordinator_nord, **UNUSUAL, confirmed=[OFFENCE])

    amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=coordinator_nord, confirmed=())
    with pytest.raises(NeedsConfirmation):
        amend_case(
            case_id=case.pk, content=changed(case, form="criminality"), by=coordinator_nord, confirmed=()
        )

    assert changed(case).nationality == "RO"


@pytest.mark.parametrize(
    ("other", "is_asked"),
    [
        ({}, True),
        ({"reference": "another"}, True),
        ({"region_id": "syd"}, False),
        ({"month": 8}, False),
        ({"children_abroad": 3}, False),
        ({"industry_id": None}, False),
        ({"withdrawn_at": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_the_same_values_in_the_region_and_month_are_asked_about(coordinator_nord, other, is_asked):
    CaseFactory(**other)

    if is_asked:
        with pytest.raises(NeedsConfirmation) as asked:
            register(coordinator_nord, incident="")
        assert [remark.key for remark in asked.value.remarks] == ["registered_already"]
    case = register(coordinator_nord, incident="", confirmed=["registered_already"])
    assert CaseHistory.objects.get(case=case).confirmed == (["registered_already"] if is_asked else None)


def test_persons_of_one_incident_may_be_alike(coordinator_nord):
    register(coordinator_nord, incident="berries")

    assert register(coordinator_nord, incident="berries")
    with pytest.raises(NeedsConfirmation):
        register(coordinator_nord, incident="another")


def test_a_file_is_asked_nothing(tmp_path):
    rows = [
        person(reference="", **UNUSUAL),
        person(reference="", **UNUSUAL),
        person(reference="", sex="unknown"),
    ]

    assert import_file(csv_file(tmp_path, *rows)) == (3, 0)

    assert sorted(CaseRemark.objects.open().values_list("key", flat=True)) == [
        OFFENCE,
        OFFENCE,
        "unknown:sex",
    ]


# --- Kept in step -----------------------------------------------------------------------------------


def test_a_remark_goes_when_the_record_is_mended_or_withdrawn_and_comes_back(coordinator_nord):
    case = register(coordinator_nord, nationality="unknown", sex="unknown")
    assert open_keys(case) == {"unknown:nationality", "unknown:sex"}

    amend_case(case_id=case.pk, content=changed(case, nationality="RO"), by=coordinator_nord)
    assert open_keys(case) == {"unknown:sex"}
    withdraw_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)
    assert open_keys(case) == set()
    restore_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)
    assert open_keys(case) == {"unknown:sex"}


def test_what_was_confirmed_is_not_asked_again_after_a_withdrawal(coordinator_nord):
    case = register(coordinator_nord, **UNUSUAL, confirmed=[OFFENCE])

    withdraw_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)
    assert open_keys(case) == set()
    restore_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)

    assert open_keys(case) == set()
    assert CaseRemark.objects.get(case=case).confirmed_by == coordinator_nord


def test_remarks_go_with_the_case_to_another_region(coordinator_nord, coordinator_syd):
    case = register(coordinator_nord, sex="unknown")
    offer = offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)
    accept_offer(offer_id=offer.pk, by=coordinator_syd)

    assert CaseRemark.objects.get().region_id == "syd"


def test_an_unknown_that_stays_unknown_is_confirmed_once(coordinator_nord):
    case = register(coordinator_nord, nationality="unknown")

    for _ in range(2):
        confirm_remark(case_id=case.pk, key="unknown:nationality", by=coordinator_nord)

    assert open_keys(case) == set()
    entry = CaseHistory.objects.get(action="confirm")
    assert (entry.confirmed, entry.by) == (["unknown:nationality"], coordinator_nord)
    assert AuditEvent.objects.get(action="case_confirm").fields == ["nationality"]


def test_what_is_missing_cannot_be_confirmed(coordinator_nord):
    case = CaseFactory(industry_id=None)
    check_records()

    confirm_remark(case_id=case.pk, key="not_recorded:industry", by=coordinator_nord)

    assert open_keys(case) == {"not_recorded:industry"}


def test_another_region_s_remark_is_not_there(coordinator_syd):
    case = CaseFactory(region_id="nord", sex="unknown")

    with pytest.raises(Case.DoesNotExist):
        confirm_remark(case_id=case.pk, key="unknown:sex", by=coordinator_syd)


def test_all_records_are_checked_again_when_rules_have_changed(coordinator_nord):
    confirmed = register(coordinator_nord, sex="unknown")
    confirm_remark(case_id=confirmed.pk, key="unknown:sex", by=coordinator_nord)
    stale = register(coordinator_nord, form="begging", industry="")
    CaseRemark.objects.create(case=stale, region_id="nord", key="rule:gone:x", variable="form")
    ExploitationForm.objects.filter(pk="begging").update(last_year=2022)
    CaseFactory(withdrawn_at="2026-01-01T00:00:00Z", sex="unknown")

    assert check_records() == (3, 1)

    assert open_keys(stale) == {"rule:form:begging"}
    assert open_keys(confirmed) == set()


def test_checking_all_records_costs_the_same_statements_for_one_as_for_many(django_assert_max_num_queries):
    CaseFactory.create_batch(60, sex="unknown", industry_id=None)

    with django_assert_max_num_queries(16):
        assert check_records() == (60, 120)
