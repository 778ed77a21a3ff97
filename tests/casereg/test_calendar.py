"""Since when each variable is asked, and what it meant in each year."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.urls import reverse
from django.utils import translation

from casereg.actions.definitions import DefinitionRefused, add_definition
from casereg.models import AuditEvent, VariableDefinition, VariableRow
from casereg.stored_codebook import load_definitions
from tests.conftest import NOW
from tests.databases import nothing_changes
from tests.factories import CaseFactory

THIS_YEAR, NEXT_YEAR = NOW.year, NOW.year + 1
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def define(administrator):
    def defined(year=NEXT_YEAR, variable="industry", text="Where the person worked."):
        add_definition(
            variable=variable,
            first_year=year,
            definition_sv=f"{text} (sv)",
            definition_en=text,
            by=administrator,
        )

    return defined


def english(client, user):
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def part(page, variable) -> str:
    """What the page says of a variable."""
    text = page.content.decode()
    return text[text.index(f'<h2 id="{variable}">') :].partition("</section>")[0]


# --- Definitions by year -------------------------------------------------------------------------


def test_a_definition_holds_from_its_year_on_and_none_before_changes(define):
    before = VariableRow.objects.get(pk="industry").definition_en
    define(NEXT_YEAR)

    definitions = load_definitions()

    assert definitions.of_variable("industry", 2022).text == before
    assert definitions.of_variable("industry", THIS_YEAR).text == before
    assert definitions.of_variable("industry", NEXT_YEAR).text == "Where the person worked."
    assert definitions.of_variable("industry", NEXT_YEAR + 5).text == "Where the person worked."


def test_each_of_several_definitions_has_its_own_years(define):
    for row in [(2020, "second"), (2024, "third")]:
        VariableDefinition.objects.create(
            variable_id="form", first_year=row[0], definition_sv=row[1], definition_en=row[1]
        )

    definitions = load_definitions()

    texts = [definitions.of_variable("form", year).text for year in (2019, 2020, 2023, 2024, 2026)]
    assert texts[1:] == ["second", "second", "third", "third"]
    assert texts[0] == VariableRow.objects.get(pk="form").definition_en


def test_a_new_definition_leaves_an_event(define):
    define()

    event = AuditEvent.objects.get()
    assert (event.action, event.object) == ("definition_add", f"variable industry {NEXT_YEAR}")


def test_a_definition_that_no_record_was_made_under_is_written_again(define):
    define(text="First.")
    define(text="Better.")

    assert VariableDefinition.objects.get().definition_en == "Better."


@pytest.mark.parametrize("year", [2018, 2022, THIS_YEAR - 1, THIS_YEAR + 2])
def test_no_definition_begins_in_a_year_that_is_over_or_far_off(define, year):
    with nothing_changes(), pytest.raises(DefinitionRefused) as refused:
        define(year)

    assert [finding.variable for finding in refused.value.findings] == ["first_year"]


def test_the_definition_of_a_year_that_has_records_stays(define):
    define(THIS_YEAR, text="Before any record.")
    case = CaseFactory(year=THIS_YEAR, withdrawn_at=NOW)

    for year in (THIS_YEAR,):
        with nothing_changes(), pytest.raises(DefinitionRefused) as refused:
            define(year, text="After one.")
    assert f"There are records of {THIS_YEAR}" in str(refused.value)
    case.delete()
    define(THIS_YEAR, text="Without any.")
    assert VariableDefinition.objects.get().definition_en == "Without any."


@pytest.mark.parametrize("text", ["", " ", "Ask anna@example.se"])
def test_a_definition_is_there_and_names_nobody(define, text):
    with pytest.raises(DefinitionRefused):
        add_definition_with(define, text)


def add_definition_with(define, text):
    define(text=text)


def test_only_an_administrator_defines_a_variable_that_there_is(define, analyst, coordinator_nord):
    with pytest.raises(ObjectDoesNotExist):
        define(variable="nothing")
    for user in (analyst, coordinator_nord):
        with pytest.raises(PermissionDenied):
            add_definition(
                variable="form", first_year=NEXT_YEAR, definition_sv="x", definition_en="x", by=user
            )


# --- The calendar --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["coordinator_nord", "analyst", "administrator"])
def test_everybody_reads_since_when_each_variable_is_asked(request, client, who):
    user = request.getfixturevalue(who)

    page = english(client, user).get(reverse("calendar_read"))

    asked = {row.variable.code: row.asked for row in page.context["rows"]}
    assert list(page.context["years"]) == list(range(2018, THIS_YEAR + 1))
    assert asked["form"] == [True] * 9
    assert asked["industry"] == [False] * 4 + [True] * 5
    assert asked["referral_source"] == [False] * 5 + [True] * 4
    assert ("Write a new definition" in page.content.decode()) == (who == "administrator")


def test_the_calendar_has_each_definition_with_its_years(client, analyst, define):
    define(NEXT_YEAR)

    about = part(english(client, analyst).get(reverse("calendar_read")), "industry")

    assert f"2022–{THIS_YEAR}" in about
    assert f"From {NEXT_YEAR} · to come" in about
    assert "Where the person worked." in about


def test_the_calendar_takes_the_same_queries_however_much_is_stored(
    client, analyst, django_assert_num_queries
):
    english(client, analyst).get(reverse("calendar_read"))
    with django_assert_num_queries(5):
        client.get(reverse("calendar_read"))
    CaseFactory.create_batch(5)
    for year in range(2019, 2026):
        VariableDefinition.objects.create(
            variable_id="form", first_year=year, definition_sv="x", definition_en="x"
        )
    with django_assert_num_queries(5):
        client.get(reverse("calendar_read"))


def test_the_code_book_links_to_the_calendar_and_says_what_was_in_force(client, analyst):
    VariableDefinition.objects.create(
        variable_id="form", first_year=2024, definition_sv="ny", definition_en="The newer one."
    )
    old = VariableRow.objects.get(pk="form").definition_en

    book = english(client, analyst).get(reverse("codebook_read"))
    of_2023 = part(client.get(reverse("codebook_read"), {"year": 2023}), "form")

    assert reverse("calendar_read") in book.content.decode()
    assert "The newer one." in part(book, "form")
    assert f"2018–2023: {old}" in part(book, "form").replace("&#x27;", "'")
    assert old in of_2023
    assert "The newer one." not in of_2023


@pytest.mark.parametrize("page", ["case_register", "incident_register"])
def test_a_form_explains_a_variable_as_it_is_in_the_year_of_its_month(client, coordinator_nord, page):
    VariableDefinition.objects.create(
        variable_id="form", first_year=THIS_YEAR, definition_sv="ny", definition_en="The newer one."
    )
    english(client, coordinator_nord)

    now = client.get(reverse(page)).content.decode()
    of_2023 = client.post(reverse(page), {"month": "2023-05"}).content.decode()

    assert "The newer one." in now
    assert "The newer one." not in of_2023


# --- The page that defines -----------------------------------------------------------------------


def test_an_administrator_writes_a_definition_on_its_page(client, administrator):
    page = reverse("definition_add", args=["industry"])
    english(client, administrator)
    offered = client.get(page).context["form"]
    assert offered["definition_en"].value() == VariableRow.objects.get(pk="industry").definition_en

    answer = client.post(page, {"first_year": NEXT_YEAR, "definition_sv": "Var.", "definition_en": "Where."})

    assert answer.url == f"{reverse('calendar_read')}#industry"
    with time_machine.travel(datetime(NEXT_YEAR, 2, 1, tzinfo=UTC)):
        client.force_login(administrator)
        assert "Where." in part(client.get(reverse("codebook_read")), "industry")


def test_what_is_refused_is_said_at_its_field(client, administrator):
    CaseFactory(year=THIS_YEAR)
    english(client, administrator)

    answer = client.post(
        reverse("definition_add", args=["form"]),
        {"first_year": THIS_YEAR, "definition_sv": "x", "definition_en": "x"},
    )

    assert list(answer.context["form"].errors) == ["first_year"]


@pytest.mark.parametrize("who", ["coordinator_nord", "analyst"])
def test_nobody_else_opens_it(request, client, who):
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse("definition_add", args=["form"])).status_code == 403
