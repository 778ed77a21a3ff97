"""An administrator changes the lists on pages that show what a change does, and then save just that."""

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casereg.actions.code_lists import NewTerm, split_term
from casereg.models import AuditEvent, ExploitationForm, Industry, IndustryCorrespondence, TermHistory
from stats.demo.published import published_history
from stats.models import PublishedCount
from tests.conftest import NOW
from tests.databases import everything_stored
from tests.factories import CaseFactory
from tests.page_forms import form_with
from tests.records import fields_of

THIS_YEAR, NEXT_YEAR, LAST_YEAR = NOW.year, NOW.year + 1, NOW.year - 1
WORDS = {
    "label_sv": "på svenska",
    "label_en": "in English",
    "definition_sv": "Vad det är.",
    "definition_en": "What it is.",
}
SPLIT = ("term_split", "industry", "green")
MERGE = ("term_merge", "industry")
pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client, administrator) -> Client:
    client.force_login(administrator)
    client.cookies["django_language"] = "en"
    return client


def new_values(*codes: str) -> dict[str, str]:
    """As a browser sends them from a form that asks for several."""
    fields = {}
    for place, code in enumerate(codes):
        words = WORDS | {"label_sv": f"{code} på svenska", "label_en": f"{code} in English"}
        fields |= {f"new_{place}-{name}": text for name, text in (words | {"code": code}).items()}
    return fields


def address(name: str, *arguments: str) -> str:
    return reverse(name, args=arguments)


def preview(admin, page, sent):
    """The page with the preview; nothing is stored but the session."""
    before = stored()
    answer = admin.post(address(*page), sent | {"preview": ""})
    assert answer.context["preview"] is not None, answer.context["form"].errors
    assert stored() == before
    return answer


def save(admin, page, shown, **changes):
    """Press the button under a preview."""
    fields = form_with(shown.content.decode(), "mark")
    return admin.post(address(*page), fields | {"save": ""} | changes)


def stored():
    tables = everything_stored()
    return {name: rows for name, rows in tables.items() if not name.startswith("django_session")}


def text_of(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())).split())


def row(table, label):
    """The numbers of a printed table's row."""
    [found] = [row for row in table.rows if row.label == label]
    return [cell.text for cell in found.cells]


# --- The lists -----------------------------------------------------------------------------------


def test_the_list_of_lists_leads_to_each_with_its_number_of_values(admin):
    Industry.objects.filter(pk="beauty").update(last_year=2024)

    answer = admin.get(address("codelist_list"))

    counted = {variable.code: (now, ever) for variable, now, ever in answer.context["lists"]}
    assert counted == {"form": (10, 10), "referral_source": (8, 8), "industry": (9, 10)}
    for code in counted:
        assert f'href="{address("codelist_read", code)}"' in answer.content.decode()


def test_a_list_has_its_values_in_order_with_their_years_and_records(admin):
    CaseFactory.create_batch(2, year=2023, industry_id="green")
    CaseFactory(year=2023, industry_id="green", withdrawn_at=NOW)
    CaseFactory(year=THIS_YEAR, industry_id="beauty")

    answer = admin.get(address("codelist_read", "industry"))

    terms = answer.context["terms"]
    assert [each.term.code for each in terms] == list(
        Industry.objects.order_by("position").values_list("pk", flat=True)
    )
    assert answer.context["years"] == list(range(2022, THIS_YEAR + 1))
    green, beauty = terms[0], terms[3]
    assert [cell.value for cell in green.numbers] == [0, 3, 0, 0, 0]
    assert (green.total.value, beauty.numbers[-1].value) == (3, 1)
    assert green.years == "From 2022"


def test_a_list_says_what_became_of_values_and_what_they_came_of(admin, administrator):
    new = [NewTerm(code=code, **WORDS | {"label_en": code, "label_sv": code}) for code in ("a", "b")]
    split_term(
        variable="industry", code="green", existing=[], new=new, first_year=NEXT_YEAR, by=administrator
    )

    terms = {
        each.term.code: each for each in admin.get(address("codelist_read", "industry")).context["terms"]
    }

    assert terms["green"].became == [f"Split from {NEXT_YEAR} on: “a” and “b”"]
    assert terms["a"].became == [f"From {NEXT_YEAR} on in place of “agriculture, forestry and berry picking”"]
    assert (terms["green"].years, terms["a"].is_to_come) == (f"2022–{THIS_YEAR}", True)


