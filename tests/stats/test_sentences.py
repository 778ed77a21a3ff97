"""The year in sentences: exact, plain, right in number, ties said as ties, each number with its figure."""

import re

import pytest
from django.utils import translation

from casereg.models import ExploitationForm, FormCorrespondence
from stats import registry
from stats.compute import compute_year, recorded_years
from stats.demo.loading import load_demo
from stats.sentences import LinkedNumber, year_in_sentences
from stats.sentences.parts import filled, listed, number, one_by_one, text_of
from stats.sentences.ranks import most_common, ranks
from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


def sentences(year, language="en", region_code=None):
    now = compute_year(year, region_code=region_code)
    before = (
        compute_year(year - 1, region_code=region_code) if year - 1 in recorded_years(region_code) else None
    )
    with translation.override(language):
        return [str(s) for section in year_in_sentences(now, before) for s in section.sentences]


def numbers_of(year, language="en"):
    now = compute_year(year)
    before = compute_year(year - 1) if year - 1 in recorded_years(None) else None
    with translation.override(language):
        sections = year_in_sentences(now, before)
    return [part for section in sections for sentence in section.sentences for part in sentence.parts
            if isinstance(part, LinkedNumber)]  # fmt: skip


def nationalities(**counts):
    for code, persons in counts.items():
        CaseFactory.create_batch(persons, nationality_id=code)


def older(**fields):
    """A case of 2022, when referral and joint inspection were not asked."""
    return CaseFactory(year=2022, referral_source_id=None, joint_inspection=None, **fields)


def test_the_findings_of_the_report_are_said():
    load_demo()
    said = sentences(2023)

    assert said[0] == (
        "In 2023, the regional coordinators came to know of 414 persons of whom there was reason to assume "
        "exposure to human trafficking or human exploitation."
    )
    assert "In 2023, the most common form of exploitation was labour: 189 persons." in said
    assert "By age: 374 adults, 35 minors and 5 of unknown age." in said
    assert "Minors by sex: 13 girls, 21 boys and 1 of unknown sex." in said
    assert "Of all persons exploited for labour in 2023, 30% were women and girls (57 of 189)." in said
    ranked = "Thailand (62), Romania (34), Ukraine (29) and with equal numbers Nigeria and Sweden (23 each)"
    assert f"In 2023, the five most common nationalities were {ranked}." in said
    assert "In 2023, the persons had 9 children in Sweden." in said
    assert "For 18 persons the industry is unknown." in said
    assert "For 37 persons the industry is not recorded." in said


def test_every_number_leads_to_a_figure_of_the_registry():
    load_demo()
    numbers = numbers_of(2023)

    assert len(numbers) > 40
    assert {part.figure for part in numbers} <= {entry.id for entry in registry.entries()}


def test_no_number_stands_outside_a_link_but_years():
    load_demo()
    now = compute_year(2023)
    with translation.override("en"):
        words = [part for section in year_in_sentences(now, None) for sentence in section.sentences
                 for part in sentence.parts if isinstance(part, str)]  # fmt: skip

    assert set(re.findall(r"\d+", " ".join(words))) == {"2022", "2023"}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_men_and_boys_rose_from_19_to_38_per_cent_cannot_be_said(language):
    """19 is of adult men and women, 38 too: of all persons men and boys are 24 and 39, and so it is said."""
    women, men, girls, boys = 202, 46, 23, 26
    last_year = {
        ("female", "adult"): women, ("male", "adult"): men, ("female", "minor"): girls,
        ("male", "minor"): boys, ("unknown", "unknown"): 1,
    }  # fmt: skip
    for (sex, age_group), persons in last_year.items():
        for _each in range(persons):
            older(sex=sex, age_group=age_group, industry_id=None)
    load = {("female", "adult"): 229, ("male", "adult"): 139, ("female", "minor"): 18, ("male", "minor"): 21}
    for (sex, age_group), persons in load.items():
        CaseFactory.create_batch(persons, sex=sex, age_group=age_group)
    CaseFactory.create_batch(7, sex="unknown", age_group="unknown")

    said = sentences(2023, language)
    about_shares = [each for each in said if "%" in each]

    shares = [re.findall(r"(\d+)\s?%", each) for each in about_shares]
    assert shares[:4] == [["38"], ["19"], ["39"], ["24"]]
    # Each of the two shares names its own denominator beside the per cent.
    assert re.search(r"139\D+368", about_shares[0])
    assert re.search(r"46\D+248", about_shares[1])
    assert re.search(r"160\D+414", about_shares[2])
    assert re.search(r"72\D+298", about_shares[3])


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (3, 1, "That is 2 more than in 2022 (1)."),
        (1, 3, "That is 2 fewer than in 2022 (3)."),
        (2, 2, "That is no change from 2022 (2)."),
    ],
)
def test_more_fewer_and_no_change(now, before, said):
    CaseFactory.create_batch(now)
    for _each in range(before):
        older()

    assert sentences(2023)[1] == said


