"""Many at once: nothing is lost, nothing stands twice, no number is skipped, and nobody waits in a ring."""

from collections import Counter
from functools import partial

import pytest

from casereg.access import record_read
from casereg.actions.case_changes import CaseIsOffered, withdraw_case
from casereg.actions.cases import CaseRefused, register_case
from casereg.actions.incidents import rename_incident
from casereg.actions.offers import OfferIsAnswered, accept_offer, offer_case, take_offer_back
from casereg.actions.users import change_user
from casereg.case_files import CaseFileRefused
from casereg.models import AuditEvent, AuditHead, Case, CaseHistory, ImportedFile, Incident
from casereg.models.audit import chain_breaks
from tests.factories import CaseFactory, IncidentFactory
from tests.records import content, csv_file, import_file, person
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("committed_db")

WRITERS = 32
CASES_EACH = 4


def register(*, region: str = "nord", reference: str = "", **changes: str) -> Case:
    return register_case(region_code=region, content=content(**changes), by=None, reference=reference)


def test_thirty_two_writers_lose_nothing_and_leave_an_unbroken_chain():
    def write(number: int) -> None:
        region = ["nord", "syd"][number % 2]
        for turn in range(CASES_EACH):
            register(region=region, incident=f"event-{turn}")
            AuditEvent.objects.append(by=None, action="look", object=f"writer {number}")

    outcomes = at_once(*(partial(write, number) for number in range(WRITERS)))

    assert outcomes == [None] * WRITERS
    written = WRITERS * CASES_EACH
    assert list(chain_breaks()) == []
    assert AuditHead.objects.get().sequence == AuditEvent.objects.count() == 2 * written
    assert Counter(CaseHistory.objects.values_list("action", flat=True)) == {"register": written}
    given = [f"2023-{number:04}" for number in range(1, written // 2 + 1)]
    for region in ("nord", "syd"):
        assert sorted(Case.objects.of_region(region).values_list("reference", flat=True)) == given
    assert Incident.objects.count() == 2 * CASES_EACH


def test_one_of_two_who_choose_the_same_reference_wins():
    outcomes = at_once(*[partial(register, reference="A-1", month=f"202{year}-01") for year in (3, 4)])

    assert Counter(map(type, outcomes)) == {Case: 1, CaseRefused: 1}
    assert Case.objects.get() in outcomes
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("attempt", range(3))
def test_one_of_two_imports_of_the_same_file_without_references_wins(tmp_path, attempt):
    path = csv_file(tmp_path, *[person(reference="") for _ in range(200)])

    outcomes = at_once(partial(import_file, path), partial(import_file, path))

    assert Counter(map(type, outcomes)) == {tuple: 1, CaseFileRefused: 1}
    assert (200, 0) in outcomes
    assert (Case.objects.count(), ImportedFile.objects.count()) == (200, 1)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_imports_of_the_same_file_the_second_finds_every_row_stored(tmp_path, attempt):
    path = csv_file(tmp_path, *[person(reference=f"A-{number}") for number in range(200)])

    outcomes = at_once(partial(import_file, path), partial(import_file, path))

    assert sorted(outcomes) == [(0, 200), (200, 0)]
    assert Case.objects.count() == 200


def test_imports_that_meet_the_same_regions_in_another_order_all_go_through(tmp_path):
    regions = ["nord", "syd", "mitt", "vast"]
    paths = []
    for number in range(6):
        folder = tmp_path / str(number)
        folder.mkdir()
        turned = regions[number % 4 :] + regions[: number % 4]
        rows = [person(reference="", region=region, incident=f"event-{number}") for region in turned * 20]
        paths.append(csv_file(folder, *rows))

    outcomes = at_once(*(partial(import_file, path) for path in paths))

    assert outcomes == [(80, 0)] * 6
    assert Case.objects.count() == 480
    assert list(chain_breaks()) == []


def test_whoever_registers_while_a_file_comes_in_gets_a_number_of_their_own(tmp_path):
    path = csv_file(tmp_path, *[person(reference="") for _ in range(300)])

    outcomes = at_once(partial(import_file, path), *[register for _ in range(8)])

    assert outcomes[0] == (300, 0)
    assert {type(outcome) for outcome in outcomes[1:]} == {Case}
    assert len(set(Case.objects.values_list("reference", flat=True))) == 308


def test_the_trail_is_whole_while_others_write_to_it():
    def write() -> None:
        for _ in range(40):
            AuditEvent.objects.append(by=None, action="look", object="it")

    def verify() -> list:
        return [found for _ in range(60) for found in chain_breaks()]

    *outcomes, found = at_once(write, write, write, verify)

    assert outcomes == [None, None, None]
    assert found == []


def test_a_case_that_is_accepted_and_withdrawn_at_once_is_one_of_the_two(coordinator_nord, coordinator_syd):
    case = CaseFactory(region_id="nord")
    offer = offer_case(case_id=case.pk, to_region_code="syd", reason="lives there", by=coordinator_nord)

    outcomes = at_once(
        partial(accept_offer, offer_id=offer.pk, by=coordinator_syd),
        partial(take_offer_back, offer_id=offer.pk, by=coordinator_nord),
        partial(withdraw_case, case_id=case.pk, reason="other", note="", by=coordinator_nord),
    )

    case.refresh_from_db()
    offer.refresh_from_db()
    refusals = {OfferIsAnswered, CaseIsOffered, Case.DoesNotExist}
    assert {type(outcome) for outcome in outcomes if isinstance(outcome, Exception)} <= refusals
    assert (case.region_id == "syd") == (offer.state == "accepted")
    assert not (case.region_id == "syd" and case.is_withdrawn)
    assert list(chain_breaks()) == []


def test_reading_and_changing_the_same_people_and_incidents_waits_in_no_ring(coordinator_nord, administrator):
    """PostgreSQL asks for a row that a foreign key points at only at commit: then nobody may hold its key."""
    incident = IncidentFactory(reference="event")
    turns = range(15)

    def read() -> None:
        for _ in turns:
            record_read(coordinator_nord, "case")

    def change() -> None:
        for turn in turns:
            change_user(user_id=coordinator_nord.pk, email=coordinator_nord.email, name=f"Nora {turn}",
                        role="coordinator", region_code="nord", by=administrator)  # fmt: skip

    def register_into() -> None:
        for turn in turns:
            register(incident=Incident.objects.get(pk=incident.pk).reference if turn < 1 else f"other-{turn}")

    def rename() -> None:
        for turn in turns:
            rename_incident(incident_id=incident.pk, reference=f"event-{turn}", by=coordinator_nord)

    assert at_once(read, change, register_into, rename) == [None] * 4
