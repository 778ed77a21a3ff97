"""The key of a form: whoever has it may write its author's draft of it, and read nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core import signing
from django.urls import reverse

from casereg.models.draft import KEPT_FOR

# Longer than a session: a form that was left open over a weekend is still its author's.
KEY_HOLDS_FOR: Final = KEPT_FOR
_SALT: Final = "casereg.draft-key"
# How the page of a draft calls, in its address, the case or the incident that the draft is about.
_CALLED: Final = {"case_amend": "case_id", "incident_amend": "incident_id"}


@dataclass(frozen=True, slots=True)
class DraftKey:
    """`region` is the author's when the form was drawn: a key does not move with its author."""

    user_id: int
    region: str
    number: UUID
    page: str
    about: UUID | None = None

    def signed(self) -> str:
        about = str(self.about) if self.about else ""
        return signing.dumps([self.user_id, self.region, str(self.number), self.page, about], salt=_SALT)


def read_key(text: str, *, not_older_than: timedelta | None = None) -> DraftKey | None:
    """None where it was not signed here, or too long ago."""
    try:
        user_id, region, number, page, about = signing.loads(text, salt=_SALT, max_age=not_older_than)
    except signing.BadSignature:
        return None
    return DraftKey(user_id, region, UUID(number), page, UUID(about) if about else None)


def address_of(page: str, about: UUID | None, *, draft: UUID | None = None) -> str:
    """The page that a draft was typed on; `draft`: with the draft of that number open."""
    address = reverse(page, kwargs={_CALLED[page]: about} if about else None)
    return f"{address}?draft={draft}" if draft else address
