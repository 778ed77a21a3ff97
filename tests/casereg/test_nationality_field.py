"""A nationality is typed: names in both languages and codes are found, and what is not is answered."""

import pytest
from django.utils import translation

from casereg.forms.nationality import Nationalities
from casereg.stored_codebook import load_codebook

pytestmark = pytest.mark.django_db


@pytest.fixture
def nationalities():
    return Nationalities(load_codebook().terms["nationality"])


def test_every_name_in_both_languages_and_every_code_is_found(nationalities):
    terms = load_codebook().terms["nationality"]

    for code, term in terms.items():
        for typed in (code, code.lower(), term.label_sv, term.label_sv.upper(), f"  {term.label_en} "):
            assert nationalities.find(typed) == code, typed


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("osterrike", "AT"),
        ("Germany", "DE"),
        ("tyskland", "DE"),
        ("okänd", "unknown"),
        ("Statslos", "stateless"),
    ],
)
def test_accents_and_case_do_not_matter(nationalities, typed, code):
    assert nationalities.find(typed) == code


@pytest.mark.parametrize("typed", ["", "Atlantis", "Tailand", "xx", "a" * 80])
def test_what_is_no_nationality_is_not_found(nationalities, typed):
    assert nationalities.find(typed) is None


def test_a_slip_is_answered_with_what_was_meant(nationalities):
    with translation.override("sv"):
        assert "Menade du Thailand?" in nationalities.why_not("Tailand")
        assert "Menade du Rumänien?" in nationalities.why_not("rumanein")
        assert "kod med två bokstäver" in nationalities.why_not("qqqqqq")


def test_what_is_proposed_is_taken_in_either_language(nationalities):
    for language in ("sv", "en"):
        with translation.override(language):
            for proposal in nationalities.proposals():
                assert nationalities.find(proposal.name), proposal


def test_the_other_language_s_name_is_proposed_too(nationalities):
    with translation.override("sv"):
        also = {proposal.name: proposal.also for proposal in nationalities.proposals()}

    assert also["Tyskland"] == "Germany · DE"
    assert also["Thailand"] == "TH"
    assert list(also)[:2] == ["Statslös", "Okänd"] or list(also)[:2] == ["Okänd", "Statslös"]
