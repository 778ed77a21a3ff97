"""What the register's pages and the saving of an incident cost at 40,000 stored cases."""

import statistics
import time
from collections.abc import Callable

CASES = 40_000
VISITS = 40
PERSONS = 40


def milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def visits(work: Callable[[], object]) -> dict[str, float]:
    work()  # once to warm up
    taken = sorted(milliseconds(work) for _ in range(VISITS))
    return {"median": statistics.median(taken), "p95": taken[int(VISITS * 0.95) - 1]}


def measure() -> dict[str, dict[str, float]]:
    """Run inside Django, on an empty migrated database: name of the page, milliseconds."""
    from django.test import Client

    from casereg.models import Case, Role, User
    from tests.bench.run import fill
    from tests.factories import UserFactory

    fill(CASES)
    coordinator: User = UserFactory(region_id="nord")
    analyst: User = UserFactory(role=Role.ANALYST)
    own, everything = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    own.force_login(coordinator)
    everything.force_login(analyst)
    case = Case.objects.of_region("nord").standing().first()
    assert case is not None

    def opened(client: Client, address: str) -> Callable[[], None]:
        def visit() -> None:
            assert client.get(address).status_code == 200

        return visit

    found = {
        
        "list, own region": visits(opened(own, "/cases/")),
        "list, whole country": visits(opened(everything, "/cases/")),
        "list, narrowed and sorted": visits(opened(everything, "/cases/?form=labour&sort=nationality")),
        "form": visits(opened(own, "/cases/register/")),
        "case": visits(opened(own, f"/cases/{case.pk}/")),
        "amend": visits(opened(own, f"/cases/{case.pk}/amend/")),
        
        
    }
    return found
