"""Drafts as rows: who finds them, what is kept of what is typed, how they end, what they leave alone."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from casereg.access import cases_of, drafts_of
from casereg.actions.case_changes import restore_case, withdraw_case
from casereg.actions.cases import register_case
from casereg.actions.drafts import (
    DRAFTS_OF_ONE_AUTHOR,
    SIZE_MAX,
    DraftTooLarge,
    FormIsStored,
    discard_draft,
    save_draft,
    save_draft_by_key,
)
from casereg.draft_keys import DraftKey, read_key
from casereg.forms.cases import signed_content
from casereg.models import AuditEvent, Case, Draft, Role, Submission, Upload, User
from casereg.waiting import waiting_for
from stats.compute import compute_year
from tests.factories import CaseFactory, UserFactory
from tests.records import content
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

TYPED = {"month": ["2026-11"], "sex": ["female"], "children_abroad_unknown": ["on"], "incident": ["berries"]}


def saved(by: User, *, number=None, page="case_register", about=None, **fields: str):
    """The draft that stands after saving."""
    typed = TYPED | {name: [value] for name, value in fields.items()}
    key = save_draft(by=by, number=number or uuid4(), page=page, about=about, fields=typed).key
    return Draft.objects.get(author=by, number=key.number)


def numbers(user: User) -> set:
    return set(drafts_of(user).values_list("number", flat=True))


# --- Who finds it ---------------------------------------------------------------------------------


def test_its_author_finds_it_and_nobody_else(coordinator_nord, coordinator_syd, analyst, administrator):
    colleague = UserFactory(region_id="nord")
    draft = saved(coordinator_nord)

    assert numbers(coordinator_nord) == {draft.number}
    for other in (colleague, coordinator_syd, analyst, administrator):
        assert numbers(other) == set(), other
        assert not any("draft" in item.text or "utkast" in item.text for item in waiting_for(other))


@pytest.mark.parametrize(
    "change",
    [{"region_id": "syd"}, {"is_active": False}, {"role": Role.ANALYST, "region_id": None}],
    ids=["moved", "deactivated", "analyst now"],
)
def test_whoever_may_no_longer_register_in_the_region_does_not_find_it(coordinator_nord, change):
    saved(coordinator_nord)
    User.objects.filter(pk=coordinator_nord.pk).update(**change)

    assert numbers(User.objects.get(pk=coordinator_nord.pk)) == set()


def test_the_draft_of_an_amendment_is_out_of_reach_with_its_case(coordinator_nord):
    case = CaseFactory(region_id="nord")
    draft = saved(coordinator_nord, page="case_amend", about=case.pk)
    assert numbers(coordinator_nord) == {draft.number}

    Case.objects.filter(pk=case.pk).update(region_id="syd")

    assert numbers(coordinator_nord) == set()


def test_two_authors_may_have_drafts_of_one_number(coordinator_nord, coordinator_syd):
    number = uuid4()
    theirs = saved(coordinator_syd, number=number, incident="theirs")
    mine = saved(coordinator_nord, number=number, incident="mine")

    discard_draft(by=coordinator_nord, number=number)

    assert list(Draft.objects.all()) == [theirs]
    assert (mine.fields["incident"], theirs.fields["incident"]) == (["mine"], ["theirs"])


def test_a_stranger_cannot_discard_it(coordinator_nord, coordinator_syd):
    draft = saved(coordinator_nord)

    assert discard_draft(by=coordinator_syd, number=draft.number) is None

    assert numbers(coordinator_nord) == {draft.number}


# --- What is kept ---------------------------------------------------------------------------------


def test_every_field_is_kept_as_typed_and_a_later_saving_replaces_it(coordinator_nord, clock):
    first = saved(coordinator_nord, nationality="Ruma")
    clock.shift(60)
    fields = {"nationality": ["Rumänien"], "lines-0-sex": ["male"], "extra": ["1", "2", ""]}
    save_draft(by=coordinator_nord, number=first.number, page="case_register", about=None, fields=fields)

    [second] = Draft.objects.all()
    assert second.fields == fields
    assert first.begun_at == first.saved_at
    assert second.begun_at == first.begun_at
    assert second.saved_at > first.saved_at


def test_what_belongs_to_the_page_and_not_to_the_person_is_not_kept(coordinator_nord):
    names = ["csrfmiddlewaretoken", "draft_key", "number", "confirmed", "a b", "x" * 61]
    page_s = {name: ["x"] for name in names}
    save_draft(by=coordinator_nord, number=uuid4(), page="case_register", about=None, fields=TYPED | page_s)

    assert Draft.objects.get().fields == TYPED


@pytest.mark.parametrize(
    "text",
    [
        "ring 070-123 45 67",
        "nora@example.org",
        "19900112-1234",
        "berries " * 30 + "19900112-1234",
        "x" * 195 + " 070-123 45 67",
        "bär\0",
        "x" * 4001,
    ],
)
def test_a_text_that_may_point_to_a_person_is_left_blank_and_told(coordinator_nord, text):
    kept = save_draft(
        by=coordinator_nord,
        number=uuid4(),
        page="case_register",
        about=None,
        fields=TYPED | {"incident": [text]},
    )

    assert kept.left_out == ("incident",)
    assert Draft.objects.get().fields == TYPED | {"incident": [""]}


def test_what_the_site_has_signed_is_kept_whatever_its_digits(coordinator_nord):
    signed = signed_content(content())
    by_chance = f"0701234567.{'a' * 20}:1vLabc:{'k' * 43}"

    for mark in (signed, by_chance):
        assert saved(coordinator_nord, drawn_from=mark).fields["drawn_from"] == [mark]
    assert saved(coordinator_nord, incident=by_chance).fields["incident"] == [""]


@pytest.mark.parametrize(
    "fields",
    [{f"f{n}": ["x" * 3000] for n in range(SIZE_MAX // 3000 + 1)}, {"f": ["x"] * 1001}],
    ids=["long", "many"],
)
def test_a_draft_is_no_store_for_anything(coordinator_nord, fields):
    with pytest.raises(DraftTooLarge):
        save_draft(by=coordinator_nord, number=uuid4(), page="case_register", about=None, fields=fields)


def test_an_author_has_so_many_drafts_and_the_oldest_gives_way(coordinator_nord, coordinator_syd, clock):
    other = saved(coordinator_syd)
    begun = []
    for _ in range(DRAFTS_OF_ONE_AUTHOR + 2):
        begun.append(saved(coordinator_nord).number)
        clock.shift(1)

    assert numbers(coordinator_nord) == set(begun[2:])
    assert numbers(coordinator_syd) == {other.number}


# --- How it ends ----------------------------------------------------------------------------------


def test_it_is_gone_after_seven_days(coordinator_nord, clock):
    draft = saved(coordinator_nord)
    clock.shift(timedelta(days=7, minutes=-1))
    assert numbers(coordinator_nord) == {draft.number}

    clock.shift(timedelta(minutes=1))

    assert numbers(coordinator_nord) == set()


def test_whoever_saves_another_deletes_what_is_too_old(coordinator_nord, coordinator_syd, clock):
    saved(coordinator_nord)
    clock.shift(timedelta(days=8))

    newer = saved(coordinator_syd)

    assert list(Draft.objects.all()) == [newer]


def test_the_command_deletes_old_drafts_and_old_uploads_and_counts_them(coordinator_nord, clock):
    saved(coordinator_nord)
    for _ in range(2):
        Upload.objects.create(
            author=coordinator_nord, region_id="nord", name="a.csv", content=b"x", uploaded_at=timezone.now()
        )
    clock.shift(timedelta(days=6, hours=23))
    young = saved(coordinator_nord)
    late = Upload.objects.create(
        author=coordinator_nord, region_id="nord", name="b.csv", content=b"x", uploaded_at=timezone.now()
    )
    # What was saved just now has deleted the two files.
    assert list(Upload.objects.all()) == [late]
    clock.shift(timedelta(days=1, hours=2))

    output = StringIO()
    call_command("purge_drafts", stdout=output)

    assert output.getvalue() == "1 drafts and 1 uploaded files deleted.\n"
    assert list(Draft.objects.all()) == [young]
    assert not Upload.objects.exists()


def test_a_form_that_is_stored_has_no_draft_and_gets_none(coordinator_nord):
    draft = saved(coordinator_nord)
    register_case(region_code="nord", content=content(), by=coordinator_nord, number=draft.number)
    assert not Draft.objects.exists()

    with pytest.raises(FormIsStored):
        saved(coordinator_nord, number=draft.number)


def test_a_draft_that_was_saved_while_its_form_was_stored_is_not_found(coordinator_nord):
    draft = saved(coordinator_nord)
    Submission.objects.create(by=coordinator_nord, number=draft.number, content_hash="x", at=timezone.now())

    assert numbers(coordinator_nord) == set()


def test_saving_a_draft_while_the_form_is_stored_leaves_none_to_find(committed_db, coordinator_nord):
    for _ in range(15):
        number = uuid4()
        at_once(
            lambda number=number: register_case(
                region_code="nord", content=content(incident=""), by=coordinator_nord, number=number
            ),
            lambda number=number: saved(coordinator_nord, number=number),
        )

        assert numbers(coordinator_nord) == set()


def test_the_first_two_savings_of_a_form_at_the_same_moment_are_one_draft(committed_db, coordinator_nord):
    for _ in range(10):
        number = uuid4()
        done = at_once(*[lambda number=number: saved(coordinator_nord, number=number) for _ in range(3)])

        assert [draft.number for draft in done] == [number] * 3
    assert len(numbers(coordinator_nord)) == 10


# --- What it leaves alone -------------------------------------------------------------------------


def test_a_draft_is_in_no_count_and_no_event(coordinator_nord):
    CaseFactory.create_batch(2)
    before = compute_year(2023)

    saved(coordinator_nord, month="2023-07")

    assert compute_year(2023) == before
    assert cases_of(coordinator_nord).count() == 2
    assert not AuditEvent.objects.exists()


# --- The key --------------------------------------------------------------------------------------


def key_of(user: User, **changes) -> DraftKey:
    values = {"user_id": user.pk, "region": "nord", "number": uuid4(), "page": "case_register"}
    return DraftKey(**values | changes)


def test_a_key_is_read_as_it_was_written_and_no_longer_than_it_holds(coordinator_nord, clock):
    key = key_of(coordinator_nord, page="case_amend", about=uuid4())
    text = key.signed()
    week = timedelta(days=7)
    assert read_key(text, not_older_than=week) == key

    clock.shift(week + timedelta(seconds=2))

    assert read_key(text, not_older_than=week) is None
    assert read_key(text) == key


@pytest.mark.parametrize(
    "spoil", [lambda key: key[:-1], lambda key: "x" + key, lambda _key: "", lambda _key: ":::"]
)
def test_a_forged_key_is_none(coordinator_nord, spoil):
    assert read_key(spoil(key_of(coordinator_nord).signed())) is None


def test_a_signature_of_another_kind_is_no_key():
    assert read_key(signed_content(content())) is None


def test_by_its_key_a_form_is_kept_for_its_author(coordinator_nord):
    key = key_of(coordinator_nord)

    save_draft_by_key(key=key, fields=TYPED)

    [draft] = drafts_of(coordinator_nord)
    assert (draft.number, draft.region_id, draft.fields) == (key.number, "nord", TYPED)


@pytest.mark.parametrize(
    "change",
    [{"region_id": "syd"}, {"is_active": False}, {"role": Role.ANALYST, "region_id": None}],
    ids=["moved", "deactivated", "analyst now"],
)
def test_the_key_of_somebody_who_may_no_longer_register_opens_nothing(coordinator_nord, change):
    key = key_of(coordinator_nord)
    User.objects.filter(pk=coordinator_nord.pk).update(**change)

    assert save_draft_by_key(key=key, fields=TYPED) is None

    assert not Draft.objects.exists()


def test_the_start_page_s_line_names_the_case_that_was_being_amended(coordinator_nord):
    case = CaseFactory(reference="2023-0042")
    amendment = saved(coordinator_nord, page="case_amend", about=case.pk)
    new = saved(coordinator_nord)

    lines = {item.link: item.text for item in waiting_for(coordinator_nord)}

    assert f"/cases/register/?draft={new.number}" in lines
    assert "2023-0042" in lines[f"/cases/{case.pk}/amend/?draft={amendment.number}"]
    assert "2026-11-20 13:00" in lines[f"/cases/register/?draft={new.number}"]  # in Stockholm


def test_what_the_page_carries_is_kept_whatever_its_digits_look_like(coordinator_nord):
    mark, incident = "0701234567" * 6 + "abcd", "19850101-1234-4abc-8abc-070123456789"
    fields = {"drawn_from": [mark], "adding_to": [incident], "incident": ["0701234567"]}

    saved = save_draft(by=coordinator_nord, number=uuid4(), page="incident_amend", about=None, fields=fields)

    assert saved.left_out == ("incident",)
    assert Draft.objects.get().fields == {"drawn_from": [mark], "adding_to": [incident], "incident": [""]}


def test_only_what_the_page_carries_is_excused(coordinator_nord):
    typed = "19850101-1234-4abc-8abc-070123456789"

    saved = save_draft(
        by=coordinator_nord, number=uuid4(), page="case_register", about=None, fields={"incident": [typed]}
    )

    assert saved.left_out == ("incident",)


def test_a_draft_of_a_withdrawn_case_waits_until_it_is_restored(coordinator_nord):
    case = CaseFactory()
    save_draft(
        by=coordinator_nord, number=uuid4(), page="case_amend", about=case.pk, fields={"sex": ["male"]}
    )

    withdraw_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)
    assert not drafts_of(coordinator_nord).exists()
    restore_case(case_id=case.pk, reason="other", note="", by=coordinator_nord)
    assert drafts_of(coordinator_nord).exists()
