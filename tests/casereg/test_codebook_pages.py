"""The code book and the page about the register: every variable and value with its meaning, by year."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from casereg.models import (
    Case,
    ExploitationForm,
    Industry,
    Nationality,
    ReferralSource,
    Region,
    VariableRow,
)
from casereg.stored_codebook import load_codebook, load_definitions
from casereg.vocabularies import DEFINITIONS, AgeGroup, Assessment, JointInspection, Sex
from tests.factories import CaseFactory

pytestmark = pytest.mark.usefixtures("database")

ANALYST, COORDINATOR, ADMINISTRATOR = "analyst", "coordinator_nord", "administrator"
LISTS = {"form": ExploitationForm, "referral_source": ReferralSource, "industry": Industry}
FIXED = {"sex": Sex, "age_group": AgeGroup, "assessment": Assessment, "joint_inspection": JointInspection}


@pytest.fixture
def reader(analyst) -> Client:
    """Logged in, and reading English: the templates' own language."""
    return logged_in(analyst, language="en")


def logged_in(user, *, language: str) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def page(client: Client, name: str = "codebook_read", **query) -> str:
    response = client.get(reverse(name), query)
    assert response.status_code == 200
    return response.content.decode()


def part(text: str, variable: str) -> str:
    """What the page says of one variable."""
    found = re.search(rf'<section aria-labelledby="{variable}">(.*?)</section>', text, re.DOTALL)
    assert found, f"the page has no part about {variable}"
    return found[1]


def codes(text: str) -> list[str]:
    return re.findall(r"<code[^>]*>([^<]+)</code>", text)


def as_one_line(text: str) -> str:
    return " ".join(text.split())


# --- Definitions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [VariableRow, *LISTS.values()])
def test_every_stored_variable_and_value_is_defined_in_both_languages(model):
    for row in model.objects.all():
        assert row.definition_sv.endswith("."), row
        assert row.definition_en.endswith("."), row
        assert row.definition_sv != row.definition_en, row


@pytest.mark.parametrize("choices", FIXED.values())
def test_every_fixed_value_is_defined(choices):
    with translation.override("en"):
        assert list(DEFINITIONS[choices]) == list(choices)
        assert all(str(text).endswith(".") for text in DEFINITIONS[choices].values())


def test_the_definitions_cover_every_variable_and_every_value_that_has_one():
    codebook, definitions = load_codebook(), load_definitions()

    assert definitions.variables.keys() == codebook.variables.keys()
    assert definitions.terms.keys() == codebook.terms.keys() - {"nationality", "region"}
    for variable, terms in definitions.terms.items():
        assert terms.keys() == codebook.terms[variable].keys()


def test_a_definition_is_read_in_the_readers_language():
    labour = ExploitationForm.objects.get(code="labour")
    definition = load_definitions().terms["form"]["labour"]

    with translation.override("sv"):
        assert definition.text == labour.definition_sv
    with translation.override("en"):
        assert definition.text == labour.definition_en


@pytest.mark.parametrize("load", [load_codebook, load_definitions])
def test_the_code_book_and_its_definitions_are_one_query_each(load, django_assert_num_queries):
    with django_assert_num_queries(1):
        load()


def test_the_code_book_that_every_form_loads_does_without_the_definitions():
    with CaptureQueriesContext(connection) as asked:
        load_codebook()

    assert "definition" not in asked[0]["sql"]


# --- The code book -------------------------------------------------------------------------------


def test_the_page_has_every_variable_in_order_with_its_definition_and_first_year(reader):
    text = page(reader)

    rows = list(VariableRow.objects.all())
    assert re.findall(r'<h2 id="(\w+)">.*?<code', text) == [row.code for row in rows]
    for row in rows:
        about = part(text, row.code)
        assert row.definition_en in about
        assert f"Collected since {row.first_year}." in about


@pytest.mark.parametrize("variable", LISTS)
def test_the_page_has_every_value_of_a_list_with_label_code_and_definition(reader, variable):
    about = part(page(reader), variable)

    rows = list(LISTS[variable].objects.all())
    assert codes(about) == [variable, *(row.code for row in rows)]
    for row in rows:
        assert f"{capfirst(row.label_en)} <code" in about
        assert row.definition_en in about


@pytest.mark.parametrize("variable", FIXED)
def test_the_page_has_every_fixed_value_with_its_definition(reader, variable):
    about = part(page(reader), variable)

    assert codes(about) == [variable, *FIXED[variable].values]
    with translation.override("en"):
        assert all(str(text) in about for text in DEFINITIONS[FIXED[variable]].values())


@pytest.mark.parametrize(("variable", "model"), [("nationality", Nationality), ("region", Region)])
def test_the_page_has_every_nationality_and_every_region(reader, variable, model):
    about = part(page(reader), variable)

    assert sorted(codes(about)) == sorted([variable, *model.objects.values_list("code", flat=True)])


def test_nationalities_are_folded_and_stand_in_the_order_of_the_readers_words(reader, analyst):
    english = part(page(reader), "nationality")
    swedish = part(page(logged_in(analyst, language="sv")), "nationality")

    assert "<details>" in english
    # Germany, Tyskland: before and after Sweden. What is no country stands last.
    assert codes(english).index("DE") < codes(english).index("SE")
    assert codes(swedish).index("SE") < codes(swedish).index("DE")
    assert codes(english)[-2:] == codes(swedish)[-2:] == ["stateless", "unknown"]


@pytest.mark.parametrize("state", ["Zero", "Unknown", "Not recorded", "Not collected"])
def test_the_four_states_of_emptiness_are_explained(reader, state):
    assert f"<dt>{state}" in part(page(reader), "zero-and-blank")


