"""The words of the register as seeded: variables and values, their years, their order, both languages."""

import pytest
from django.utils import translation

from casereg.codebook import CodeBook
from casereg.models import ExploitationForm, Industry, Nationality
from casereg.stored_codebook import load_codebook
from casereg.vocabularies import AgeGroup, PersonGroup, Sex, person_group, swedish_order

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def codebook() -> CodeBook:
    return load_codebook()


def test_it_is_loaded_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        load_codebook()


def test_each_variable_has_its_first_year(codebook):
    assert {name: variable.first_year for name, variable in codebook.variables.items()} == {
        "region": 2018, "month": 2018, "assessment": 2018, "form": 2018, "sex": 2018, "age_group": 2018,
        "nationality": 2018, "referral_source": 2023, "joint_inspection": 2023, "industry": 2022,
        "children_in_sweden": 2022, "children_abroad": 2022, "incident": 2018,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "codes"),
    [
        ("region", "stockholm bergslagen nord mitt ost vast syd"),
        ("assessment", "trafficking exploitation"),
        ("form", "sexual labour criminality begging forced_marriage household organ_removal multiple other "
                 "unknown"),
        ("sex", "female male other unknown"),
        ("age_group", "adult minor unknown"),
        ("referral_source", "own_outreach migration_agency police social_services civil_society "
                            "self_referral other unknown"),
        ("joint_inspection", "yes no unknown"),
        ("industry", "green construction hospitality beauty car_wash cleaning transport manufacturing "
                     "other unknown"),
    ],
)  # fmt: skip
def test_the_values_stand_in_their_printed_order(codebook, variable, codes):
    assert list(codebook.terms[variable]) == codes.split()


@pytest.mark.parametrize("variable", ["form", "referral_source", "industry", "sex", "joint_inspection"])
def test_every_value_begins_with_its_variable_and_has_no_last_year(codebook, variable):
    years = {(term.first_year, term.last_year) for term in codebook.terms[variable].values()}

    assert years == {(codebook.variables[variable].first_year, None)}


def test_only_labour_asks_for_industry(codebook):
    assert [code for code in codebook.terms["form"] if codebook.asks_for_industry(code)] == ["labour"]
    assert not codebook.asks_for_industry("nothing of that name")


def test_nationalities_are_those_of_iso_and_kosovo_stateless_unknown(codebook):
    codes = list(codebook.terms["nationality"])

    assert len(codes) == 249 + 3
    assert set(codes[-2:]) == {"stateless", "unknown"}
    assert {"SE", "TH", "NG", "XK", "TW", "PS"} <= set(codes)
    assert all(len(code) == 2 and code.isupper() for code in codes[:-2])


def test_every_word_is_said_in_both_languages(codebook):
    words = [word for terms in codebook.terms.values() for word in terms.values()]
    words += codebook.variables.values()

    assert not [word for word in words if not (word.label_sv and word.label_en)]
    assert codebook.terms["form"]["forced_marriage"].label_sv == "tvångsäktenskap"
    assert codebook.terms["nationality"]["DE"].label_en == "Germany"


def test_a_label_follows_the_language_in_force(codebook):
    labels = {}
    for language in ("sv", "en"):
        with translation.override(language):
            labels[language] = codebook.label("region", "ost"), codebook.label("form", "begging")

    assert labels["sv"] == ("Öst", "tiggeri")
    assert labels["en"][1] == "begging"


def test_no_label_of_a_list_stands_twice():
    for model in (ExploitationForm, Industry, Nationality):
        labels = list(model.objects.values_list("label_sv", flat=True))
        assert len(labels) == len(set(labels))


def test_a_value_is_in_force_from_its_first_year_to_its_last():
    ExploitationForm.objects.create(code="lived", first_year=2024, last_year=2025, position=99)
    codebook = load_codebook()

    in_force = [
        year for year in range(2018, 2028) if "lived" in [t.code for t in codebook.in_force("form", year)]
    ]

    assert in_force == [2024, 2025]


def test_nothing_is_in_force_before_its_variable_is_collected(codebook):
    assert codebook.in_force("industry", 2021) == []
    assert len(codebook.in_force("industry", 2022)) == 10
    assert codebook.is_collected("children_abroad", 2022)
    assert not codebook.is_collected("children_abroad", 2021)


def test_every_sex_and_age_is_in_one_of_the_ten_person_groups():
    groups = [person_group(sex, age) for sex in Sex for age in AgeGroup]

    assert set(groups) == set(PersonGroup)
    assert person_group("female", "minor") == "girl"
    assert person_group("other", "unknown") == "other_sex"


def test_names_are_sorted_by_the_swedish_alphabet():
    names = ["Öst", "Åland", "Zambia", "Ärla", "Albanien", "Élise", "Ett", "Über", "Ytter"]

    assert sorted(names, key=swedish_order) == [
        "Albanien", "Élise", "Ett", "Über", "Ytter", "Zambia", "Åland", "Ärla", "Öst",
    ]  # fmt: skip
