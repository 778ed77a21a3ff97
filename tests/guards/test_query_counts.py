"""How many queries each page takes: pinned, and the same with 10 and with 1,000 cases."""

from itertools import cycle

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casereg.models import Offer
from stats.compute import compute_year
from tests.factories import CaseFactory, IncidentFactory, UserFactory

# Session, user, region and "is it the demo" are four of them on every page.
PINNED = {
    "/": ("of the region", 7),
    "/cases/": ("of the region", 7),
    "/cases/?form=labour&sort=nationality": ("of the region", 7),
    "/cases/register/": ("of the region", 5),
    "/incidents/": ("of the region", 6),
    "/offers/": ("of the region", 7),
    "/statistics/": ("of the region", 5),
    "/statistics/2023/": ("of the region", 7),
    "/users/": ("administrator", 6),
    "/regions/": ("administrator", 4),
}


@pytest.fixture
def people(client, coordinator_nord, administrator):
    return {"of the region": coordinator_nord, "administrator": administrator}


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def fill(cases: int) -> None:
    """Cases, and a tenth as many of everything else that a page lists."""
    incident = IncidentFactory()
    in_incident = CaseFactory.create_batch(cases // 2, incident=incident)
    CaseFactory.create_batch(cases - cases // 2)
    IncidentFactory.create_batch(cases // 10)
    asker = UserFactory.create_batch(cases // 10, region_id="syd")[0]
    Offer.objects.bulk_create(
        Offer(case=case, reference=case.reference, from_region_id=here, to_region_id=there, reason="x",
              offered_at=case.registered_at, offered_by=asker)
        for case, (here, there) in zip(in_incident[: cases // 10], cycle([("nord", "syd"), ("syd", "nord")]))
    )  # fmt: skip


@pytest.mark.parametrize(("address", "pinned"), PINNED.items())
def test_a_page_takes_as_many_queries_with_ten_cases_as_with_a_thousand(client, people, address, pinned):
    who, expected = pinned
    client.force_login(people[who])
    fill(10)
    assert queries(client, address) == expected
    fill(990)
    assert queries(client, address) == expected


def test_a_case_s_page_takes_as_many_queries_whatever_else_is_stored(client, people):
    client.force_login(people["of the region"])
    case = CaseFactory()
    assert queries(client, f"/cases/{case.pk}/") == 11  # three of them write the trail
    fill(990)
    assert queries(client, f"/cases/{case.pk}/") == 11


def test_a_year_is_counted_in_three_queries_however_many_cases_there_are(db, django_assert_num_queries):
    fill(10)
    with django_assert_num_queries(3):
        compute_year(2023)
    fill(990)
    with django_assert_num_queries(3):
        assert compute_year(2023).persons == 1000
