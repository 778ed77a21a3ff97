"""The same person in two regions: which pairs there are, what a verdict does, and who sees what of it."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casereg.access import alike_with, pair_of, pairs_for, verdicts_of
from casereg.actions.case_changes import CaseIsJudged, CaseIsOffered, amend_case, restore_case, withdraw_case
from casereg.actions.offers import offer_case
from casereg.actions.verdicts import (
    CaseIsNotRestored,
    GroupHasChanged,
    NotAPair,
    PairIsJudged,
    VerdictIsTakenBack,
    judge_group_different,
    judge_pair,
    take_verdict_back,
)
from casereg.models import AuditEvent, Case, CaseHistory, CaseRemark, User, Verdict
from casereg.models.audit import chain_breaks
from casereg.pair_groups import PairFilter
from tests.factories import CaseFactory, IncidentFactory
from tests.guards.access_world import MARKER
from tests.threads import at_once


@pytest.fixture
def pair(database) -> tuple[Case, Case]:
    """A Nord case and one of Syd that may be one person."""
    return CaseFactory(region_id="nord"), CaseFactory(region_id="syd")


def groups(by: User, **wanted) -> list:
    return list(pairs_for(by, PairFilter(**{"year": 2023} | wanted))[0:100])


def pairs_left(by: User, **wanted) -> int:
    return sum(group.pairs for group in groups(by, **wanted))


def judge(pair, by: User, answer: str = "different", stands: Case | None = None) -> Verdict:
    return judge_pair(
        first_id=pair[0].pk,
        second_id=pair[1].pk,
        answer=answer,
        stands_id=stands.pk if stands else None,
        by=by,
    )


def judge_group(pair, by: User, mark: str | None = None) -> int:
    if mark is None:
        mark = alike_with(by, pair_of(by, pair[0].pk, pair[1].pk)).mark
    return judge_group_different(first_id=pair[0].pk, second_id=pair[1].pk, mark=mark, by=by)


# --- Which pairs there are -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {"region_id": "nord"},
        {"form_id": "household", "industry_id": None},
        {"sex": "female"},
        {"age_group": "minor"},
        {"nationality_id": "RO"},
        {"month": 9},
        {"year": 2022, "referral_source_id": None, "joint_inspection": None},
        {"withdrawn_at": timezone.now()},
    ],
)
def test_two_cases_that_differ_in_what_is_compared_are_no_pair(analyst, other):
    one = CaseFactory(region_id="nord")
    two = CaseFactory(**({"region_id": "syd"} | other))

    assert groups(analyst) == []
    with pytest.raises(Case.DoesNotExist):
        pair_of(analyst, one.pk, two.pk)
    with pytest.raises(NotAPair):
        judge((one, two), analyst)


@pytest.mark.parametrize("month", [6, 7, 8])
def test_alike_cases_of_two_regions_in_adjoining_months_are_a_pair(analyst, month):
    one, two = CaseFactory(region_id="syd", month=7), CaseFactory(region_id="nord", month=month)

    [group] = groups(analyst)

    assert group.pairs == 1
    assert set(group.example) == {one.pk, two.pk}
    assert group.values == {"form": "labour", "sex": "male", "age_group": "adult", "nationality": "TH"}
    assert [(side.region, side.year, side.month, side.persons) for side in group.sides] == [
        ("nord", 2023, month, 1),
        ("syd", 2023, 7, 1),
    ]


def test_a_pair_across_new_year_stands_in_both_years(analyst):
    CaseFactory(region_id="nord", year=2023, month=12)
    CaseFactory(region_id="syd", year=2024, month=1)

    assert [len(groups(analyst, year=year)) for year in (2022, 2023, 2024, 2025)] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    "value",
    [{"sex": "unknown"}, {"age_group": "unknown"}, {"nationality_id": "unknown"}, {"form_id": "unknown"}],
)
def test_what_is_unknown_in_both_is_left_out_until_somebody_asks_for_it(analyst, value):
    industry = {"industry_id": None} if "form_id" in value else {}
    pair = [CaseFactory(region_id=region, **value, **industry) for region in ("nord", "syd")]

    assert groups(analyst) == []
    assert len(groups(analyst, with_unknown=True)) == 1
    judge(pair, analyst)
    assert groups(analyst, with_unknown=True) == []


def test_the_list_is_narrowed_by_form_and_region(analyst, pair):
    for region in ("mitt", "vast"):
        CaseFactory(region_id=region, form_id="begging", industry_id=None)

    assert len(groups(analyst)) == 2
    assert [group.values["form"] for group in groups(analyst, form="begging")] == ["begging"]
    assert [group.values["form"] for group in groups(analyst, region="syd")] == ["labour"]


def test_two_incidents_of_many_alike_are_one_group(analyst):
    for region, persons in (("nord", 12), ("syd", 10)):
        CaseFactory.create_batch(persons, region_id=region, incident=IncidentFactory(region_id=region))
    CaseFactory(region_id="mitt", month=8)

    assert [group.pairs for group in groups(analyst)] == [12, 10, 120]


def test_a_group_is_counted_without_the_pairs_that_are_judged(analyst):
    nord, syd = (CaseFactory.create_batch(2, region_id=region) for region in ("nord", "syd"))
    judge((syd[0], nord[0]), analyst)
    judge((nord[0], syd[1]), analyst)
    judge((nord[1], syd[0]), analyst)

    [group] = groups(analyst)

    assert group.pairs == 1
    assert group.example == (nord[1].pk, syd[1].pk)


def test_no_more_groups_are_counted_than_anybody_reads(analyst, monkeypatch):
    monkeypatch.setattr("casereg.pair_groups.GROUPS_COUNTED", 2)
    for month in (1, 4, 7):
        for region in ("nord", "syd"):
            CaseFactory(region_id=region, month=month)

    found = pairs_for(analyst, PairFilter(year=2023))

    assert (len(found), found.has_more) == (2, True)


@pytest.mark.parametrize("person", ["coordinator_nord", "coordinator_syd", "administrator"])
def test_nobody_but_an_analyst_has_pairs(request, pair, analyst, person):
    who, verdict = request.getfixturevalue(person), judge(pair, analyst)

    assert not verdicts_of(who).exists()
    with pytest.raises(PermissionDenied):
        pairs_for(who, PairFilter(year=2023))
    with pytest.raises(PermissionDenied):
        pair_of(who, pair[0].pk, pair[1].pk)
    with pytest.raises(PermissionDenied):
        judge(pair, who)
    with pytest.raises(PermissionDenied):
        judge_group(pair, who, mark="")
    with pytest.raises(ObjectDoesNotExist):
        take_verdict_back(verdict_id=verdict.pk, by=who)


# --- What a verdict does -------------------------------------------------------------------------


def test_different_persons_are_both_counted_and_asked_about_no_more(analyst, pair):
    judge(pair, analyst)

    assert Case.objects.standing().count() == 2
    assert groups(analyst) == []
    assert AuditEvent.objects.values_list("action", flat=True).last() == "pair_judge_different"


@pytest.mark.parametrize("stands", [0, 1])
def test_the_same_person_counts_once_and_the_other_record_says_why(analyst, pair, stands):
    standing, withdrawn = pair[stands], pair[1 - stands]
    CaseRemark.objects.create(case=withdrawn, region_id=withdrawn.region_id, key="x", variable="sex")

    judge(pair, analyst, "same", standing)

    assert Case.objects.standing().get() == standing
    [entry] = withdrawn.history.all()
    assert (entry.action, entry.reason, entry.note, entry.by) == ("withdraw", "same_person", "", analyst)
    assert not standing.history.exists()
    assert not CaseRemark.objects.filter(case=withdrawn).exists()
    [event] = AuditEvent.objects.all()
    assert event.action == "pair_judge_same"
    assert {str(case.pk) for case in pair} <= set(event.object.split())


def test_an_offered_record_is_not_withdrawn(analyst, coordinator_syd, pair):
    offer_case(case_id=pair[1].pk, to_region_code="mitt", reason="lives there", by=coordinator_syd)

    with pytest.raises(CaseIsOffered):
        judge(pair, analyst, "same", pair[0])

    assert (Case.objects.standing().count(), Verdict.objects.count()) == (2, 0)
    judge(pair, analyst, "same", pair[1])


def test_a_pair_is_judged_once(analyst, pair):
    judge(pair, analyst)

    with pytest.raises(PairIsJudged):
        judge((pair[1], pair[0]), analyst, "same", pair[0])

    assert Case.objects.standing().count() == 2


def test_a_judged_pair_stays_judged_when_one_is_amended(analyst, coordinator_nord, pair):
    judge(pair, analyst)

    for nationality in ("RO", "TH"):
        pair[0].refresh_from_db()
        values = {name: getattr(pair[0].content, name) for name in pair[0].content.__slots__}
        changed = type(pair[0].content)(**(values | {"nationality": nationality}))
        amend_case(case_id=pair[0].pk, content=changed, by=coordinator_nord)

    assert groups(analyst) == []
    assert pair_of(analyst, pair[0].pk, pair[1].pk).verdict is not None


def test_a_taken_back_verdict_lets_the_withdrawn_record_count_again(analyst, pair):
    verdict = judge(pair, analyst, "same", pair[0])

    assert take_verdict_back(verdict_id=verdict.pk, by=analyst) == 1

    assert Case.objects.standing().count() == 2
    assert pair[1].history.last().reason == "different_person"
    assert pairs_left(analyst) == 1
    assert AuditEvent.objects.last().action == "verdict_take_back"
    with pytest.raises(VerdictIsTakenBack):
        take_verdict_back(verdict_id=verdict.pk, by=analyst)
    judge(pair, analyst)


def test_a_record_that_is_withdrawn_for_another_reason_by_now_is_not_restored(analyst, pair):
    verdict = judge(pair, analyst, "same", pair[0])
    CaseHistory.objects.create(
        case=pair[1],
        region=pair[1].region,
        at=timezone.now(),
        by=analyst,
        action="withdraw",
        changes={},
        reason="other",
    )

    with pytest.raises(CaseIsNotRestored):
        take_verdict_back(verdict_id=verdict.pk, by=analyst)

    verdict.refresh_from_db()
    assert verdict.taken_back_at is None


def test_a_coordinator_does_not_restore_what_the_agency_has_judged(analyst, coordinator_syd, pair):
    verdict = judge(pair, analyst, "same", pair[0])

    with pytest.raises(CaseIsJudged):
        restore_case(case_id=pair[1].pk, reason="other", note="", by=coordinator_syd)

    assert Case.objects.standing().get() == pair[0]
    take_verdict_back(verdict_id=verdict.pk, by=analyst)
    withdraw_case(case_id=pair[1].pk, reason="other", note="", by=coordinator_syd)
    restore_case(case_id=pair[1].pk, reason="other", note="", by=coordinator_syd)
    assert Case.objects.standing().count() == 2


# --- A whole group -------------------------------------------------------------------------------


def test_all_pairs_of_a_group_are_judged_in_one_go_and_taken_back_in_one(analyst):
    nord, syd = (CaseFactory.create_batch(5, region_id=region) for region in ("nord", "syd"))
    CaseFactory(region_id="syd", month=8)
    own = judge((nord[0], syd[0]), analyst)

    assert judge_group((nord[1], syd[1]), analyst) == 24

    assert pairs_left(analyst) == 5  # with the one of another month
    assert AuditEvent.objects.filter(action="group_judge_different").count() == 1
    [latest, before] = verdicts_of(analyst).in_goes()
    assert (latest["pairs"], before["pairs"]) == (24, 1)
    one = Verdict.objects.exclude(pk=own.pk).first()
    assert take_verdict_back(verdict_id=one.pk, by=analyst, whole=True) == 24
    assert verdicts_of(analyst).in_force().get() == own


def test_one_of_many_is_taken_back_by_itself(analyst):
    nord, syd = (CaseFactory.create_batch(2, region_id=region) for region in ("nord", "syd"))
    judge_group((nord[0], syd[0]), analyst)

    assert take_verdict_back(verdict_id=Verdict.objects.first().pk, by=analyst) == 1
    assert verdicts_of(analyst).in_force().count() == 3


def test_a_group_that_has_grown_since_it_was_shown_is_not_judged(analyst, pair):
    shown = alike_with(analyst, pair_of(analyst, pair[0].pk, pair[1].pk)).mark
    CaseFactory(region_id="syd")

    with pytest.raises(GroupHasChanged):
        judge_group(pair, analyst, mark=shown)

    assert not Verdict.objects.exists()


def test_judging_a_group_takes_as_many_queries_for_four_pairs_as_for_sixty_four(analyst):
    def queries(month: int, persons: int) -> int:
        nord, syd = (
            CaseFactory.create_batch(persons, region_id=region, month=month) for region in ("nord", "syd")
        )
        mark = alike_with(analyst, pair_of(analyst, nord[0].pk, syd[0].pk)).mark
        with CaptureQueriesContext(connection) as captured:
            judge_group((nord[0], syd[0]), analyst, mark=mark)
        return len(captured)

    assert queries(1, 2) == queries(6, 8)


# --- Whom nobody counts --------------------------------------------------------------------------


def test_the_analyst_is_told_when_the_record_that_stood_is_withdrawn(analyst, coordinator_nord, client, pair):
    judge(pair, analyst, "same", pair[0])
    assert not verdicts_of(analyst).of_nobody().exists()

    withdraw_case(case_id=pair[0].pk, reason="registered_in_error", note="", by=coordinator_nord)

    assert verdicts_of(analyst).of_nobody().count() == 1
    client.force_login(analyst)
    assert "räknas inte längre" in client.get("/").content.decode()
    assert "räknas inte" in client.get("/pairs/judged/").content.decode()


def test_a_person_of_three_regions_is_counted_by_the_third(analyst, pair):
    third = CaseFactory(region_id="mitt")
    judge(pair, analyst, "same", pair[0])
    judge((pair[0], third), analyst, "same", third)

    assert Case.objects.standing().get() == third
    assert not verdicts_of(analyst).of_nobody().exists()


# --- What is seen --------------------------------------------------------------------------------


def test_the_coordinator_sees_the_reason_and_nothing_of_the_other_region(analyst, coordinator_syd, client):
    nord = CaseFactory(
        region_id="nord", reference=f"{MARKER}-1", incident=IncidentFactory(reference=f"{MARKER}-e")
    )
    syd = CaseFactory(region_id="syd", reference="S-1")
    judge((nord, syd), analyst, "same", nord)
    client.force_login(coordinator_syd)

    start = client.get("/").content.decode()
    page = client.get(f"/cases/{syd.pk}/").content.decode()
    restore = client.get(f"/cases/{syd.pk}/restore/", follow=True).content.decode()
    others = [client.get(path).content.decode() for path in ("/cases/?state=withdrawn", "/mend/", "/offers/")]

    assert f'href="/cases/{syd.pk}/"' in start
    assert "1 ärende i din region är makulerat" in start
    assert "samma person är registrerad av en annan region" in page
    assert "myndighetens analytiker" in restore
    for shown in (start, page, restore, *others):
        assert MARKER not in shown
        assert str(nord.pk) not in shown


def test_the_coordinator_is_told_for_thirty_days(analyst, coordinator_syd, client, pair, clock):
    judge(pair, analyst, "same", pair[0])
    client.force_login(coordinator_syd)
    address = f'href="/cases/{pair[1].pk}/"'

    clock.shift(timedelta(days=29))
    client.force_login(coordinator_syd)
    assert address in client.get("/").content.decode()
    clock.shift(timedelta(days=2))
    client.force_login(coordinator_syd)
    assert address not in client.get("/").content.decode()


def test_whoever_looks_at_pairs_leaves_a_trace(analyst, client, pair):
    client.force_login(analyst)

    for path in ("/pairs/", "/pairs/judged/", f"/pairs/{pair[0].pk}/{pair[1].pk}/"):
        assert client.get(path).status_code == 200

    seen = list(AuditEvent.objects.filter(action="read").values_list("object", flat=True))
    assert seen == ["pairs page 1", "judged pairs page 1", f"pair {pair[0].pk} {pair[1].pk}"]


def test_a_pair_s_page_marks_what_differs_and_names_no_incident(analyst, client):
    one = CaseFactory(region_id="nord", incident=IncidentFactory(reference="bär"), children_abroad=3)
    CaseFactory(region_id="nord", incident=one.incident, nationality_id="RO")
    two = CaseFactory(region_id="syd", children_abroad=4)
    client.force_login(analyst)

    page = client.get(f"/pairs/{one.pk}/{two.pk}/")

    differing = {row.label for row in page.context["pair"].rows if row.differs}
    assert differing == {"Närstående barn i annat land", "Sammanhållet ärende"}
    assert "bär" not in page.content.decode().replace("härbärge", "")
    assert "med 2 personer" in page.content.decode()


def test_a_judgement_by_form_comes_back_to_the_list(analyst, client, pair):
    client.force_login(analyst)
    address = f"/pairs/{pair[0].pk}/{pair[1].pk}/judge/"

    nothing = client.post(address, {})
    assert nothing.status_code == 200
    assert nothing.context["form"].errors
    done = client.post(address, {"answer": str(pair[1].pk)})

    assert done.headers["Location"] == "/pairs/?year=2023"
    assert Verdict.objects.get().stands == pair[1]
    again = client.post(address, {"answer": "different"})
    assert again.headers["Location"] == reverse("pair_read", args=[pair[0].pk, pair[1].pk])
    assert Verdict.objects.get().answer == "same"


def test_an_offered_record_s_page_says_why_it_is_not_withdrawn(analyst, coordinator_syd, client, pair):
    offer_case(case_id=pair[1].pk, to_region_code="mitt", reason="lives there", by=coordinator_syd)
    client.force_login(analyst)

    page = client.post(f"/pairs/{pair[0].pk}/{pair[1].pk}/judge/", {"answer": str(pair[0].pk)})

    assert page.status_code == 200
    assert page.context["form"].non_field_errors()


# --- Two at once ---------------------------------------------------------------------------------


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_analysts_who_judge_a_pair_in_opposite_ways_one_wins(committed_db, analyst, pair, attempt):
    outcomes = at_once(
        partial(judge, pair, analyst, "same", pair[0]),
        partial(judge, (pair[1], pair[0]), analyst, "same", pair[1]),
        partial(judge_group, pair, analyst, mark="shown long ago"),
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes[:2]) == ["PairIsJudged", "Verdict"]
    assert type(outcomes[2]) in (GroupHasChanged, NotAPair)
    assert Case.objects.standing().get() == Verdict.objects.get().stands
    assert list(chain_breaks()) == []
