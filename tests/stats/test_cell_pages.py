"""From a number of the yearbook to the cases behind it: as many as it says, own region only, traced."""

import html
import re

import pytest
from django.core.management import call_command
from django.utils.html import strip_tags

from casereg.models import AuditEvent, Case
from stats.models import PublishedCount
from tests.factories import CaseFactory, IncidentFactory

pytestmark = pytest.mark.django_db

LINKED = re.compile(r'<td class="number[^"]*"><a href="([^"]+)">(.*?)</a></td>', flags=re.DOTALL)


def read(client, user, address):
    client.force_login(user)
    client.cookies["django_language"] = "en"
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def linked_numbers(page):
    return [(html.unescape(address), int(strip_tags(number))) for address, number in LINKED.findall(page)]


def listed_number(page):
    found = re.search(r'<caption id="cases-caption">\s*([\d,]+) case', page)
    return int(found[1].replace(",", "")) if found else 0


def a_year_of_two_regions():
    incident = IncidentFactory(region_id="nord", reference="nordic")
    CaseFactory.create_batch(2, region_id="nord", incident=incident, referral_source_id=None)
    CaseFactory(region_id="nord", sex="female", form_id="sexual", industry_id=None, nationality_id="NG")
    CaseFactory(region_id="nord", sex="unknown", age_group="minor", month=2, children_abroad=0)
    for number in range(3):
        CaseFactory(region_id="syd", reference=f"southern-{number}", nationality_id="UA")
    CaseFactory(region_id="nord", year=2022, referral_source_id=None, joint_inspection=None)


@pytest.mark.parametrize("who", ["analyst", "coordinator_nord"])
def test_every_number_of_the_year_leads_to_as_many_cases(client, who, request):
    user = request.getfixturevalue(who)
    a_year_of_two_regions()

    numbers = linked_numbers(read(client, user, "/statistics/2023/"))

    assert len(numbers) > 80
    assert {re.search(r"/(\d{4})/", address)[1] for address, _number in numbers} == {"2022", "2023"}
    for address, number in numbers:
        if "/children/" in address or "unit=incidents" in address:
            continue
        assert listed_number(read(client, user, address)) == number, address


def test_children_and_incidents_lead_to_the_persons_they_belong_to(client, analyst):
    a_year_of_two_regions()
    numbers = dict(linked_numbers(read(client, analyst, "/statistics/2023/")))

    abroad = "/statistics/2023/children/cases/?whereabouts=abroad"
    incidents = "/statistics/2023/incidents/cases/?incident_size=2-4&unit=incidents"

    assert (numbers[abroad], numbers[incidents]) == (12, 1)
    page = read(client, analyst, abroad)
    assert "The number is 12 children." in page
    assert listed_number(page) == 6
    page = read(client, analyst, incidents)
    assert "The number is 1 incident." in page
    assert listed_number(page) == 2


def test_nothing_leads_from_zero_from_signs_and_from_what_was_published(client, analyst):
    CaseFactory(year=2022, referral_source_id=None, joint_inspection=None)
    PublishedCount.objects.create(
        year=2019, table="persons-by-year", code="_T", count=298, basis_sv="x", basis_en="x", source="x"
    )

    page = read(client, analyst, "/statistics/2022/")

    assert {number for _address, number in linked_numbers(page)} == {1, 2}  # two: the children
    assert not [address for address, _number in linked_numbers(page) if "referral" in address]
    assert not [address for address, _number in linked_numbers(page) if "/2019/" in address]
    assert "298" in page


def test_a_figure_s_page_leads_to_cases_too_and_a_share_to_both_its_parts(client, analyst):
    a_year_of_two_regions()

    page = read(client, analyst, "/statistics/2023/figures/key-men_and_boys_share/")

    ways = re.findall(r'<dd><a href="([^"]+)">The cases behind the (\w+) \((\d+)\)</a>', page)
    assert [(part, number) for _address, part, number in ways] == [("numerator", "5"), ("denominator", "7")]
    for address, _part, number in ways:
        assert listed_number(read(client, analyst, html.unescape(address))) == int(number)
    assert linked_numbers(page)