def test_lists_take_the_same_queries_however_many_records_and_values(admin):
    def queries(where) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert admin.get(where).status_code == 200
        return len(asked)

    pages = [address("codelist_read", "form"), address("term_read", "form", "labour")]
    few = [queries(where) for where in pages]
    for year in (2023, 2024, THIS_YEAR):
        CaseFactory.create_batch(10, year=year)
    for number in range(1, 20):
        ExploitationForm.objects.create(
            code="x" * number, label_sv=f"{number}", label_en="", position=1, first_year=2018
        )

    assert [queries(where) for where in pages] == few


@pytest.mark.parametrize(
    "where",
    [
        ("codelist_read", "sex"),
        ("codelist_read", "region"),
        ("term_add", "nationality"),
        ("term_read", "form", "nowhere"),
        ("term_split", "sex", "male"),
    ],
)
def test_a_list_or_value_that_is_none_is_not_found(admin, where):
    assert admin.get(address(*where)).status_code == 404


# --- The preview ---------------------------------------------------------------------------------


def test_the_preview_of_a_split_shows_the_field_the_series_and_the_records(admin):
    CaseFactory.create_batch(3, year=2023, industry_id="green")
    CaseFactory(year=THIS_YEAR, industry_id="green", withdrawn_at=NOW)
    CaseFactory.create_batch(2, year=2024, industry_id="beauty")

    shown = preview(admin, SPLIT, new_values("berries", "forest") | {"first_year": NEXT_YEAR})

    said = shown.context["preview"]
    choices = dict(said.field.field.widget.choices)
    assert list(choices)[:4] == ["", "berries", "forest", "construction"]
    assert choices["berries"] == "Berries in English"
    assert "green" not in choices  # no record of that year may have it
    assert [term.code for term, *_words in said.saved] == ["berries", "forest"]
    values = [(term.code, is_new) for term, is_new in said.values]
    assert values[:2] == [("berries", True), ("forest", True)]
    assert "green" not in dict(values)
    for table in (said.as_recorded, said.recoded):
        assert table.columns == ["2023", "2024"]
        assert row(table, "Agriculture, forestry and berry picking") == ["3", "0"]
        assert row(table, "Berries in English") == ["..", ".."]  # not on the list of those years
        assert row(table, "Total") == ["3", "2"]
    [apart] = said.in_words.apart
    assert "stands apart" in apart
    assert said.records == 4
    assert (said.use_years, [cell.value for cell in said.touched[0].numbers]) == ([2023, THIS_YEAR], [3, 1])
    assert "4 records have one of these values, and keep them. No record changes." in text_of(shown)
    assert f"From {NEXT_YEAR} on no longer: “agriculture, forestry and berry picking”." in text_of(shown)


def test_the_preview_of_a_merger_shows_the_series_in_the_new_value_with_the_same_total(admin):
    CaseFactory.create_batch(3, year=2023, industry_id="beauty")
    CaseFactory.create_batch(2, year=2023, industry_id="cleaning")

    shown = preview(
        admin,
        MERGE,
        new_values("care") | {"codes": ["beauty", "cleaning"], "first_year": NEXT_YEAR, "existing": ""},
    )

    said = shown.context["preview"]
    assert row(said.as_recorded, "Beauty and body care") == ["3"]
    assert row(said.recoded, "Care in English") == ["5"]
    assert row(said.recoded, "Total") == row(said.as_recorded, "Total") == ["5"]
    assert len(said.in_words.counted_as) == 2
    assert said.records == 5