def test_a_year_without_a_year_before_is_compared_with_nothing():
    CaseFactory()
    said = sentences(2023)

    assert said[1] == "The register has no cases of 2022, so nothing is compared with that year."
    assert not [each for each in said if "more than" in each or "no change" in each]


def test_one_person_is_singular():
    CaseFactory(children_in_sweden=1)
    said = sentences(2023)

    assert said[0].startswith("In 2023, the regional coordinators came to know of 1 person of whom")
    assert "By age: 1 adult, 0 minors and 0 of unknown age." in said
    assert "In 2023, the persons had 1 child in Sweden." in said
    assert "In 2023, the most common form of exploitation was labour: 1 person." in said
    assert "In 2023, the only nationality was Thailand (1)." in said


def test_what_was_not_collected_is_said_not_counted():
    older()
    CaseFactory(year=2021, referral_source_id=None, joint_inspection=None, industry_id=None,
                children_in_sweden=None, children_abroad=None)  # fmt: skip
    said = sentences(2021)

    assert "Identified in joint inspections, 2021: not collected that year." in said
    assert "Children in Sweden, 2021: not collected that year." in said
    assert "Persons exploited for labour, by industry and sex, 2021: not collected that year." in said
    assert not [each for each in sentences(2022) if "children" in each and "than in 2021" in each]


def test_an_unknown_number_of_children_is_said_of_persons():
    CaseFactory(children_in_sweden=None, children_in_sweden_unknown=True)
    CaseFactory.create_batch(2, children_abroad=None)
    said = sentences(2023)

    where = "for Sweden, for another country or both."
    assert f"For 1 person the number of children is unknown {where}" in said
    assert f"For 2 persons the number of children is not recorded {where}" in said


def test_zero_is_said_as_none_and_a_share_of_nobody_as_no_share():
    CaseFactory(sex="other", form_id="sexual", industry_id=None, children_abroad=0)
    said = sentences(2023)

    assert "In 2023, no persons were minors." in said
    assert "In 2023, the persons had no children in another country." in said
    assert "Of all persons in 2023, 0% were men and boys (0 of 1)." in said
    assert "Men, of adult men and women, 2023: there is no share, since nobody is in the denominator." in said


def test_two_forms_of_equal_numbers_are_both_the_most_common():
    CaseFactory.create_batch(2)
    CaseFactory.create_batch(2, form_id="begging", industry_id=None)

    most = (
        "In 2023, the most common forms of exploitation were, with equal numbers, labour and begging: "
        "2 persons each."
    )
    assert most in sentences(2023)


def test_a_value_that_took_another_in_is_not_compared_as_if_it_were_the_same(client, analyst):
    ExploitationForm.objects.filter(code="household").update(last_year=2022)
    FormCorrespondence.objects.create(source_id="household", target_id="labour", first_year=2023)
    older(sex="female", form_id="household", industry_id=None)
    older()
    CaseFactory(sex="female")
    client.force_login(analyst)
    client.cookies["django_language"] = "en"

    for address in ("/statistics/2023/sentences/", "/statistics/2023/"):
        page = client.get(address).content.decode()
        said = re.sub(r'<div class="table-notes">.*?</div>', "", page, flags=re.DOTALL)
        # Of the form, and of the share of women among labour cases.
        assert said.count("2023: “labour” stands for cases that before were “household work”, too.") == 2
    assert "stands for cases" not in client.get("/statistics/2022/sentences/").content.decode()


def test_an_unknown_form_is_never_the_most_common():
    CaseFactory.create_batch(3, form_id="unknown", industry_id=None)
    CaseFactory()
    said = sentences(2023)

    assert "In 2023, the most common form of exploitation was labour: 1 person." in said
    assert "For 3 persons the form of exploitation is unknown." in said


def test_every_sentence_of_a_region_that_names_its_year_names_the_region():
    CaseFactory.create_batch(2)
    CaseFactory(region_id="syd", sex="female")
    of_region, of_country = sentences(2023, region_code="nord"), sentences(2023)

    assert of_region[0].startswith("In 2023 in the region Nord, the regional coordinators came to know of 2")
    assert of_country[0].startswith("In 2023, the regional coordinators came to know of 3 persons")
    naming = [each for each in of_region if "2023" in each]
    assert len(naming) > 12
    assert [each for each in naming if "2023 in the region Nord" not in each] == []
    assert not [each for each in of_country if "region Nord" in each]


