"""The code lists are changed with the years: every rule of every change, and no case ever touched."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from casereg.actions.cases import register_case
from casereg.actions.code_lists import (
    ListChangeRefused,
    ListHasChanged,
    NewTerm,
    add_term,
    change_form_rules,
    change_wording,
    delete_term,
    list_mark,
    merge_terms,
    move_term,
    reopen_term,
    retire_term,
    split_term,
    tried_out,
    unchanged_since,
    use_by_year,
    ways_to_end,
    words_before,
)
from casereg.models import (
    AuditEvent,
    Case,
    CaseHistory,
    ExploitationForm,
    FormCorrespondence,
    Industry,
    IndustryCorrespondence,
    ReferralSource,
    TermHistory,
)
from casereg.stored_codebook import load_codebook, load_correspondences
from stats.counted_before import counts_version
from tests.conftest import NOW
from tests.databases import everything_stored, nothing_changes
from tests.factories import CaseFactory
from tests.records import content

THIS_YEAR, NEXT_YEAR, LAST_YEAR = NOW.year, NOW.year + 1, NOW.year - 1
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def new(code: str = "surrogacy", **words) -> NewTerm:
    said = {
        "label_sv": f"{code} på svenska",
        "label_en": f"{code} in English",
        "definition_sv": "Vad det är.",
        "definition_en": "What it is.",
    }
    return NewTerm(code=code, **said | words)


def refusal(change) -> dict[str, str]:
    """By field what the change is refused for; nothing is stored."""
    before = everything_stored()
    with pytest.raises(ListChangeRefused) as refused, transaction.atomic():
        change()
    assert everything_stored() == before
    return {finding.variable: str(finding.problem) for finding in refused.value.findings}


def codes(model) -> list[str]:
    return list(model.objects.order_by("position").values_list("pk", flat=True))


def latest_event() -> tuple[str, str, list[str]]:
    return AuditEvent.objects.order_by("sequence").values_list("action", "object", "fields").last()


def add(code="surrogacy", year=THIS_YEAR, variable="form", *, by, **words):
    add_term(variable=variable, term=new(code, **words), first_year=year, by=by)


def split(code, into, year=NEXT_YEAR, variable="industry", existing=(), *, by):
    added = [new(target) for target in into]
    split_term(variable=variable, code=code, existing=existing, new=added, first_year=year, by=by)


def merge(sources, into, year=NEXT_YEAR, variable="industry", *, by):
    existing = into if isinstance(into, str) else ""
    added = None if isinstance(into, str) else into
    merge_terms(variable=variable, codes=sources, existing=existing, new=added, first_year=year, by=by)


# --- Add -----------------------------------------------------------------------------------------


def test_an_added_form_has_its_words_years_and_rules_and_stands_before_other(administrator):
    term = new("surrogacy", asks_for_industry=True, covered_by_exploitation=False)

    add_term(variable="form", term=term, first_year=NEXT_YEAR, by=administrator)

    stored = ExploitationForm.objects.get(pk="surrogacy")
    assert (stored.label_sv, stored.definition_en) == ("surrogacy på svenska", "What it is.")
    assert (stored.first_year, stored.last_year) == (NEXT_YEAR, None)
    assert (stored.asks_for_industry, stored.covered_by_exploitation) == (True, False)
    assert codes(ExploitationForm)[-4:] == ["multiple", "surrogacy", "other", "unknown"]
    assert latest_event() == ("term_add", "form surrogacy", [])


@pytest.mark.parametrize(("variable", "model"), [("industry", Industry), ("referral_source", ReferralSource)])
def test_every_list_takes_a_new_value(administrator, variable, model):
    add("new", variable=variable, by=administrator)

    assert codes(model)[-3:] == ["new", "other", "unknown"]
    assert load_codebook().terms[variable]["new"].is_in_force(THIS_YEAR)


@pytest.mark.parametrize(
    "code", ["", "Mine", "två", "a-b", "a" * 41, "not_recorded", "_t", "_", "labour", "unknown", "x1", "a\n"]
)
def test_a_code_is_new_and_small_and_none_that_tables_print(administrator, code):
    assert "code" in refusal(lambda: add(code, by=administrator))


@pytest.mark.parametrize("year", [2017, 2018, LAST_YEAR, THIS_YEAR + 2])
def test_no_value_begins_in_a_year_that_is_over_or_far_off(administrator, year):
    assert "first_year" in refusal(lambda: add(year=year, by=administrator))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("label_sv", ""),
        ("label_en", "x" * 81),
        ("label_sv", "Arbetskraft"),  # as labour, but for a capital
        ("label_en", "labour"),
        ("definition_sv", " "),
        ("definition_en", "Ask at 070-123 45 67"),
    ],
)
def test_words_are_there_are_short_are_nobody_else_s_and_name_no_person(administrator, field, text):
    assert set(refusal(lambda: add(**{field: text}, by=administrator))) == {field}


def test_a_label_of_80_characters_is_taken(administrator):
    add(label_sv="å" * 80, by=administrator)

    assert ExploitationForm.objects.get(pk="surrogacy").label_sv == "å" * 80


# --- Words ---------------------------------------------------------------------------------------


def reword(by, *, same_meaning, code="labour", **words):
    stored = ExploitationForm.objects.get(pk=code)
    said = {
        name: getattr(stored, name) for name in ("label_sv", "label_en", "definition_sv", "definition_en")
    }
    change_wording(variable="form", code=code, **said | words, same_meaning=same_meaning, by=by)


def test_the_words_of_a_used_value_are_corrected_when_the_meaning_is_said_to_stay(administrator):
    CaseFactory(form_id="labour")
    assert "same_meaning" in refusal(
        lambda: reword(administrator, label_en="forced labour", same_meaning=False)
    )

    reword(administrator, label_en="forced labour", same_meaning=True)

    assert ExploitationForm.objects.get(pk="labour").label_en == "forced labour"
    [before] = words_before("form", "labour")
    assert (before.label_en, before.by, before.at.date()) == ("labour", administrator, NOW.date())
    assert latest_event() == ("term_change", "form labour", ["label_en"])


def test_a_value_that_only_a_history_has_is_used_too(administrator, coordinator_nord):
    case = CaseFactory(form_id="labour")
    CaseHistory.objects.create(
        case=case,
        region=case.region,
        at=NOW,
        by=coordinator_nord,
        action="amend",
        changes={"form": ["begging", "labour"]},
    )

    assert "same_meaning" in refusal(
        lambda: reword(administrator, code="begging", label_en="alms", same_meaning=False)
    )


def test_the_words_of_an_unused_value_are_changed_without_a_word(administrator):
    reword(administrator, code="organ_removal", definition_en="Another text.", same_meaning=False)

    assert ExploitationForm.objects.get(pk="organ_removal").definition_en == "Another text."


def test_the_same_words_leave_no_trace(administrator):
    with nothing_changes():
        reword(administrator, same_meaning=True)


def test_a_correction_takes_no_label_of_another_value(administrator):
    assert set(
        refusal(lambda: reword(administrator, label_sv="Tiggeri", label_en="", same_meaning=True))
    ) == {"label_sv", "label_en"}


@pytest.mark.parametrize("change", [{"label_sv": "x"}, None])
def test_what_a_value_said_before_is_neither_changed_nor_taken_away(administrator, change):
    reword(administrator, code="organ_removal", label_sv="organ", same_meaning=True)
    rows = TermHistory.objects.all()

    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(**change) if change else rows.delete()


def test_what_is_asked_with_a_form_can_change_until_somebody_has_it(administrator):
    change_form_rules(
        code="organ_removal", asks_for_industry=True, covered_by_exploitation=None, by=administrator
    )
    stored = ExploitationForm.objects.get(pk="organ_removal")
    assert (stored.asks_for_industry, stored.covered_by_exploitation) == (True, None)

    CaseFactory(form_id="organ_removal", withdrawn_at=NOW)
    assert "asks_for_industry" in refusal(
        lambda: change_form_rules(
            code="organ_removal", asks_for_industry=False, covered_by_exploitation=None, by=administrator
        )
    )


# --- Retire and reopen ---------------------------------------------------------------------------


@pytest.mark.parametrize("last", [LAST_YEAR, THIS_YEAR])
def test_a_retired_value_has_a_last_year_and_can_be_opened_again(administrator, last):
    CaseFactory(industry_id="beauty", year=2023)

    retire_term(variable="industry", code="beauty", last_year=last, by=administrator)
    assert Industry.objects.get(pk="beauty").last_year == last
    assert latest_event() == ("term_retire", "industry beauty", [f"until {last}"])

    reopen_term(variable="industry", code="beauty", by=administrator)
    assert Industry.objects.get(pk="beauty").last_year is None
    assert latest_event()[0] == "term_reopen"


def test_a_value_that_later_records_have_is_not_retired_and_the_refusal_says_how_many(administrator):
    CaseFactory.create_batch(2, year=THIS_YEAR, industry_id="beauty")
    CaseFactory(year=THIS_YEAR, industry_id="beauty", withdrawn_at=NOW)
    CaseFactory(year=2023, industry_id="beauty")

    said = refusal(
        lambda: retire_term(variable="industry", code="beauty", last_year=LAST_YEAR, by=administrator)
    )

    assert f"has 3 records of {THIS_YEAR}, which keep it." in said["last_year"]
    assert f"Choose {THIS_YEAR} as the last year." in said["last_year"]
    assert "2023" not in said["last_year"]
    retire_term(variable="industry", code="beauty", last_year=THIS_YEAR, by=administrator)


def test_a_value_says_which_years_it_can_end_with_and_otherwise_why_not(administrator):
    def ways(code):
        found = ways_to_end("industry", code)
        return (found.last_years, found.first_years, found.may_reopen, found.problem)

    CaseFactory(year=THIS_YEAR, industry_id="green")
    CaseFactory(year=2023, industry_id="beauty")
    assert ways("green") == ([THIS_YEAR], [NEXT_YEAR], False, "")
    assert ways("beauty") == ([LAST_YEAR, THIS_YEAR], [THIS_YEAR, NEXT_YEAR], False, "")

    retire_term(variable="industry", code="beauty", last_year=THIS_YEAR, by=administrator)
    split("green", ["berries", "forest"], by=administrator)
    Industry.objects.filter(pk="cleaning").update(last_year=2024)

    assert ways("beauty") == ([], [NEXT_YEAR], True, "")
    assert ways("green") == ([], [], True, "")
    split("construction", ["houses", "roads"], year=THIS_YEAR, by=administrator)
    assert ways("construction") == ([], [], False, "Other values came in its place. It stays as it is.")
    assert ways("berries") == (
        [], [], False, f"“berries in English” begins in {NEXT_YEAR}: before that it cannot end."
    )  # fmt: skip
    *nothing, problem = ways("cleaning")
    assert nothing == [[], [], False]
    assert problem.startswith("It has not been in the list since 2024")
    *nothing, problem = ways("unknown")
    assert nothing == [[], [], False]
    assert problem.startswith("“Unknown” stays")


@pytest.mark.parametrize("last", [2018, 2024, THIS_YEAR + 1])
def test_a_value_is_not_retired_in_years_that_are_over_or_to_come(administrator, last):
    assert "last_year" in refusal(
        lambda: retire_term(variable="form", code="begging", last_year=last, by=administrator)
    )


def test_a_value_that_has_not_begun_does_not_end(administrator):
    add(year=NEXT_YEAR, by=administrator)

    assert (
        "begins in"
        in refusal(
            lambda: retire_term(variable="form", code="surrogacy", last_year=THIS_YEAR, by=administrator)
        )["last_year"]
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda by: retire_term(variable="form", code="unknown", last_year=THIS_YEAR, by=by),
        lambda by: split("unknown", ["a", "b"], by=by),
        lambda by: merge(["unknown", "other"], "other", by=by),
        lambda by: delete_term(variable="form", code="unknown", by=by),
    ],
    ids=["retire", "split", "merge", "delete"],
)
def test_unknown_stays_in_every_list(administrator, change):
    assert "Unknown" in " ".join(refusal(lambda: change(administrator)).values())


def test_a_value_that_has_been_away_for_a_year_does_not_come_back(administrator):
    ExploitationForm.objects.filter(pk="begging").update(last_year=2024)

    assert "2024" in refusal(lambda: reopen_term(variable="form", code="begging", by=administrator))[""]


@pytest.mark.parametrize("variable", ["industry", "form"])
def test_a_split_that_has_not_begun_is_undone_and_its_new_values_can_be_deleted(administrator, variable):
    model = {"industry": Industry, "form": ExploitationForm}[variable]
    code = {"industry": "green", "form": "begging"}[variable]
    before = list(model.objects.values())
    split(code, ["aa", "bb"], variable=variable, existing=["other"], by=administrator)

    reopen_term(variable=variable, code=code, by=administrator)

    assert model.objects.get(pk=code).last_year is None
    assert not [line for line in load_correspondences() if line.variable == variable]
    gone = [f"instead of {variable} {target}" for target in ("aa", "bb", "other")]
    assert latest_event() == ("term_reopen", f"{variable} {code}", [*gone, "last_year"])
    for added in ("aa", "bb"):
        delete_term(variable=variable, code=added, by=administrator)
    assert [row | {"position": 0} for row in model.objects.values()] == [
        row | {"position": 0} for row in before
    ]


def test_of_a_merger_that_has_not_begun_one_value_is_taken_back_and_the_other_goes_up_in_it(administrator):
    merge(["beauty", "cleaning"], new("care"), by=administrator)

    reopen_term(variable="industry", code="beauty", by=administrator)

    assert list(IndustryCorrespondence.objects.values_list("source", "target")) == [("cleaning", "care")]
    assert Industry.objects.get(pk="beauty").last_year is None
    assert Industry.objects.get(pk="cleaning").last_year == THIS_YEAR


def test_what_a_record_of_that_year_has_is_not_undone(administrator):
    split("green", ["berries", "forest"], by=administrator)
    CaseFactory(year=NEXT_YEAR, industry_id="forest")  # by a clock that goes wrong

    assert refusal(lambda: reopen_term(variable="industry", code="green", by=administrator))


def test_a_value_in_whose_place_others_came_does_not_come_back(administrator):
    split("green", ["berries", "forest"], year=THIS_YEAR, by=administrator)

    assert refusal(lambda: reopen_term(variable="industry", code="green", by=administrator))
    assert refusal(
        lambda: retire_term(variable="industry", code="green", last_year=THIS_YEAR, by=administrator)
    )


# --- Split and merge -----------------------------------------------------------------------------


def test_a_split_retires_the_source_and_says_what_it_became(administrator):
    CaseFactory(industry_id="green")

    split("green", ["berries", "forest"], existing=["other"], by=administrator)

    assert Industry.objects.get(pk="green").last_year == THIS_YEAR
    assert Industry.objects.get(pk="berries").first_year == NEXT_YEAR
    assert codes(Industry)[:4] == ["green", "berries", "forest", "construction"]
    assert sorted(IndustryCorrespondence.objects.values_list("source", "target", "first_year")) == [
        ("green", "berries", NEXT_YEAR),
        ("green", "forest", NEXT_YEAR),
        ("green", "other", NEXT_YEAR),
    ]
    assert Case.objects.get().industry_id == "green"
    assert latest_event() == (
        "term_split",
        "industry green",
        [f"from {NEXT_YEAR}", "into industry berries", "into industry forest", "into industry other"],
    )


def test_several_values_are_merged_into_a_new_one(administrator):
    merge(["construction", "cleaning"], new("trades"), year=THIS_YEAR, by=administrator)

    assert set(Industry.objects.filter(last_year=LAST_YEAR).values_list("pk", flat=True)) == {
        "construction",
        "cleaning",
    }
    assert Industry.objects.get(pk="trades").first_year == THIS_YEAR
    assert IndustryCorrespondence.objects.filter(target="trades").count() == 2
    assert latest_event() == (
        "term_merge",
        "industry trades",
        [f"from {THIS_YEAR}", "of industry cleaning", "of industry construction"],
    )


def test_values_are_merged_into_one_of_the_list_which_goes_on(administrator):
    CaseFactory(industry_id="other", year=THIS_YEAR)

    merge(["beauty", "other"], "other", year=THIS_YEAR, by=administrator)

    assert Industry.objects.get(pk="other").last_year is None
    assert list(IndustryCorrespondence.objects.values_list("source", "target")) == [("beauty", "other")]


def test_a_value_that_records_of_that_year_have_is_neither_split_nor_merged(administrator):
    CaseFactory.create_batch(2, year=THIS_YEAR, industry_id="green", withdrawn_at=NOW)

    of_split = refusal(lambda: split("green", ["a", "b"], year=THIS_YEAR, by=administrator))
    of_merge = refusal(lambda: merge(["green", "other"], "other", year=THIS_YEAR, by=administrator))

    assert f"2 records of {THIS_YEAR}" in of_split["first_year"]
    assert f"2 records of {THIS_YEAR}" in of_merge["first_year"]
    assert f"Choose {NEXT_YEAR}, the first year in which no record has it." in of_split["first_year"]
    split("green", ["a", "b"], year=NEXT_YEAR, by=administrator)


@pytest.mark.parametrize("year", [2019, LAST_YEAR, THIS_YEAR + 2])
def test_what_comes_in_place_of_a_value_begins_this_year_or_next(administrator, year):
    assert set(refusal(lambda: split("green", ["a", "b"], year=year, by=administrator))) == {"first_year"}


def test_a_split_names_two_values_or_more(administrator):
    assert "existing" in refusal(lambda: split("green", ["a"], by=administrator))
    assert "existing" in refusal(lambda: split("green", ["a"], existing=["green"], by=administrator))


def test_a_merger_names_two_values_and_one_that_comes_in_their_place(administrator):
    assert "codes" in refusal(lambda: merge(["green"], new("a"), by=administrator))
    assert "codes" in refusal(lambda: merge(["green"], "green", by=administrator))
    for existing, added in [("", None), ("other", new("a"))]:
        assert "existing" in refusal(
            lambda existing=existing, added=added: merge_terms(
                variable="industry",
                codes=["green", "beauty"],
                existing=existing,
                new=added,
                first_year=NEXT_YEAR,
                by=administrator,
            )
        )


def test_new_values_of_a_split_are_held_against_each_other(administrator):
    terms = [new("a"), new("a", label_sv="b på svenska")]

    said = refusal(
        lambda: split_term(
            variable="industry", code="green", existing=[], new=terms, first_year=NEXT_YEAR, by=administrator
        )
    )

    assert set(said) == {"new_1-code", "new_1-label_en", "existing"}


def test_years_of_what_goes_and_what_comes_must_meet(administrator):
    Industry.objects.filter(pk="green").update(last_year=2024)
    add("late", year=NEXT_YEAR, variable="industry", by=administrator)

    assert "2024" in refusal(lambda: split("green", ["a", "b"], by=administrator))["first_year"]
    assert "existing" in refusal(lambda: merge(["beauty"], "late", year=THIS_YEAR, by=administrator))
    assert "existing" in refusal(lambda: merge(["beauty"], "green", by=administrator))
    assert "first_year" in refusal(lambda: split("late", ["a", "b"], by=administrator))


def test_a_value_that_another_becomes_that_year_is_not_replaced_in_the_same_year(administrator):
    merge(["beauty"], "other", by=administrator)

    assert "first_year" in refusal(lambda: split("other", ["a", "b"], by=administrator))


def test_no_chain_turns_back_on_itself(administrator):
    """The years alone forbid it; a list that was changed by hand does not get round either."""
    merge(["beauty", "cleaning"], new("care"), year=THIS_YEAR, by=administrator)
    Industry.objects.filter(pk="beauty").update(last_year=None)

    with time_machine.travel(datetime(NEXT_YEAR, 6, 1, tzinfo=UTC)):
        said = refusal(lambda: merge(["care"], "beauty", year=NEXT_YEAR, by=administrator))

    assert "became" in said["existing"]


def test_a_value_retired_the_year_before_can_be_said_to_have_become_others(administrator):
    retire_term(variable="industry", code="green", last_year=THIS_YEAR, by=administrator)

    split("green", ["berries", "forest"], year=NEXT_YEAR, by=administrator)

    assert IndustryCorrespondence.objects.filter(source="green").count() == 2


def test_forms_keep_their_own_rules_when_they_are_split(administrator):
    terms = [new("a", asks_for_industry=True), new("b", covered_by_exploitation=True)]

    split_term(variable="form", code="labour", existing=[], new=terms, first_year=NEXT_YEAR, by=administrator)

    assert ExploitationForm.objects.get(pk="a").asks_for_industry
    assert ExploitationForm.objects.get(pk="b").covered_by_exploitation is True
    assert FormCorrespondence.objects.count() == 2


# --- Delete and move -----------------------------------------------------------------------------


def test_a_value_added_by_mistake_is_deleted(administrator):
    add(by=administrator)

    delete_term(variable="form", code="surrogacy", by=administrator)

    assert not ExploitationForm.objects.filter(pk="surrogacy").exists()
    assert latest_event() == ("term_delete", "form surrogacy", [])


def test_a_value_that_was_in_the_list_of_a_year_that_is_over_is_not_deleted(administrator):
    """Nobody has it, but the tables of that year count it with 0."""
    assert "2018" in refusal(lambda: delete_term(variable="form", code="organ_removal", by=administrator))[""]


@pytest.mark.parametrize("used_by", ["a case", "a withdrawn case", "a history", "a merger"])
def test_a_value_in_use_is_not_deleted(administrator, coordinator_nord, used_by):
    add(year=THIS_YEAR, by=administrator)
    if used_by == "a merger":
        merge(["begging"], "surrogacy", year=NEXT_YEAR, variable="form", by=administrator)
    elif used_by == "a history":
        case = CaseFactory(year=THIS_YEAR)
        changes = {"form": ["surrogacy", "labour"]}
        CaseHistory.objects.create(
            case=case, region=case.region, at=NOW, by=coordinator_nord, action="amend", changes=changes
        )
    else:
        withdrawn_at = NOW if used_by == "a withdrawn case" else None
        CaseFactory(year=THIS_YEAR, form_id="surrogacy", industry_id=None, withdrawn_at=withdrawn_at)

    assert refusal(lambda: delete_term(variable="form", code="surrogacy", by=administrator))


def test_a_value_moves_up_and_down_and_stops_at_the_ends(administrator):
    before = codes(ExploitationForm)

    move_term(variable="form", code="labour", up=True, by=administrator)
    assert codes(ExploitationForm)[:2] == ["labour", "sexual"]
    assert latest_event() == ("term_move", "form labour", ["position"])
    with nothing_changes():
        move_term(variable="form", code="labour", up=True, by=administrator)
        move_term(variable="form", code="unknown", up=False, by=administrator)
    move_term(variable="form", code="labour", up=False, by=administrator)

    assert codes(ExploitationForm) == before
    assert list(load_codebook().terms["form"]) == before


# --- Who, how often, how far ---------------------------------------------------------------------

CHANGES = {
    "add": lambda by: add(by=by),
    "change": lambda by: reword(by, label_en="x", same_meaning=True),
    "rules": lambda by: change_form_rules(
        code="begging", asks_for_industry=True, covered_by_exploitation=None, by=by
    ),
    "retire": lambda by: retire_term(variable="form", code="begging", last_year=THIS_YEAR, by=by),
    "split": lambda by: split("green", ["a", "b"], by=by),
    "merge": lambda by: merge(["green"], "other", by=by),
    "move": lambda by: move_term(variable="form", code="begging", up=True, by=by),
}


@pytest.mark.parametrize("who", ["coordinator_nord", "analyst"])
@pytest.mark.parametrize(
    "change",
    [
        *CHANGES.values(),
        lambda by: reopen_term(variable="form", code="begging", by=by),
        lambda by: delete_term(variable="form", code="begging", by=by),
    ],
)
def test_only_an_administrator_changes_a_list(request, who, change):
    user = request.getfixturevalue(who)

    with nothing_changes(), pytest.raises(PermissionDenied):
        change(user)


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_change_leaves_one_event_moves_the_version_and_touches_no_case(administrator, change):
    CaseFactory(year=2023)
    cases, events, version = list(Case.objects.values()), AuditEvent.objects.count(), counts_version()

    change(administrator)

    assert list(Case.objects.values()) == cases
    assert AuditEvent.objects.count() == events + 1
    assert int(counts_version()) > int(version)


@pytest.mark.parametrize("change", [CHANGES["add"], CHANGES["split"]], ids=["add", "split"])
def test_a_change_that_is_tried_out_is_seen_inside_and_gone_afterwards(administrator, change):
    terms = len(load_codebook().terms["form"]) + len(load_codebook().terms["industry"])

    with nothing_changes(), tried_out():
        change(administrator)
        assert len(load_codebook().terms["form"]) + len(load_codebook().terms["industry"]) > terms


def test_a_list_or_a_number_that_changed_meanwhile_stops_what_was_shown(administrator):
    def save(mark):
        with transaction.atomic(), unchanged_since("industry", mark):
            split("green", ["a", "b"], by=administrator)

    before_case = list_mark("industry")
    case = CaseFactory(year=2023, industry_id="beauty")
    before_move = list_mark("industry")
    move_term(variable="industry", code="beauty", up=True, by=administrator)
    for mark in (before_case, before_move):
        with nothing_changes(), pytest.raises(ListHasChanged):
            save(mark)
    case.refresh_from_db()

    save(list_mark("industry"))

    assert Industry.objects.filter(pk="a").exists()


def test_a_value_or_a_list_that_is_not_there_is_not_found(administrator):
    with pytest.raises(ObjectDoesNotExist):
        move_term(variable="form", code="nowhere", up=True, by=administrator)
    with pytest.raises(ObjectDoesNotExist):
        move_term(variable="sex", code="female", up=True, by=administrator)
    with pytest.raises(ObjectDoesNotExist):
        merge(["green", "nowhere"], "other", by=administrator)


def test_use_counts_standing_and_withdrawn_records_by_year_in_one_query(django_assert_num_queries):
    CaseFactory.create_batch(2, year=2023, industry_id="green")
    CaseFactory(year=2023, industry_id="green", withdrawn_at=NOW)
    CaseFactory(year=2024, industry_id="green")
    CaseFactory(year=2024, industry_id=None)

    with django_assert_num_queries(1):
        assert use_by_year("industry") == {"green": {2023: 3, 2024: 1}}


@pytest.mark.parametrize("change", [CHANGES["split"], CHANGES["retire"]], ids=["split", "retire"])
def test_a_change_takes_as_many_queries_however_many_records_there_are(administrator, change):
    def queries() -> int:
        with tried_out(), CaptureQueriesContext(connection) as asked:
            change(administrator)
        return len(asked)

    few = queries()
    for year in range(2023, THIS_YEAR + 1):
        CaseFactory.create_batch(5, year=year)

    assert queries() == few


def test_a_new_value_is_registered_in_its_years_and_a_retired_one_no_more(administrator, coordinator_nord):
    split("begging", ["street", "doors"], year=THIS_YEAR, variable="form", by=administrator)

    def register(form, month):
        said = content(form=form, month=month, industry="", incident="")
        return register_case(region_code="nord", content=said, by=coordinator_nord)

    register("street", f"{THIS_YEAR}-02")
    register("begging", f"{LAST_YEAR}-02")
    for form, year in [("street", LAST_YEAR), ("begging", THIS_YEAR)]:
        with pytest.raises(Exception, match="form"):
            register(form, f"{year}-02")