def test_the_preview_of_a_new_value_shows_all_that_is_saved(admin):
    words = WORDS | {"code": "surrogacy", "first_year": NEXT_YEAR, "asks_for_industry": "on"}

    shown = preview(admin, ("term_add", "form"), words | {"covered_by_exploitation": "no"})

    said = text_of(shown)
    assert "No record has the new value yet." in said
    assert "0 records" not in said
    of_the_value = said[said.index("What is saved") : said.index("Records")]
    assert of_the_value.split(" ", 3)[3] == (
        f"In English Code surrogacy Years From {NEXT_YEAR} "
        "Label in Swedish på svenska Label in English in English "
        "Definition in Swedish Vad det är. Definition in English What it is. "
        "The industry is asked for Yes Covered by the offence of human exploitation No "
    )


def test_the_preview_of_other_rules_shows_them_and_that_nobody_has_the_form(admin):
    sent = {"asks_for_industry": "on", "covered_by_exploitation": "unsaid"}

    shown = preview(admin, ("term_rules", "organ_removal"), sent)

    [(term, _years, _definition)] = shown.context["preview"].saved
    assert (term.code, term.asks_for_industry) == ("organ_removal", True)
    assert "No record has the values that the change concerns." in text_of(shown)
    assert "It cannot be said" in text_of(shown)


def test_the_preview_of_a_retirement_says_nothing_is_new(admin):
    shown = preview(admin, ("term_retire", "form", "begging"), {"last_year": THIS_YEAR})

    said = shown.context["preview"]
    assert said.saved == []
    assert "begging" not in dict(said.field.field.widget.choices)
    assert "What is saved" not in text_of(shown)


def test_a_merger_into_a_value_of_the_list_leads_to_its_definition(admin):
    sent = {"codes": ["beauty"], "existing": "other", "first_year": NEXT_YEAR}
    saved = save(admin, MERGE, preview(admin, MERGE, sent))

    page = admin.get(saved.url)

    link = f'<a href="{address("term_change", "industry", "other")}">Correct its definition</a>'
    assert f"“Other” means more than before. {link}" in html.unescape(page.content.decode())

    sent = new_values("aa") | {"codes": ["green", "cleaning"], "existing": "", "first_year": NEXT_YEAR}
    saved = save(admin, MERGE, preview(admin, MERGE, sent))
    assert "means more than before" not in text_of(admin.get(saved.url))


def test_the_series_of_forms_is_the_yearbook_s_with_what_was_published(admin):
    CaseFactory(year=2023)
    PublishedCount.objects.bulk_create(published_history())

    shown = preview(admin, ("term_retire", "form", "begging"), {"last_year": THIS_YEAR})

    table = shown.context["preview"].as_recorded
    assert table.id == "form-by-year"
    assert table.columns[:2] == ["2018 (published)", "2019 (published)"]
    assert row(table, "Total")[0] == "262"
    assert shown.context["preview"].recoded is None


def test_a_year_in_which_a_list_was_not_collected_is_not_a_zero(admin):
    CaseFactory(
        year=2021, industry_id=None, referral_source_id=None, joint_inspection=None,
        children_in_sweden=None, children_abroad=None,
    )  # fmt: skip
    CaseFactory(year=2023, industry_id="beauty")

    shown = preview(admin, ("term_retire", "industry", "beauty"), {"last_year": THIS_YEAR})

    table = shown.context["preview"].as_recorded
    assert row(table, "Total") == ["..", "1"]
    assert table.symbols[0][0] == ".."