def test_a_year_that_goes_on_says_so_in_each_sentence_and_compares_with_a_whole_year():
    CaseFactory.create_batch(3, year=2025)
    CaseFactory(year=2026, month=1)
    said = sentences(2026)

    assert said[0].startswith("In 2026 so far, the regional coordinators came to know of 1 person of whom")
    assert said[1] == "That is 2 fewer than in the whole of 2025 (3)."
    assert "For labour that is 2 fewer than in the whole of 2025 (3)." in said
    assert [each for each in said if "2026" in each and "2026 so far" not in each] == []
    assert not [each for each in sentences(2025) if "so far" in each or "the whole of" in each]
    of_region = sentences(2026, region_code="nord")
    assert of_region[0].startswith("In 2026 so far in the region Nord, ")


def test_where_nothing_is_known_of_anybody_that_is_said():
    CaseFactory(form_id="unknown", nationality_id="unknown", age_group="minor", industry_id=None)
    said = sentences(2023)

    assert said.count("For 1 person the form of exploitation is unknown.") == 2  # of all persons, of minors
    assert "For 1 person the nationality is unknown." in said


def test_a_joint_inspection_of_which_nothing_was_recorded_is_no_zero():
    CaseFactory.create_batch(2, joint_inspection=None)
    CaseFactory(joint_inspection="unknown")
    said = sentences(2023)

    assert "In 2023, no persons were identified in joint inspections." in said
    assert "For 1 person it is unknown whether they were identified in a joint inspection." in said
    assert "For 2 persons it is not recorded whether they were identified in a joint inspection." in said


def test_all_that_tie_for_the_fifth_place_are_named_in_the_order_of_their_swedish_names():
    nationalities(TH=6, RO=5, UA=4, SE=3, AT=2, NG=2, AE=2, BG=1, unknown=9)
    said = sentences(2023)

    # Förenade Arabemiraten, Nigeria, Österrike
    ranked = (
        "Thailand (6), Romania (5), Ukraine (4), Sweden (3) and with equal numbers United Arab Emirates, "
        "Nigeria and Austria (2 each)"
    )
    assert f"In 2023, the five most common nationalities were {ranked}." in said
    assert "That names 7, since those last named have equal numbers." in said
    assert "For 9 persons the nationality is unknown." in said


def test_equal_counts_share_a_rank():
    ranked = ranks({"b": 3, "a": 3, "c": 2, "d": 1, "e": 0}, swedish_key=str)

    assert [(rank.place, rank.codes) for rank in ranked] == [(1, ("a", "b")), (3, ("c",)), (4, ("d",))]
    assert [rank.place for rank in most_common(ranked, 3)] == [1, 3]


def test_lists_have_an_and_before_the_last():
    with translation.override("en"):
        items = [number(n, "persons") for n in (1, 2, 3)]
        assert text_of(listed(items)) == "1, 2 and 3"
        assert text_of(listed(items[:1])) == "1"
        assert text_of(listed([])) == ""
        assert text_of(one_by_one(items)) == "1; 2; 3"


def test_a_place_that_nothing_fills_is_an_error():
    with pytest.raises(KeyError):
        filled("{count} of {whole}", {"count": "1"})


def test_the_page_links_each_number_to_its_definition(client, analyst):
    CaseFactory.create_batch(1000)
    client.force_login(analyst)
    swedish = client.get("/statistics/2023/sentences/").content.decode()
    client.cookies["django_language"] = "en"
    english = client.get("/statistics/2023/sentences/").content.decode()

    assert '<a href="/statistics/2023/figures/key-persons/">1\N{NO-BREAK SPACE}000</a>' in swedish
    assert '<a href="/statistics/2023/figures/key-persons/">1,000</a>' in english
    assert '<a href="/statistics/2023/figures/key-men_share_of_adults/">100%</a>' in english


def test_sentences_of_a_year_that_goes_on_say_so(client, analyst):
    CaseFactory()
    CaseFactory(year=2026, month=1)
    client.force_login(analyst)

    assert "Intern, pågående år" in client.get("/statistics/2026/sentences/").content.decode()
    assert "pågående år" not in client.get("/statistics/2023/sentences/").content.decode()


def test_a_coordinator_reads_the_own_region_in_sentences(client, coordinator_nord):
    CaseFactory.create_batch(2, region_id="nord")
    CaseFactory.create_batch(5, region_id="syd", nationality_id="UA")
    client.force_login(coordinator_nord)

    page = client.get("/statistics/2023/sentences/").content.decode()

    assert 'key-persons/">2</a>' in page
    assert "Ukraina" not in page
