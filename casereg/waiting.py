"""What waits for somebody: the start page's list. Counts, and drafts, only of what the person may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from casereg.access import (
    Permission,
    cases_of,
    drafts_of,
    has_permission,
    offers_by,
    offers_to,
    pairs_for,
    remarks_of,
    verdicts_of,
)
from casereg.actions.people_review import is_review_due, reviews_shown_to
from casereg.case_filter import WITHDRAWN
from casereg.draft_keys import address_of
from casereg.models import CaseHistory, Draft, Offer, User
from casereg.months import this_month
from casereg.pair_groups import PairFilter
from casereg.trail_review import reviews_of

# How long somebody is told of what others have done.
TOLD_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    text: str
    link: str


def waiting_for(user: User) -> list[Waiting]:
    return [
        *_drafts(user),
        *_offers(user),
        *_withdrawn_as_same(user),
        *_to_mend(user),
        *_pairs(user),
        *_people(user),
        *_people_to_confirm(user),
        *_trail_reviews(user),
    ]


def _drafts(user: User) -> Iterator[Waiting]:
    drafts = list(drafts_of(user).only("page", "about", "number", "saved_at"))
    amended = [draft.about for draft in drafts if draft.about and draft.page == Draft.Page.CASE_AMEND]
    cases = cases_of(user).filter(pk__in=amended).values_list("pk", "reference") if amended else []
    references: dict[UUID | None, str] = dict(cases)
    for draft in drafts:
        what = draft.get_page_display()
        if draft.about in references:
            what = gettext("an amendment of case {reference}").format(reference=references[draft.about])
        text = gettext("You have a draft of {what}, of {time}. Continue.").format(
            what=what, time=f"{localtime(draft.saved_at):%Y-%m-%d %H:%M}"
        )
        yield Waiting(text, address_of(draft.page, draft.about, draft=draft.number))


def _offers(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.WRITE_CASES):
        return
    incoming = offers_to(user).open().count()
    is_declined = Q(state=Offer.State.DECLINED, answered_at__gt=timezone.now() - TOLD_FOR)
    made = offers_by(user).aggregate(
        open=Count("pk", filter=Q(state=Offer.State.OPEN)), declined=Count("pk", filter=is_declined)
    )
    outgoing, declined = made["open"], made["declined"]
    if incoming:
        text = ngettext(
            "{count} case is offered to your region. Take it over or decline.",
            "{count} cases are offered to your region. Take them over or decline.",
            incoming,
        )
        yield Waiting(text.format(count=incoming), reverse("offer_list"))
    if outgoing:
        text = ngettext(
            "{count} case that your region has offered waits for an answer.",
            "{count} cases that your region has offered wait for an answer.",
            outgoing,
        )
        yield Waiting(text.format(count=outgoing), reverse("offer_list"))
    if declined:
        text = ngettext(
            "{count} case that your region has offered was declined in the last {days} days.",
            "{count} cases that your region has offered were declined in the last {days} days.",
            declined,
        )
        yield Waiting(text.format(count=declined, days=TOLD_FOR.days), reverse("offer_list"))


def _withdrawn_as_same(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.WRITE_CASES):
        return
    entries = CaseHistory.objects.filter(
        case__in=cases_of(user).withdrawn(),
        action=CaseHistory.Action.WITHDRAW,
        reason=CaseHistory.Reason.SAME_PERSON,
        at__gt=timezone.now() - TOLD_FOR,
    )
    cases = set(entries.values_list("case_id", flat=True))
    if cases:
        text = ngettext(
            "{count} case of your region was withdrawn as the same person as one of another region.",
            "{count} cases of your region were withdrawn as the same persons as those of another region.",
            len(cases),
        )
        one = reverse("case_read", args=[next(iter(cases))])
        withdrawn = f"{reverse('case_list')}?state={WITHDRAWN}"
        yield Waiting(text.format(count=len(cases)), one if len(cases) == 1 else withdrawn)


def _to_mend(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.WRITE_CASES):
        return
    number = remarks_of(user).open().aggregate(cases=Count("case", distinct=True))["cases"]
    if number:
        text = ngettext(
            "{count} case has something to mend.", "{count} cases have something to mend.", number
        )
        yield Waiting(text.format(count=intcomma(number)), reverse("mend_list"))


def _pairs(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.JUDGE_PAIRS):
        return
    year = int(this_month()[:4])
    groups = pairs_for(user, PairFilter(year=year))
    number = len(groups)
    if groups.has_more:
        text = gettext("More than {count} groups of cases of {year} may be the same persons in two regions.")
    else:
        text = ngettext(
            "{count} group of cases of {year} may be the same person in two regions.",
            "{count} groups of cases of {year} may be the same persons in two regions.",
            number,
        )
    if number:
        yield Waiting(text.format(count=intcomma(number), year=year), reverse("pair_list"))
    nobody = verdicts_of(user).of_nobody().count()
    if nobody:
        text = ngettext(
            "{count} person who was judged to be one in two regions is counted nowhere any more.",
            "{count} persons who were judged to be one in two regions are counted nowhere any more.",
            nobody,
        )
        yield Waiting(text.format(count=nobody), reverse("pair_judged"))


def _people(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.MANAGE_USERS):
        return
    never = User.objects.filter(is_active=True, last_login__isnull=True).count()
    if never:
        text = ngettext("{count} user has never logged in.", "{count} users have never logged in.", never)
        yield Waiting(text.format(count=never), reverse("user_list"))


def _trail_reviews(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.READ_TRAIL):
        return
    number = len(reviews_of(user).unsigned)
    if number:
        text = ngettext(
            "{count} monthly review of the trail waits for a reader and a signature.",
            "{count} monthly reviews of the trail wait for a reader and a signature.",
            number,
        )
        yield Waiting(text.format(count=intcomma(number)), reverse("trail_review_list"))


def _people_to_confirm(user: User) -> Iterator[Waiting]:
    if not has_permission(user, Permission.MANAGE_USERS):
        return
    last = reviews_shown_to(user).first()
    if not is_review_due(last):
        return
    if last is None:
        text = gettext("Confirm that the list of people who may log in is right. Nobody has done so yet.")
    else:
        text = gettext(
            "Confirm that the list of people who may log in is right. It was last done on {day}."
        ).format(day=f"{localtime(last.at):%Y-%m-%d}")
    yield Waiting(text, reverse("people_confirm"))