def test_the_preview_names_the_key_figures_that_count_by_the_value(admin):
    shown = preview(admin, ("term_retire", "form", "labour"), {"last_year": THIS_YEAR})

    assert "Women and girls, of labour cases" in text_of(shown)


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        (
            ("term_add", "form"),
            WORDS | {"code": "surrogacy", "first_year": THIS_YEAR, "covered_by_exploitation": "no"},
        ),
        (("term_retire", "industry", "beauty"), {"last_year": THIS_YEAR}),
        (SPLIT, new_values("a", "b") | {"first_year": NEXT_YEAR}),
        (MERGE, {"codes": ["beauty", "green"], "existing": "other", "first_year": NEXT_YEAR}),
        (("term_rules", "begging"), {"asks_for_industry": "on", "covered_by_exploitation": "yes"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_was_shown_is_saved_with_one_event(admin, where, sent):
    shown = preview(admin, where, sent)
    events = AuditEvent.objects.count()

    answer = save(admin, where, shown)

    assert answer.status_code == 302
    assert AuditEvent.objects.count() == events + 1
    assert AuditEvent.objects.latest("sequence").action.startswith("term_")


def test_a_split_that_has_not_begun_is_undone_by_its_page(admin):
    save(admin, SPLIT, preview(admin, SPLIT, new_values("a", "b") | {"first_year": NEXT_YEAR}))
    page = ("term_reopen", "industry", "green")

    save(admin, page, preview(admin, page, {}))

    assert not IndustryCorrespondence.objects.exists()
    assert Industry.objects.get(pk="green").last_year is None
    assert (
        address("term_delete", "industry", "a")
        in admin.get(address("term_read", "industry", "a")).content.decode()
    )


def test_a_value_is_opened_again_and_deleted_by_their_pages(admin):
    Industry.objects.filter(pk="beauty").update(last_year=THIS_YEAR)
    page = ("term_reopen", "industry", "beauty")
    save(admin, page, preview(admin, page, {}))
    assert Industry.objects.get(pk="beauty").last_year is None

    Industry.objects.create(code="mine", label_sv="gruva", label_en="mine", position=99, first_year=THIS_YEAR)
    page = ("term_delete", "industry", "mine")
    save(admin, page, preview(admin, page, {}))
    assert not Industry.objects.filter(pk="mine").exists()


@pytest.mark.parametrize("meanwhile", ["a case", "the list"])
def test_what_changed_since_it_was_shown_is_not_saved_but_shown_anew(admin, meanwhile):
    sent = new_values("berries", "forest") | {"first_year": NEXT_YEAR}
    shown = preview(admin, SPLIT, sent)
    if meanwhile == "a case":
        CaseFactory(year=2023, industry_id="green")
    else:
        Industry.objects.filter(pk="beauty").update(label_en="beauty")

    again = save(admin, SPLIT, shown)

    assert again.status_code == 200
    assert again.context["was_shown_otherwise"]
    assert not IndustryCorrespondence.objects.exists()
    assert again.context["preview"].records == (1 if meanwhile == "a case" else 0)
    assert save(admin, SPLIT, again).status_code == 302


@pytest.mark.parametrize(
    "changes",
    [
        {"mark": ""},
        {"mark": "forged"},
        {"first_year": str(THIS_YEAR)},
        {"new_0-code": "other_code"},
        {"new_1-label_sv": "något annat"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_nothing_is_saved_that_was_not_shown(admin, changes):
    sent = new_values("berries", "forest") | {"first_year": NEXT_YEAR}
    shown = preview(admin, SPLIT, sent)

    answer = save(admin, SPLIT, shown, **changes)

    assert answer.context["was_shown_otherwise"]
    assert not IndustryCorrespondence.objects.exists()


def test_the_mark_of_one_change_does_not_save_another(admin):
    shown = preview(admin, ("term_retire", "industry", "beauty"), {"last_year": THIS_YEAR})

    answer = save(admin, ("term_retire", "industry", "cleaning"), shown)

    assert answer.context["was_shown_otherwise"]
    assert not Industry.objects.filter(last_year__isnull=False).exists()


def test_saving_needs_the_form_s_token(administrator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)

    assert client.post(address("term_retire", "form", "begging"), {"last_year": THIS_YEAR}).status_code == 403


def test_going_back_from_the_preview_keeps_what_was_entered(admin):
    sent = new_values("berries", "forest") | {"first_year": NEXT_YEAR}
    shown = preview(admin, SPLIT, sent)
    fields = form_with(shown.content.decode(), "mark")

    answer = admin.post(address(*SPLIT), fields | {"edit": ""})

    kept = form_with(answer.content.decode(), "new_0-code")
    assert kept["new_0-code"] == ["berries"]
    assert kept["first_year"] == [str(NEXT_YEAR)]
    assert not answer.context["form"].has_errors


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_shown(admin):
    CaseFactory(year=THIS_YEAR, industry_id="green")
    sent = new_values("berries", "forest") | {"first_year": THIS_YEAR, "new_1-label_en": "Transport"}

    answer = admin.post(address(*SPLIT), sent)

    form = answer.context["form"]
    assert answer.context["preview"] is None
    assert f"1 record of {THIS_YEAR}" in form.errors["first_year"][0]
    assert list(form.blocks[1].errors) == ["label_en"]
    assert answer.content.decode().count("data-error-summary") == 2


def offered(answer, field) -> list[str]:
    return [value for value, _label in answer.context["form"].fields[field].choices]


def test_only_years_are_offered_from_which_the_change_can_be_saved(admin):
    CaseFactory(year=THIS_YEAR, industry_id="green")

    assert offered(admin.get(address(*SPLIT)), "first_year") == ["", str(NEXT_YEAR)]
    assert offered(admin.get(address("term_split", "industry", "beauty")), "first_year") == [
        "", str(THIS_YEAR), str(NEXT_YEAR)
    ]  # fmt: skip
    retire = ("term_retire", "industry", "green")
    assert offered(admin.get(address(*retire)), "last_year") == ["", str(THIS_YEAR)]
    assert preview(admin, retire, {"last_year": THIS_YEAR}).status_code == 200
    of_merging = admin.get(address(*MERGE))
    assert "unknown" not in offered(of_merging, "codes")
    assert "green" in offered(of_merging, "codes")


def test_a_year_that_no_change_can_have_is_no_choice(admin):
    answer = admin.post(address("term_retire", "industry", "beauty"), {"last_year": "2020"})

    assert answer.context["preview"] is None
    assert "Choose a year." in text_of(answer)


def buttons(admin, code) -> set[str]:
    said = admin.get(address("term_read", "industry", code)).content.decode()
    return {
        name
        for name in ("term_change", "term_reopen", "term_retire", "term_split")
        if address(name, "industry", code) in said
    }


def test_no_button_is_offered_that_can_only_fail(admin, administrator):
    for source, targets, year in [("green", "ab", NEXT_YEAR), ("transport", "cd", THIS_YEAR)]:
        new = [NewTerm(code=code, **WORDS | {"label_en": code, "label_sv": code}) for code in targets]
        split_term(variable="industry", code=source, existing=[], new=new, first_year=year, by=administrator)
    Industry.objects.filter(pk="beauty").update(last_year=THIS_YEAR)
    Industry.objects.filter(pk="cleaning").update(last_year=2024)

    assert buttons(admin, "construction") == {"term_change", "term_retire", "term_split"}
    assert buttons(admin, "beauty") == {"term_change", "term_reopen", "term_split"}
    assert buttons(admin, "green") == {"term_change", "term_reopen"}
    for code, reason in {
        "transport": "Other values came in its place. It stays as it is.",
        "a": f"“a” begins in {NEXT_YEAR}: before that it cannot end.",
        "cleaning": "It has not been in the list since 2024",
        "unknown": "“Unknown” stays",
    }.items():
        assert buttons(admin, code) == {"term_change"}
        assert reason in text_of(admin.get(address("term_read", "industry", code)))


def test_a_value_that_is_half_entered_is_asked_for_whole(admin):
    answer = admin.post(address(*SPLIT), {"first_year": NEXT_YEAR, "existing": ["other"], "new_2-code": "a"})

    assert set(answer.context["form"].blocks[2].errors) == set(WORDS)


def test_labels_of_80_characters_reach_the_preview_whole(admin):
    sent = WORDS | {"code": "long", "label_en": "x" * 40 + " " + "y" * 39, "first_year": THIS_YEAR}

    shown = preview(admin, ("term_add", "industry"), sent)

    assert f"X{'x' * 39} {'y' * 39}" in [
        term_row.label for term_row in shown.context["preview"].as_recorded.rows
    ]


def test_the_preview_takes_as_many_queries_however_many_records_there_are(
    admin, django_assert_max_num_queries
):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            admin.post(address(*SPLIT), new_values("a", "b") | {"first_year": NEXT_YEAR})
        return len(asked)

    few = queries()
    for year in (2023, 2024, 2025):
        CaseFactory.create_batch(20, year=year)

    assert queries() == few


# --- Words and order -----------------------------------------------------------------------------


def test_words_are_corrected_and_the_page_shows_what_they_were(admin):
    CaseFactory(form_id="labour")
    page = address("term_change", "form", "labour")
    fields = fields_of(admin.get(page))
    changed = fields | {"label_en": "forced  labour"}

    refused = admin.post(page, changed)
    answer = admin.post(page, changed | {"same_meaning": "on"})

    assert list(refused.context["form"].errors) == ["same_meaning"]
    assert answer.status_code == 302
    said = text_of(admin.get(answer.url))
    assert "Forced labour" in said
    assert f"Until {NOW:%Y-%m-%d}, when Adam Admin corrected it" in said
    assert TermHistory.objects.get().label_en == "labour"


def test_the_words_of_a_value_that_nobody_has_need_no_confirmation(admin):
    page = address("term_change", "form", "organ_removal")
    fields = fields_of(admin.get(page))

    assert "same_meaning" not in admin.get(page).context["form"].fields
    assert admin.post(page, fields | {"label_en": "organs"}).status_code == 302


def test_a_value_that_another_became_is_corrected_after_the_same_confirmation(admin, administrator):
    new = [
        NewTerm(code=code, label_sv=code, label_en=code, definition_sv="x", definition_en="x")
        for code in ("aa", "bb")
    ]
    split_term(variable="form", code="begging", existing=[], new=new, first_year=NOW.year, by=administrator)
    page = reverse("term_change", args=["form", "aa"])
    words = {"label_sv": "tiggeri på gata", "label_en": "street", "definition_sv": "x", "definition_en": "x"}

    refused = admin.post(page, words)

    [said] = refused.context["form"].errors["same_meaning"]
    assert said.startswith("The value is in use: records have it or had it, or another value became it.")
    assert not refused.context["has_rules"]
    assert admin.post(page, words | {"same_meaning": "on"}).status_code == 302
    assert ExploitationForm.objects.get(pk="aa").label_en == "street"


def test_the_order_is_changed_by_a_button_beside_the_value(admin):
    admin.post(address("term_move", "form", "labour"), {"to": "up"})

    assert ExploitationForm.objects.order_by("position").first().pk == "labour"


@pytest.mark.parametrize(
    ("what", "is_offered"), [("new", True), ("of an earlier year", False), ("used", False), ("a part", False)]
)
def test_deleting_is_offered_for_what_may_be_a_mistake_alone(admin, administrator, what, is_offered):
    years = {"first_year": 2022 if what == "of an earlier year" else THIS_YEAR}
    words = {"label_sv": "gruva", "label_en": "mine", "definition_sv": "x", "definition_en": "x"}
    Industry.objects.create(code="mine", position=99, **words, **years)
    if what == "used":
        CaseFactory(year=THIS_YEAR, industry_id="mine")
    if what == "a part":
        IndustryCorrespondence.objects.create(source_id="green", target_id="mine", first_year=THIS_YEAR)

    said = admin.get(address("term_read", "industry", "mine")).content.decode()

    assert (address("term_delete", "industry", "mine") in said) is is_offered


def test_unknown_has_no_buttons_that_take_it_away(admin):
    said = admin.get(address("term_read", "form", "unknown")).content.decode()

    assert address("term_change", "form", "unknown") in said
    for name in ("term_retire", "term_split", "term_delete"):
        assert address(name, "form", "unknown") not in said


@pytest.mark.parametrize(
    "name",
    "codelist_list codelist_read term_add term_merge term_read term_change term_split term_retire "
    "term_delete term_reopen term_rules".split(),
)
def test_looking_at_the_pages_changes_nothing(admin, name):
    arguments = [] if name in ("codelist_list", "term_rules") else ["form"]
    if name.startswith("term_") and name not in ("term_add", "term_merge"):
        arguments.append("labour")
    before = stored()

    assert admin.get(address(name, *arguments)).status_code == 200
    assert stored() == before