def test_a_form_that_asks_for_industry_says_so(reader):
    ExploitationForm.objects.exclude(code="household").update(asks_for_industry=False)
    ExploitationForm.objects.filter(code="household").update(asks_for_industry=True)

    about = part(page(reader), "form")
    assert about.count("asks for industry") == 1
    assert "asks for industry" in about.split('id="form-household"')[1].split("</div>")[0]


def test_a_value_that_somebody_adds_stands_there_without_a_change_of_code(reader):
    Industry.objects.create(
        code="fishing", label_sv="fiske", label_en="fishing", position=99, first_year=2025,
        definition_sv="Fiske till havs.", definition_en="Fishing at sea.",
    )  # fmt: skip

    about = as_one_line(part(page(reader), "industry")).split('id="industry-fishing"')[1]
    assert "Fishing <code" in about
    assert "Fishing at sea." in about
    assert "From 2025" in about


def test_a_value_that_nobody_has_defined_says_so(reader):
    Industry.objects.create(code="fishing", label_en="fishing", position=99, first_year=2025)

    assert "No definition has been written yet." in part(page(reader), "industry")


def test_a_retired_value_stays_in_the_book_and_is_marked(reader):
    Industry.objects.filter(code="hospitality").update(last_year=2022)
    Industry.objects.filter(code="transport").update(last_year=2026)  # the present year: still in force

    about = as_one_line(part(page(reader), "industry"))
    assert "2022–2022 · retired" in about
    assert about.count("retired") == 1


# --- The code book of one year -------------------------------------------------------------------


def test_the_book_of_a_year_has_only_the_values_of_that_year(reader):
    Industry.objects.filter(code="hospitality").update(last_year=2022)
    Industry.objects.filter(code="transport").update(first_year=2024)

    def values(year: int) -> set[str]:
        return {"hospitality", "transport"} & set(codes(part(page(reader, year=year), "industry")))

    assert (values(2022), values(2023), values(2024)) == ({"hospitality"}, set(), {"transport"})


def test_a_variable_that_was_not_collected_in_the_year_says_so_and_has_no_values(reader):
    text = page(reader, year=2021)

    assert "<h1>Code book 2021</h1>" in text
    for row in VariableRow.objects.all():
        about = part(text, row.code)
        assert ("Not collected in 2021." in about) == (row.first_year > 2021), row
        assert row.first_year <= 2021 or codes(about) == [row.code]


def test_the_year_can_be_chosen_from_the_registers_first_to_the_present(reader):
    text = page(reader, year=2021)

    offered = re.findall(r'<option value="(\d*)"', text)
    assert offered == ["", *(str(year) for year in range(2026, 2017, -1))]
    assert '<option value="2021" selected>' in text


@pytest.mark.parametrize("year", ["2017", "2027", "x", "٢٠٢١", "-1", "2021.0", "9" * 5000, "\0", "<b>"])
def test_a_year_that_the_register_does_not_have_gets_words_and_the_whole_book(reader, year):
    text = page(reader, year=year)

    assert "There is no code book of that year. Choose a year from 2018 to 2026." in text
    assert "<h1>Code book</h1>" in text
    assert "Not collected in" not in text


@pytest.mark.parametrize("query", [{}, {"year": ""}])
def test_without_a_year_the_book_has_all_years(reader, query):
    text = page(reader, **query)

    assert "<h1>Code book</h1>" in text
    assert "There is no code book" not in text


def test_the_number_of_queries_does_not_grow_with_the_cases(reader):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            page(reader, year=2023)
        return len(asked)

    Case.objects.bulk_create(CaseFactory.build_batch(10))
    page(reader)  # what is loaded once and for all
    with_ten = queries()
    Case.objects.bulk_create(CaseFactory.build_batch(990))

    assert queries() == with_ten


# --- Who reads what, in which language -------------------------------------------------------------


@pytest.mark.parametrize("person", [ANALYST, COORDINATOR, ADMINISTRATOR])
def test_everybody_who_is_logged_in_reads_the_code_book_and_finds_it(request, person):
    client = logged_in(request.getfixturevalue(person), language="en")

    page(client)
    assert f'href="{reverse("codebook_read")}"' in page(client, "register_about")


def test_whoever_is_not_logged_in_reads_what_the_register_is_and_not_its_code_book(client):
    about = page(client, "register_about")

    assert reverse("codebook_read") not in about
    answer = client.get(reverse("codebook_read"))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_the_public_page_has_the_support_line_and_the_agency_and_loads_nothing_from_elsewhere(client):
    about = page(client, "register_about")

    assert 'href="tel:+4620390000">020-390' in about
    elsewhere = re.findall(r'(\w+)="https?://([^"]*)"', about)
    assert elsewhere == [("href", "jamstalldhetsmyndigheten.se/")]
    assert '<a href="https://jamstalldhetsmyndigheten.se/">' in about


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_code_book_is_in_the_readers_language(analyst, language):
    text = page(logged_in(analyst, language=language))

    other = {"sv": "en", "en": "sv"}[language]
    assert f'<html lang="{language}">' in text
    for model in (VariableRow, *LISTS.values()):
        for row in model.objects.all():
            assert getattr(row, f"definition_{language}") in text
            assert getattr(row, f"definition_{other}") not in text


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_public_page_is_in_the_readers_language(client, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    assert f'<html lang="{language}">' in page(client, "register_about")


@pytest.mark.parametrize("name", ["codebook_read", "register_about"])
def test_the_pages_are_only_read(reader, name):
    assert reader.post(reverse(name)).status_code == 405
