"""The list of what is to mend, the command that makes it anew, and the start page's figures."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from casereg.access import remarks_of
from casereg.actions.case_changes import amend_case
from casereg.actions.cases import register_case
from casereg.actions.offers import decline_offer, offer_case
from casereg.actions.remarks import check_records
from casereg.models import AuditEvent, Case, CaseHistory, CaseRemark, ExploitationForm, User
from casereg.remark_wording import open_remarks_in_words
from casereg.remarks import Kind
from casereg.so_far import count_so_far
from casereg.stored_codebook import load_codebook
from casereg.to_mend import ToMendFilter, cases_to_mend
from tests.factories import CaseFactory
from tests.records import content, fields_of

pytestmark = pytest.mark.django_db

UNKNOWN_SEX = {"sex": "unknown"}
BLANK = {"referral_source_id": None}
UNUSUAL = {"form_id": "sexual", "assessment": "exploitation", "industry_id": None}
RETIRED = {"form_id": "begging", "industry_id": None, "year": 2024}


def checked(*cases: Case) -> tuple[Case, ...]:
    check_records()
    return cases


def to_mend(user: User, **wanted) -> list[str]:
    return [case.reference for case in cases_to_mend(user, ToMendFilter(**wanted))]


def row_of(page, case: Case):
    return next(remarks for words, remarks, _after in page.context["rows"] if words.id == case.pk)


def test_a_region_s_list_has_its_cases_with_open_remarks_newest_month_first(coordinator_nord, analyst):
    checked(
        CaseFactory(reference="old", month=1, **UNKNOWN_SEX),
        CaseFactory(reference="new", month=9, **BLANK),
        CaseFactory(reference="right"),
        CaseFactory(reference="syd", region_id="syd", month=5, **BLANK),
    )

    assert to_mend(coordinator_nord) == ["new", "old"]
    assert to_mend(analyst) == ["new", "syd", "old"]


def test_nobody_else_has_remarks(administrator, coordinator_syd):
    checked(CaseFactory(**BLANK))

    assert not remarks_of(administrator).exists()
    assert not remarks_of(coordinator_syd).exists()


def test_the_list_is_narrowed_by_year_and_by_every_kind(coordinator_nord):
    ExploitationForm.objects.filter(pk="begging").update(last_year=2025)
    checked(
        CaseFactory(reference="unknown", **UNKNOWN_SEX),
        CaseFactory(reference="blank", **BLANK),
        CaseFactory(reference="unusual", **UNUSUAL),
        CaseFactory(reference="rule", **RETIRED),
        CaseFactory(reference="both", year=2024, **UNKNOWN_SEX, **BLANK),
    )
    ExploitationForm.objects.filter(pk="begging").update(last_year=2023)
    check_records()

    of_kind = {kind.name: sorted(to_mend(coordinator_nord, kind=kind)) for kind in Kind}
    assert of_kind == {
        "UNKNOWN": ["both", "unknown"],
        "NOT_RECORDED": ["blank", "both"],
        "UNUSUAL": ["unusual"],
        "RULE": ["rule"],
    }
    assert to_mend(coordinator_nord, year=2024, kind=Kind.UNKNOWN) == ["both"]
    assert sorted(to_mend(coordinator_nord, year=2024)) == ["both", "rule"]


def test_the_list_says_what_is_to_mend_and_empties_itself(client, coordinator_nord):
    [case] = checked(CaseFactory(**UNKNOWN_SEX, **BLANK))
    client.force_login(coordinator_nord)

    page = client.get("/mend/")

    assert [(remark.field, remark.can_be_confirmed) for remark in row_of(page, case)] == [
        ("id_referral_source", False),
        ("id_sex_0", True),
    ]
    address = f"/cases/{case.pk}/amend/?from=mend&amp;page=1&amp;next=#id_referral_source"
    assert f'href="{address}"' in page.content.decode()
    values = {name: getattr(case.content, name) for name in case.content.__slots__}
    amend_case(
        case_id=case.pk,
        content=content(**(values | {"sex": "female", "referral_source": "police"})),
        by=coordinator_nord,
        confirmed=[],
    )
    assert client.get("/mend/").context["rows"] == []


def test_narrowed_by_kind_a_case_shows_the_remarks_of_that_kind(client, coordinator_nord):
    [case] = checked(CaseFactory(**UNKNOWN_SEX, **BLANK))
    client.force_login(coordinator_nord)

    page = client.get("/mend/?kind=unknown")

    assert [remark.key for remark in row_of(page, case)] == ["unknown:sex"]


@pytest.mark.parametrize("query", ["?kind=nothing", "?year=1066"])
def test_a_wrong_filter_shows_nothing_and_says_so(client, coordinator_nord, query):
    checked(CaseFactory(**BLANK))
    client.force_login(coordinator_nord)

    page = client.get(f"/mend/{query}")

    assert (page.status_code, page.context["rows"]) == (200, [])
    assert page.context["form"].errors


def test_what_is_confirmed_leaves_the_list_which_is_shown_where_it_was(client, coordinator_nord):
    first, second = checked(CaseFactory(**UNKNOWN_SEX, month=9), CaseFactory(**UNKNOWN_SEX, **BLANK, month=8))
    client.force_login(coordinator_nord)
    sent = {"key": "unknown:sex", "kind": "", "year": "2023", "page": "1", "next": str(second.pk)}

    answer = client.post(f"/mend/{first.pk}/confirm/", sent)
    assert answer.headers["Location"] == f"/mend/?year=2023&page=1#case-{second.pk}"
    assert to_mend(coordinator_nord) == [second.reference]

    answer = client.post(f"/mend/{second.pk}/confirm/", sent | {"next": ""})
    assert (
        answer.headers["Location"] == f"/mend/?year=2023&page=1#case-{second.pk}"
    )  # something is left of it
    assert CaseHistory.objects.filter(action="confirm", confirmed=["unknown:sex"]).count() == 2


@pytest.mark.parametrize("next_one", ["//elsewhere.example", "", "x\r\ny"])
def test_nobody_is_led_elsewhere_by_what_a_button_sends(client, coordinator_nord, next_one):
    [case] = checked(CaseFactory(**UNKNOWN_SEX))
    client.force_login(coordinator_nord)

    answer = client.post(
        f"/mend/{case.pk}/confirm/", {"key": "unknown:sex", "page": "http://x", "next": next_one}
    )

    assert answer.headers["Location"] == "/mend/?page=http%3A%2F%2Fx"


def test_from_the_case_s_own_page_it_leads_back_there(client, coordinator_nord):
    [case] = checked(CaseFactory(**UNKNOWN_SEX))
    client.force_login(coordinator_nord)

    answer = client.post(f"/mend/{case.pk}/confirm/", {"key": "unknown:sex", "from": "case"})

    assert answer.headers["Location"] == f"/cases/{case.pk}/"


def test_what_cannot_be_confirmed_stays(client, coordinator_nord):
    [case] = checked(CaseFactory(**BLANK))
    client.force_login(coordinator_nord)

    client.post(f"/mend/{case.pk}/confirm/", {"key": "not_recorded:referral_source"})

    assert to_mend(coordinator_nord) == [case.reference]


def test_an_analyst_reads_the_list_and_has_no_button(client, analyst):
    checked(CaseFactory(**UNKNOWN_SEX))
    client.force_login(analyst)

    page = client.get("/mend/")

    assert len(page.context["rows"]) == 1
    assert "/confirm/" not in page.content.decode()
    assert "/amend/" not in page.content.decode()


def test_a_case_s_own_remarks_are_the_open_ones():
    [case] = checked(CaseFactory(**UNKNOWN_SEX, **BLANK))
    CaseRemark.objects.filter(key="unknown:sex").update(confirmed_at=datetime(2026, 11, 1, tzinfo=UTC))

    remarks = open_remarks_in_words(case, load_codebook())

    assert [remark.key for remark in remarks] == ["not_recorded:referral_source"]


def test_the_command_makes_the_list_anew(capsys, coordinator_nord):
    CaseFactory(**BLANK)
    CaseFactory()
    CaseRemark.objects.create(case=Case.objects.first(), region_id="nord", key="gone", variable="sex")

    call_command("check_records")

    assert capsys.readouterr().out == "2 ärenden kontrollerade, 1 anmärkning kvar.\n"
    assert AuditEvent.objects.get().action == "records_check"
    assert len(to_mend(coordinator_nord)) == 1


# --- The start page ------------------------------------------------------------------------------


def test_months_are_compared_with_the_same_months_last_year(coordinator_nord, analyst):
    """It is November 2026."""
    for year, month, number in ((2026, 11, 1), (2026, 1, 2), (2025, 11, 4), (2025, 3, 8), (2025, 12, 16)):
        CaseFactory.create_batch(number, year=year, month=month)
    CaseFactory(year=2024, month=11)
    CaseFactory(year=2026, month=11, region_id="syd")
    CaseFactory(year=2026, month=11, withdrawn_at=datetime(2026, 11, 2, tzinfo=UTC))

    own, country = count_so_far(coordinator_nord), count_so_far(analyst)

    assert [(period.this_year, period.last_year) for period in own.periods] == [(1, 4), (3, 12)]
    assert [(period.this_year, period.last_year) for period in country.periods] == [(2, 4), (4, 12)]
    assert [period.label for period in own.periods] == ["November", "Januari–november"]


def test_in_january_the_month_is_the_year_so_far(coordinator_nord, clock):
    clock.move_to(datetime(2027, 1, 15, tzinfo=UTC))
    CaseFactory(year=2026, month=1)

    assert [(p.label, p.this_year, p.last_year) for p in count_so_far(coordinator_nord).periods] == [
        ("Januari", 0, 1)
    ]


def test_the_start_page_counts_what_is_to_mend(client, coordinator_nord):
    checked(CaseFactory(**BLANK, **UNKNOWN_SEX), CaseFactory(**BLANK), CaseFactory(region_id="syd", **BLANK))
    client.force_login(coordinator_nord)

    assert "2 ärenden har något att åtgärda" in client.get("/").content.decode()


def test_a_region_is_told_for_thirty_days_that_its_offer_was_declined(
    client, coordinator_nord, coordinator_syd, clock
):
    case = CaseFactory()
    offer = offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)
    decline_offer(offer_id=offer.pk, by=coordinator_syd)
    told = "1 ärende som din region har erbjudit har fått nej"

    def start_of(user: User) -> str:
        client.force_login(user)
        return client.get("/").content.decode()

    assert told in start_of(coordinator_nord)
    assert told not in start_of(coordinator_syd)
    clock.shift(timedelta(days=31))
    assert told not in start_of(coordinator_nord)


def test_registering_what_is_unknown_puts_it_on_the_list(coordinator_nord):
    case = register_case(
        region_code="nord", content=content(sex="unknown"), by=coordinator_nord, confirmed=[]
    )

    assert to_mend(coordinator_nord) == [case.reference]


def test_whoever_mends_from_the_list_comes_back_to_it(client, coordinator_nord):
    case, following = CaseFactory(industry_id=None), CaseFactory()
    client.force_login(coordinator_nord)
    address = f"/cases/{case.pk}/amend/?from=mend&page=2&kind=unknown&next={following.pk}"
    fields = fields_of(client.get(address)) | {"industry": "green", "confirmed": "registered_already"}

    response = client.post(address, fields)

    case.refresh_from_db()
    assert case.industry_id == "green"
    assert response["Location"] == f"/mend/?kind=unknown&page=2#case-{following.pk}"


def test_a_way_back_that_is_none_leads_to_the_list(client, coordinator_nord):
    case = CaseFactory()
    client.force_login(coordinator_nord)
    address = f"/cases/{case.pk}/amend/?from=mend&next=%0d%0aX-Evil:1"

    assert client.post(address, fields_of(client.get(address)))["Location"] == "/mend/?"