def test_a_coordinator_reads_no_foreign_string_behind_any_number(client, coordinator_nord):
    a_year_of_two_regions()

    for address in [
        "/statistics/2023/persons/cases/",
        "/statistics/2023/figures/key-persons/cases/",
        "/statistics/2023/cross.form.sex/cases/",
    ]:
        page = read(client, coordinator_nord, address)
        assert listed_number(page) == 4
        assert "southern" not in page
        assert "Ukrain" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/statistics/2023/persons/cases/?form=labour",  # not a breakdown of the table
        "/statistics/2023/persons/cases/?sex=robot",
        "/statistics/2023/nationality/cases/?nationality=UA",  # of another region only
        "/statistics/2023/region-by-form/cases/?region=syd",
        "/statistics/2022/referral/cases/?referral_source=police",  # not collected
        "/statistics/2023/no-table/cases/",
        "/statistics/2023/cross.form/cases/",
        "/statistics/2023/cross.form.form/cases/",
        "/statistics/2023/persons/cases/?within-region=syd",  # a coordinator has nothing to narrow there
        "/statistics/2023/persons/cases/?within-colour=red",
        "/statistics/2023/persons/cases/?within-form=nothing",
        "/statistics/2023/persons/cases/?within-month=13",
        "/statistics/2019/persons/cases/",
        "/statistics/2023/figures/key-persons/cases/?part=denominator",
        "/statistics/2023/figures/key-nothing/cases/",
        "/statistics/2023/figures/key-persons/cases/?part=whole",
    ],
)
def test_what_is_not_a_cell_is_not_there_and_the_attempt_is_traced(client, coordinator_nord, address):
    a_year_of_two_regions()
    client.force_login(coordinator_nord)

    assert client.get(address).status_code == 404
    assert AuditEvent.objects.get(action="access_denied").object.startswith("GET /statistics/")
    assert not AuditEvent.objects.filter(action="read").exists()


def test_an_incident_of_another_region_cannot_be_left_out(client, coordinator_nord):
    a_year_of_two_regions()
    foreign = IncidentFactory(region_id="syd")
    CaseFactory(region_id="syd", incident=foreign)
    client.force_login(coordinator_nord)

    address = f"/statistics/2023/persons/cases/?within-without_incident={foreign.pk}"

    assert client.get(address).status_code == 404


def test_each_reading_leaves_one_trace_that_names_the_cell(client, analyst):
    a_year_of_two_regions()

    read(client, analyst, "/statistics/2023/form-by-person/cases/?form=labour&person_group=adult_male")
    read(client, analyst, "/statistics/2023/figures/key-men_and_boys_share/cases/?part=denominator")
    read(client, analyst, "/statistics/2023/persons/cases/?within-form=labour&within-month=7")

    assert list(AuditEvent.objects.filter(action="read").values_list("object", flat=True)) == [
        "cell form-by-person 2023 form=labour person_group=adult_male",
        "cell key-men_and_boys_share 2023 part=denominator",
        "cell persons 2023 within form=labour month=07",
    ]
    call_command("verify_audit")


def test_a_cell_of_many_codes_has_a_trace_all_the_same(client, analyst):
    CaseFactory(referral_source_id="migration_agency", sex="unknown", age_group="unknown")
    query = "referral_source=migration_agency&joint_inspection=yes&person_group=unknown_sex_age_unknown"

    read(
        client,
        analyst,
        f"/statistics/2023/cross.referral_source.joint_inspection.person_group/cases/?{query}",
    )

    event = AuditEvent.objects.get(action="read")
    assert event.object.startswith("cell cross.referral_source.joint_inspection.person_group 2023 referral_")
    assert len(event.object) == 120


def test_a_narrowing_is_kept_and_said(client, analyst):
    a_year_of_two_regions()
    incident = Case.objects.filter(incident__reference="nordic").first().incident_id
    query = f"within-region=nord&within-without_incident={incident}"

    page = read(client, analyst, f"/statistics/2023/persons/cases/?{query}")

    assert "The number is 2 persons:" in page
    assert listed_number(page) == 2
    assert "Only persons with region: " in page
    assert "Without the incident nordic (" in page


def test_a_long_list_is_paged_by_fifty_and_can_be_sorted(client, analyst):
    CaseFactory.create_batch(51)
    CaseFactory(reference="aaa", month=1)

    first = read(client, analyst, "/statistics/2023/persons/cases/?sex=male&sort=reference")
    second = read(client, analyst, "/statistics/2023/persons/cases/?sex=male&sort=reference&page=2")

    assert listed_number(first) == 52
    assert first.count('<th scope="row">') == 50
    assert second.count('<th scope="row">') == 2
    assert "aaa" in first
    assert 'href="?sex=male&amp;sort=reference&amp;page=2"' in first


def test_who_reads_no_cases_is_led_to_none(client, administrator):
    CaseFactory()
    client.force_login(administrator)

    assert client.get("/statistics/2023/persons/cases/").status_code == 403
    assert AuditEvent.objects.count() == 1
