"""The pages of an incident in one go: the form, the table before it is saved, undo, amending all."""

import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casereg.actions.case_changes import restore_case, withdraw_case
from casereg.forms.incident_registering import LINES_AT_FIRST, LINES_MAX, LINES_MORE, IncidentEntry
from casereg.models import Case, CaseHistory, Draft, Incident, Submission
from tests.factories import CaseFactory, IncidentFactory

pytestmark = pytest.mark.django_db

REGISTER = "/incidents/register/"
COMMON = {
    "incident": "berries", "month": "2026-10", "assessment": "exploitation", "form": "labour",
    "industry": "green", "referral_source": "police", "joint_inspection": "yes",
}  # fmt: skip
ALIKE = {
    "persons": "36", "sex": "male", "age_group": "adult", "nationality": "Thailand",
    "children_in_sweden": "0", "children_abroad": "0",
}  # fmt: skip


def form(*lines, **common):
    """What the page sends, with a number of its own; lines left blank among the others."""
    sent = {"number": str(uuid.uuid4())} | COMMON | common
    for position, line in enumerate(lines or (ALIKE, ALIKE | {"persons": "4", "sex": "female"})):
        sent |= {f"lines-{position}-{name}": value for name, value in line.items()}
    return sent


@pytest.fixture
def nora(client, coordinator_nord):
    client.force_login(coordinator_nord)
    client.cookies["django_language"] = "en"
    return client


