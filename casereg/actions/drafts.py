"""Drafts: saved as they are typed, thrown away, purged. They are no records and write no events."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from casereg.access import drafts_of, may_work_in, own_region
from casereg.actions.uploads import purge_uploads
from casereg.draft_keys import DraftKey
from casereg.models import Draft, Submission, User
from casereg.quality import text_findings
from casereg.row_security import EVERYTHING, reach_of, within

DRAFTS_OF_ONE_AUTHOR: Final = 20
SIZE_MAX: Final = 64 * 1024  # characters of one draft
_VALUES_MAX: Final = 1000
_VALUE_MAX: Final = 4000  # characters
# What goes with the form and is not what was typed; what was confirmed is asked again.
_NOT_TYPED: Final = frozenset({"csrfmiddlewaretoken", "draft_key", "number", "confirmed"})
_FIELD_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,59}", re.ASCII)
# What the page carries and nobody typed: its digits are chance, and may look like anything.
_CARRIED: Final = {
    "drawn_from": re.compile(r"[\w.-]+:\w{6}:[\w-]{43}|[0-9a-f]{64}", re.ASCII),
    "adding_to": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII),
}
_JUDGED_AT_ONCE: Final = 200  # characters that `text_findings` looks at

Fields = Mapping[str, Sequence[str]]  # as a form is sent


class DraftTooLarge(Exception):
    """More than any form of the site holds."""


class FormIsStored(Exception):
    """The form has been sent and stored: there is nothing left to draft."""


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """`left_out` are the fields of which no text is kept, because it may point to a person or is too long."""

    key: DraftKey
    at: datetime
    left_out: tuple[str, ...]


def save_draft(
    *,
    by: User,
    number: UUID,
    page: str,
    about: UUID | None,
    fields: Fields,
    region_code: str | None = None,
) -> SavedDraft:
    """Keep what is typed in a form, in the place of what was kept of it before.

    `region_code`: the one in which the form was opened; None: the one in which its author works.
    Raises `DraftTooLarge`, `FormIsStored`.
    """
    kept, left_out = _what_is_kept(fields)
    region, now = region_code or own_region(by), timezone.now()
    purge_drafts()  # with no row locked: two who purge at once wait for each other, and not in a circle
    with transaction.atomic():
        if Submission.objects.filter(by=by, number=number).exists():
            raise FormIsStored
        as_typed = {"region_id": region, "page": page, "about": about, "fields": kept, "saved_at": now}
        Draft.objects.update_or_create(
            author=by, number=number, defaults=as_typed, create_defaults=as_typed | {"begun_at": now}
        )
        _forget_oldest(by)
    return SavedDraft(DraftKey(by.pk, region, number, page, about), now, left_out)


def save_draft_by_key(*, key: DraftKey, fields: Fields) -> SavedDraft | None:
    """Keep what came with a form's key, though nobody is logged in, or somebody else.

    None where its author may not register there any more: deactivated, of another role, or moved.
    """
    author = User.objects.filter(pk=key.user_id).first()
    if author is None or not may_use(author, key):
        return None
    with within(reach_of(author)):
        return save_draft(
            by=author,
            number=key.number,
            page=key.page,
            about=key.about,
            fields=fields,
            region_code=key.region,
        )


def draft_in_another_region(*, user: User, number: UUID) -> DraftKey | None:
    """The user's draft of that number, if it waits in a region where the user may work, and does not now."""
    drafts = Draft.objects.kept().filter(author=user, number=number).exclude(region=user.working_region_id)
    draft = drafts.only("region_id", "number", "page", "about").first()
    if draft is None or not may_work_in(user, draft.region_id):
        return None
    return DraftKey(user.pk, draft.region_id, draft.number, draft.page, draft.about)


def may_use(user: User, key: DraftKey) -> bool:
    """Whether the key is the user's own, and the user may still work where it was given."""
    return key.user_id == user.pk and may_work_in(user, key.region)


def discard_draft(*, by: User, number: UUID) -> Draft | None:
    """Throw an own draft away, and return it. One that is gone already is no fault."""
    draft = drafts_of(by).filter(number=number).first()
    if draft is not None:
        Draft.objects.filter(pk=draft.pk).delete()
    return draft


def purge_drafts() -> tuple[int, int]:
    """Delete the drafts and the uploaded files whose time is over; how many of each."""
    with within(EVERYTHING):  # anybody's: nobody sees them any more
        drafts, _of_each = Draft.objects.expired().delete()
    return drafts, purge_uploads()


def _forget_oldest(author: User) -> None:
    of_author = Draft.objects.filter(author=author).order_by("-saved_at", "-pk")
    surplus = list(of_author.values_list("pk", flat=True)[DRAFTS_OF_ONE_AUTHOR:])
    if surplus:
        Draft.objects.filter(pk__in=surplus).delete()


def _what_is_kept(fields: Fields) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """The fields as typed, without what may point to a person; and the names of those."""
    typed = {
        name: list(values)
        for name, values in fields.items()
        if name not in _NOT_TYPED and _FIELD_NAME.fullmatch(name)
    }
    kept = {
        name: [value if _may_be_kept(name, value) else "" for value in values]
        for name, values in typed.items()
    }
    left_out = tuple(name for name, values in typed.items() if kept[name] != values)
    if sum(map(len, kept.values())) > _VALUES_MAX or len(json.dumps(kept)) > SIZE_MAX:
        raise DraftTooLarge
    return kept, left_out


def _may_be_kept(name: str, value: str) -> bool:
    if len(value) > _VALUE_MAX or "\0" in value:
        return False
    if name in _CARRIED and _CARRIED[name].fullmatch(value):
        return True
    return not any(text_findings("", part) for part in _parts(value))


def _parts(text: str) -> list[str]:
    """Pieces of a long text, each overlapping the next, so that nothing hides where one ends."""
    if len(text) <= _JUDGED_AT_ONCE:
        return [text]
    step = _JUDGED_AT_ONCE // 2
    return [text[start : start + _JUDGED_AT_ONCE] for start in range(0, len(text), step)]
