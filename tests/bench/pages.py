"""What pages, and saving an incident of 40 persons, cost at 40,000 stored cases."""

import time
import uuid
from collections.abc import Callable

CASES = 40_000
VISITS = 40
PERSONS = 40

Milliseconds = dict[str, float]


def measure() -> dict[str, Milliseconds]:
    """Run inside Django, on an empty migrated database: `median` and `p95` of each page, in milliseconds."""
    from django.db import connection
    from django.test import Client

    from casereg.actions.incident_registering import PersonsAlike, register_incident
    from casereg.models import Case, Role
    from stats.counted_before import forget_figures
    from tests.bench.run import fill
    from tests.factories import UserFactory
    from tests.records import content
    from tests.walls import go_on_as_site

    fill(CASES)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    go_on_as_site()
    coordinator, analyst = UserFactory(region_id="nord"), UserFactory(role=Role.ANALYST)
    own, everything = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    own.force_login(coordinator)
    everything.force_login(analyst)
    case = Case.objects.of_region("nord").standing().earliest("reference")
    numbers = iter(range(10**6))

    def opened(client: Client, address: str) -> Callable[[], None]:
        def visit() -> None:
            assert client.get(address).status_code == 200

        return visit

    def afresh(visit: Callable[[], None]) -> Callable[[], None]:
        def visit_first() -> None:
            forget_figures()
            visit()

        return visit_first

    def save_incident() -> None:
        incident = f"bench-{next(numbers)}"
        men = content(month="2023-11", incident=incident, children_abroad="0")
        women = content(month="2023-11", incident=incident, children_abroad="0", sex="female")
        register_incident(
            region_code="nord",
            lines=[PersonsAlike(PERSONS - 4, men), PersonsAlike(4, women)],
            by=coordinator,
            number=uuid.uuid4(),
            confirmed=["registered_already"],
        )

    ways = {
        "start page, coordinator": opened(own, "/"),
        "start page, analyst": opened(everything, "/"),
        "list of cases, own region": opened(own, "/cases/"),
        "list of cases, whole country": opened(everything, "/cases/"),
        "list of cases, narrowed and sorted": opened(everything, "/cases/?form=labour&sort=nationality"),
        "form of a case": opened(own, "/cases/register/"),
        "form of an incident": opened(own, "/incidents/register/"),
        "a case": opened(own, f"/cases/{case.pk}/"),
        "to mend": opened(own, "/mend/"),
        "the year, all charts and tables": opened(everything, "/statistics/2023/"),
        "the year, counted afresh": afresh(opened(everything, "/statistics/2023/")),
        "pairs of two regions": opened(everything, "/pairs/?year=2023"),
        f"saving {PERSONS} persons of an incident": save_incident,
    }
    return {name: _visited(work) for name, work in ways.items()}


def _visited(work: Callable[[], None]) -> Milliseconds:
    work()  # once to warm up
    taken = []
    for _ in range(VISITS):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    return {"median": taken[VISITS // 2], "p95": taken[int(VISITS * 0.95) - 1]}