def text(response) -> str:
    """What is read on a page, between tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def inputs(response) -> dict[str, str]:
    """The text fields and hidden fields of a page, by name."""
    tags = re.findall(r"<input[^>]*>", response.content.decode())
    named = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in tags]
    return {tag["name"]: tag.get("value", "") for tag in named if "name" in tag}


def test_the_table_is_shown_with_its_sums_before_anything_is_saved(nora):
    mother = ALIKE | {"persons": "1", "sex": "female", "children_abroad": "3", "industry": "cleaning"}
    response = nora.post(REGISTER, form(ALIKE, {"persons": "1"}, mother))

    shown = text(response)
    assert "37 persons of incident berries" in shown
    assert "1 36 Man Adult Thailand 0 0 –" in shown
    assert "2 1 Woman Adult Thailand 0 3 Industry: cleaning" in shown
    assert "Total 37 0 3" in shown
    assert "Save 37 persons" in shown
    assert not Case.objects.exists()


def test_the_page_asks_whether_children_of_many_are_entered_once(nora):
    asked = "Is each child entered on one person only?"
    assert asked not in text(nora.post(REGISTER, form()))
    assert asked not in text(nora.post(REGISTER, form(ALIKE | {"persons": "1", "children_abroad": "2"})))
    assert asked in text(nora.post(REGISTER, form(ALIKE | {"children_abroad": "1"})))


def test_children_not_known_are_no_zero(nora):
    unknown = ALIKE | {"children_in_sweden": "", "children_in_sweden_unknown": "on"}
    assert "Total 36 0, and not known of 36 0" in text(nora.post(REGISTER, form(unknown)))


def test_what_the_table_carries_is_what_is_saved(nora):
    table = nora.post(REGISTER, form(ALIKE, ALIKE | {"persons": "1", "form": "begging", "sex": "female"}))

    response = nora.post(REGISTER, inputs(table) | {"save": ""})

    assert response.status_code == 302
    assert Case.objects.count() == 37
    beggar = Case.objects.get(form="begging")
    assert (beggar.industry, beggar.nationality_id, beggar.referral_source_id) == (None, "TH", "police")


def test_change_leads_back_with_everything_in_it(nora):
    table = nora.post(REGISTER, form(ALIKE | {"children_abroad": "", "children_abroad_unknown": "on"}))
    back = nora.post(REGISTER, inputs(table) | {"change": ""})

    assert inputs(back).items() >= {
        "incident": "berries", "month": "2026-10", "lines-0-persons": "36", "lines-0-nationality": "Thailand",
        "lines-0-children_in_sweden": "0", "number": inputs(table)["number"],
    }.items()  # fmt: skip
    page = back.content.decode()
    assert re.search(r'<option value="green" selected', page)
    assert re.search(r'name="lines-0-children_abroad_unknown"[^>]*checked', page)


def test_more_lines_without_javascript_lose_nothing_and_complain_of_nothing(nora):
    response = nora.post(REGISTER, {"lines-0-persons": "36", "incident": "a b", "add_lines": ""})

    shown = inputs(response)
    assert shown["lines-0-persons"] == "36"
    assert shown["incident"] == "a b"
    assert f"lines-{LINES_MORE}-persons" in shown
    assert f"lines-{LINES_MORE + 1}-persons" not in shown
    assert "Something has to be mended" not in text(response)


def test_there_are_blank_lines_to_begin_with(nora):
    shown = inputs(nora.get(REGISTER))
    assert f"lines-{LINES_AT_FIRST - 1}-persons" in shown
    assert shown["month"] == timezone.localdate().strftime("%Y-%m")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ({"persons": "0"}, "Line 2, Persons : Enter how many persons: a whole number from 1 to 200."),
        ({"persons": "many"}, "Line 2, Persons : Enter how many persons"),
        ({"sex": ""}, "Line 2, Sex : Enter the sex."),
        ({"nationality": "Thailnd"}, "Did you mean Thailand?"),
        ({"children_abroad": "51"}, "Line 2, Children abroad : It is not a number of children."),
        ({"children_abroad_unknown": "on"}, "Line 2, Children abroad : Enter a number or mark"),
        ({"industry": "green", "form": "begging"}, "Line 2, Industry : Industry is recorded only"),
        ({"persons": "165"}, "These are 201 persons. Register at most 200 at once"),
    ],
    ids=str,
)
def test_a_fault_is_said_with_its_line(nora, line, complaint):
    response = nora.post(REGISTER, form(ALIKE, ALIKE | line) | {"save": ""})
    assert response.status_code == 200
    assert complaint in text(response)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("common", "complaint"),
    [
        ({"incident": ""}, "Enter the incident’s reference."),
        ({"incident": "at the farm"}, "It has other characters or is too long."),
        ({"incident": "070-1234567"}, "It looks like a telephone number."),
        ({"month": "2027-01"}, "It is in the future."),
        ({"industry": ""}, "Enter the industry."),
    ],
    ids=str,
)
def test_a_fault_in_what_is_common_is_said_once(nora, common, complaint):
    page = text(nora.post(REGISTER, form(**common)))
    assert page.count(complaint) == 2, page  # in the summary, and at the field
    assert not Case.objects.exists()


def test_no_line_and_too_many_lines_are_refused(nora):
    assert "Enter at least one line of persons." in text(nora.post(REGISTER, form({"persons": "1"})))
    lines = {f"lines-{number}-persons": "1" for number in range(LINES_MAX + 1)}
    assert "There are more than 80 lines." in text(nora.post(REGISTER, form() | lines))


def test_a_form_sent_twice_is_stored_once_and_with_other_content_has_a_page(nora):
    sent = form() | {"save": ""}
    first, second = nora.post(REGISTER, sent), nora.post(REGISTER, sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Case.objects.count() == 40

    other = nora.post(REGISTER, sent | {"lines-0-persons": "35"})
    assert other.status_code == 409
    assert "That content is not stored." in text(other)
    assert "Open incident berries" in text(other)
    assert Case.objects.count() == 40


def test_what_is_unusual_is_asked_on_the_table_and_stored_when_ticked(nora):
    sent = form(assessment="exploitation", form="sexual", industry="")
    table = nora.post(REGISTER, sent)
    assert "Is the assessment right?" in text(table)

    asked = nora.post(REGISTER, inputs(table) | {"save": "", "confirmed": []})
    assert asked.status_code == 200
    assert not Case.objects.exists()
    saved = nora.post(REGISTER, inputs(asked) | {"save": "", "confirmed": ["offence:exploitation:sexual"]})
    assert saved.status_code == 302
    assert CaseHistory.objects.filter(confirmed=["offence:exploitation:sexual"]).count() == 40


def test_a_taken_reference_is_asked_about(nora):
    nora.post(REGISTER, form() | {"save": ""})
    more = form(ALIKE | {"persons": "1", "nationality": "VN"})
    question = "The incident berries has 40 persons already. Are these more persons of it?"
    assert question in text(nora.post(REGISTER, more))
    assert question in text(nora.post(REGISTER, more | {"save": ""}))
    assert Case.objects.count() == 40


def test_persons_are_added_from_the_incident_s_page_with_what_they_share(nora):
    incident = IncidentFactory(reference="berries")
    CaseFactory.create_batch(2, incident=incident)
    CaseFactory(incident=incident, referral_source_id="migration_agency")

    page = nora.get(f"{REGISTER}?incident={incident.pk}")
    shown = page.content.decode()
    assert "Register more persons of incident berries" in text(page)
    assert re.search(r'<option value="green" selected', shown)
    assert not re.search(r'<option value="police" selected', shown)  # in this they differ
    assert inputs(page)["month"] == "2023-07"
    assert "incident" not in inputs(page)

    sent = form(ALIKE | {"persons": "2"}) | {"adding_to": str(incident.pk), "incident": "another", "save": ""}
    assert nora.post(REGISTER, sent).status_code == 302
    assert incident.cases.count() == 5
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("named", ["foreign", "8f5a8148-b0f2-4912-af72-d3f9bebda897", "nonsense"])
def test_persons_are_not_added_to_an_incident_that_is_not_there(nora, named):
    if named == "foreign":
        named = str(IncidentFactory(region_id="syd").pk)
    assert nora.get(f"{REGISTER}?incident={named}").status_code == 404
    assert nora.post(REGISTER, form() | {"adding_to": named, "save": ""}).status_code == 404
    assert not Case.objects.exists()


def test_undo_is_offered_in_the_session_that_registered(nora, client, coordinator_nord):
    page = nora.post(REGISTER, form() | {"save": ""}, follow=True)
    incident = Incident.objects.get()
    undo = reverse("incident_undo", args=[incident.pk])
    assert undo in page.content.decode()
    assert "40 persons are registered in the incident berries." in text(page)

    other_session = type(client)()
    other_session.force_login(coordinator_nord)
    address = reverse("incident_read", args=[incident.pk])
    assert undo not in other_session.get(address).content.decode()
    other_session.post(undo)
    assert Case.objects.standing().count() == 40

    done = nora.post(undo, follow=True)
    assert "Undone: 40 persons are withdrawn and counted nowhere." in text(done)
    assert "Undone right after registering" in text(done)
    assert "Registering undone 40 cases" in text(done)
    assert "Withdrawn (undone right after registering)" not in text(done)  # the line above says it of all
    assert undo not in done.content.decode()
    assert not Case.objects.standing().exists()
    assert Submission.objects.get().undone_at is not None
    assert "There is nothing to undo." in text(nora.post(undo, follow=True))


def test_undo_says_when_it_is_too_late(nora, coordinator_nord):
    nora.post(REGISTER, form() | {"save": ""})
    withdraw_case(case_id=Case.objects.first().pk, reason="other", note="", by=coordinator_nord)
    undo = reverse("incident_undo", args=[Incident.objects.get().pk])

    assert undo not in nora.get(reverse("incident_read", args=[Incident.objects.get().pk])).content.decode()
    assert "It cannot be undone any more" in text(nora.post(undo, follow=True))
    assert Case.objects.standing().count() == 39


def test_a_value_is_amended_for_all_and_the_history_says_so(nora):
    incident = IncidentFactory()
    for source in ("police", "police", "civil_society"):
        CaseFactory(incident=incident, referral_source_id=source)
    address = reverse("incident_amend", args=[incident.pk])

    page = nora.get(address)
    assert "Now it differs: Swedish Police Authority (2), civil society (1)." in text(page)
    assert "Now: labour." in text(page)
    sent = {"drawn_from": inputs(page)["drawn_from"], "referral_source": "other"}
    done = text(nora.post(address, sent, follow=True))

    assert "3 cases are amended." in done
    assert "All persons amended Referred from: different values → other" in done
    assert set(Case.objects.values_list("referral_source", flat=True)) == {"other"}


def test_amending_nothing_and_amending_nobody_say_so(nora):
    incident = IncidentFactory()
    address = reverse("incident_amend", args=[incident.pk])
    assert "The incident has no persons to amend." in text(nora.get(address, follow=True))
    CaseFactory(incident=incident)
    assert "Choose at least one new value." in text(nora.post(address, {}))
    assert "You changed nothing" in text(nora.post(address, {"form": "labour"}, follow=True))


def test_amending_over_a_colleague_s_change_shows_what_stands_now(nora):
    incident = IncidentFactory()
    CaseFactory.create_batch(2, incident=incident)
    address = reverse("incident_amend", args=[incident.pk])
    seen = inputs(nora.get(address))["drawn_from"]
    Case.objects.update(industry="cleaning")

    response = nora.post(address, {"drawn_from": seen, "industry": "hospitality"})
    assert "Somebody else changed the persons while you had the page open." in text(response)
    assert "Now: cleaning." in text(response)
    assert set(Case.objects.values_list("industry", flat=True)) == {"cleaning"}

    assert nora.post(address, {"industry": "hospitality"}).status_code == 200  # without a mark: no
    assert set(Case.objects.values_list("industry", flat=True)) == {"cleaning"}

    again = nora.post(address, {"drawn_from": inputs(response)["drawn_from"], "industry": "hospitality"})
    assert again.status_code == 302
    assert set(Case.objects.values_list("industry", flat=True)) == {"hospitality"}


def test_the_incident_s_page_tells_who_is_withdrawn_and_why(nora, coordinator_nord):
    incident = IncidentFactory()
    gone, back, _standing = CaseFactory.create_batch(3, incident=incident)
    reason = {"reason": "registered_twice", "note": "see 2023-0001", "by": coordinator_nord}
    withdraw_case(case_id=gone.pk, **reason)
    withdraw_case(case_id=back.pk, **reason)
    restore_case(case_id=back.pk, reason="withdrawn_in_error", note="", by=coordinator_nord)

    page = text(nora.get(reverse("incident_read", args=[incident.pk])))

    withdrawn = page[page.index("Withdrawn 1 person, counted nowhere") : page.index("History")]
    assert gone.reference in withdrawn
    assert "Registered twice: see 2023-0001" in withdrawn
    assert back.reference not in withdrawn
    history = page[page.index("History") :]
    assert f"Nora Nord Restored (withdrawn in error) {back.reference}" in history
    assert f"Nora Nord Withdrawn (registered twice): see 2023-0001 {gone.reference}" in history


def test_a_draft_opens_with_its_lines(nora, coordinator_nord):
    fields = {name: [value] for name, value in form().items() if name != "number"}
    number, now = uuid.uuid4(), timezone.now()
    Draft.objects.create(
        author=coordinator_nord, region_id="nord", number=number, page="incident_register",
        fields=fields, begun_at=now, saved_at=now,
    )  # fmt: skip

    shown = inputs(nora.get(f"{REGISTER}?draft={number}"))

    assert shown["lines-1-persons"] == "4"
    assert shown["lines-1-nationality"] == "Thailand"
    assert shown["number"] == str(number)
    assert "draft_key" in shown


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_of_a_large_incident_take_as_many_queries_as_those_of_a_small_one(nora, coordinator_nord):
    def of_incident(number: int) -> list[int]:
        line = ALIKE | {"persons": str(number)}
        nora.post(
            REGISTER, form(line, incident=f"event-{number}") | {"save": "", "confirmed": "registered_already"}
        )
        incident = Incident.objects.get(reference=f"event-{number}")
        for case in incident.cases.all()[: number // 2]:
            withdraw_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)
        read, amend = (reverse(name, args=[incident.pk]) for name in ("incident_read", "incident_amend"))
        return [queries(nora, address) for address in (read, amend, f"{REGISTER}?incident={incident.pk}")]

    assert of_incident(2) == of_incident(40)


def test_an_entry_of_no_data_is_blank():
    entry = IncidentEntry()
    assert [line.is_blank for line in entry.all_lines] == [True] * LINES_AT_FIRST
