"""How many queries each page takes: pinned, and the same with 10 and with 1,000 cases."""

from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casereg.actions.links import make_link
from casereg.actions.people_review import confirm_people, list_people, people_mark, people_to_confirm
from casereg.counties import COUNTIES
from casereg.models import CaseRemark, Cover, Offer, Region, RegionCounty, User, Verdict
from stats.compute import compute_year
from tests.factories import CaseFactory, IncidentFactory, UserFactory

# Session, user, region and "is it the demo" are four of them on every page.
PINNED = {
    "/": ("of the region", 11),  # one of them looks for regions that are covered
    "/mend/": ("of the region", 11),  # three of them write the trail
    "/cases/": ("of the region", 10),
    "/cases/?form=labour&sort=nationality": ("of the region", 10),
    "/cases/register/": ("of the region", 7),
    "/incidents/": ("of the region", 6),
    "/incidents/register/": ("of the region", 7),
    "/offers/": ("of the region", 7),
    "/statistics/": ("of the region", 5),
    "/statistics/2023/": ("of the region", 9),  # one of them reads what the values of the lists became
    "/statistics/2023/sheet/": ("of the region", 11),
    "/statistics/2023/narrowed/": ("of the region", 11),
    "/statistics/2023/narrowed/?sex=male": ("of the region", 13),
    "/statistics/2023/cross/": ("of the region", 9),
    "/statistics/2023/persons/cases/?sex=male": ("of the region", 14),  # three of them write the trail
    "/statistics/2023/figures/key-persons/cases/": ("of the region", 14),
    "/statistics/compare/": ("of the region", 13),
    "/users/": ("administrator", 9),
    "/users/confirm/": ("administrator", 11),
    "/regions/": ("administrator", 5),
    "/code-lists/form/": ("administrator", 6),
    "/code-lists/form/values/labour/": ("administrator", 11),
    "/code-book/calendar/": ("administrator", 5),
}


@pytest.fixture
def people(client, coordinator_nord, administrator):
    return {"of the region": coordinator_nord, "administrator": administrator}


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    # The time of the last activity is stored once in ten seconds: on a slow machine, while cases are made.
    beside = ("SAVEPOINT", 'UPDATE "django_session"')
    return len([query for query in captured if not any(words in query["sql"] for words in beside)])


def fill(cases: int) -> None:
    """Cases, and a tenth as many of everything else that a page lists."""
    incident = IncidentFactory()
    in_incident = CaseFactory.create_batch(cases // 2, incident=incident)
    CaseFactory.create_batch(cases - cases // 2)
    CaseFactory(year=2024)
    IncidentFactory.create_batch(cases // 10)
    asker = UserFactory.create_batch(cases // 10, region_id="syd")[0]
    CaseRemark.objects.bulk_create(
        CaseRemark(case=case, region_id="nord", key="unknown:sex", variable="sex") for case in in_incident
    )
    offers = cases // 10
    leaving = [(case, "syd") for case in in_incident[: (offers + 1) // 2]]
    coming = [(case, "nord") for case in CaseFactory.create_batch(offers // 2, region_id="syd", year=2024)]
    Offer.objects.bulk_create(
        Offer(case=case, reference=case.reference, from_region_id=case.region_id, to_region_id=there,
              reason="x", offered_at=case.registered_at, offered_by=asker)
        for case, there in leaving + coming
    )  # fmt: skip


@pytest.mark.parametrize(("address", "pinned"), PINNED.items())
def test_a_page_takes_as_many_queries_with_ten_cases_as_with_a_thousand(client, people, address, pinned):
    who, expected = pinned
    client.force_login(people[who])
    fill(10)
    assert queries(client, address) == expected
    fill(990)
    assert queries(client, address) == expected


@pytest.mark.parametrize(("address", "pinned"), [("/", 9), ("/users/", 9), ("/users/confirm/", 11)])
def test_a_page_of_people_takes_as_many_queries_for_one_as_for_forty(client, administrator, address, pinned):
    client.force_login(administrator)
    fill_people(1, by=administrator)
    assert queries(client, address) == pinned
    fill_people(39, by=administrator)
    assert queries(client, address) == pinned


def test_the_page_of_regions_takes_as_many_queries_for_seven_as_for_forty(client, administrator):
    client.force_login(administrator)
    assert queries(client, "/regions/") == 5
    for number, county in enumerate(COUNTIES):
        code = f"r{number}"
        Region.objects.create(code=code, label_sv=code, label_en=code, position=90, first_year=2018)
        RegionCounty.objects.create(region_id=code, county=county, first_year=2018, last_year=2025)
        RegionCounty.objects.create(region_id="nord", county=county, first_year=2026)
    assert queries(client, "/regions/") == 5


def fill_people(number: int, *, by: User) -> None:
    """Coordinators of whom there is something in every table, and a confirmation of the list of before."""
    days = {"first_day": date(2026, 11, 1), "last_day": date(2026, 12, 31)}
    for user in UserFactory.create_batch(number):
        given = {"user": user, "given_at": timezone.now(), "given_by": by}
        Cover.objects.bulk_create(Cover(region_id=region, **given, **days) for region in ("mitt", "syd"))
        Authenticator.objects.create(user=user, type="totp", data={})
        make_link(user=user, kind="invitation")
    users = list(people_to_confirm(by))
    confirm_people(mark=people_mark(users, list_people(users)), by=by)


def test_a_case_s_page_takes_as_many_queries_whatever_else_is_stored(client, people):
    client.force_login(people["of the region"])
    case = CaseFactory()
    assert queries(client, f"/cases/{case.pk}/") == 12  # three of them write the trail
    fill(990)
    assert queries(client, f"/cases/{case.pk}/") == 12


@pytest.mark.parametrize(
    ("address", "pinned"),
    [("/", 6), ("/pairs/?year=2023", 9), ("/pairs/judged/", 11), ("/pairs/{}/{}/", 11)],
)
def test_an_analyst_s_page_takes_as_many_queries_with_ten_pairs_as_with_a_thousand(
    client, analyst, address, pinned
):
    """Three of each page of pairs write the trail."""
    client.force_login(analyst)
    fill_pairs(month=1, regions=2, judged_in_goes=1)
    fill_pairs(month=5, regions=2)
    one, other = CaseFactory(month=10), CaseFactory(month=10, region_id="syd")
    address = address.format(one.pk, other.pk)
    assert queries(client, address) == pinned
    fill_pairs(month=1, regions=6, judged_in_goes=20)
    fill_pairs(month=5, regions=6)
    CaseFactory.create_batch(30, month=10, region_id="syd", incident=IncidentFactory(region_id="syd"))
    assert queries(client, address) == pinned


def fill_pairs(*, month: int, regions: int, judged_in_goes: int = 0) -> None:
    """Ten alike cases in each region; so many of the pairs are judged, one by one."""
    codes = ["nord", "syd", "mitt", "ost", "vast", "bergslagen"][:regions]
    cases = [case for code in codes for case in CaseFactory.create_batch(10, region_id=code, month=month)]
    for pair in list(zip(cases[:10], cases[10:20], strict=True))[:judged_in_goes]:
        first, second = sorted(pair, key=lambda case: case.pk)
        Verdict.objects.create(first=first, second=second, answer="different", at=timezone.now())


def test_a_year_is_counted_in_two_queries_however_many_cases_there_are(db, django_assert_num_queries):
    fill(10)
    with django_assert_num_queries(2):
        compute_year(2023)
    fill(990)
    with django_assert_num_queries(2):
        assert compute_year(2023).persons == 1000
