"""Verdicts on pairs of cases: the same person or different ones, a whole group at once, taken back."""

from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from casereg.access import Permission, cases_of, has_permission, verdicts_of
from casereg.actions.case_changes import CaseIsOffered, write_history
from casereg.actions.remarks import refresh_remarks
from casereg.models import AuditEvent, Case, CaseHistory, User, Verdict
from casereg.models.case import CaseQuerySet
from casereg.pairs import alike, are_alike
from casereg.row_security import EVERYWHERE, within_also
from casereg.stored_codebook import load_codebook

SAME, DIFFERENT = Verdict.Answer.SAME, Verdict.Answer.DIFFERENT


class NotAPair(Exception):
    """The two cases are not alike, or not both counted: somebody has changed one of them since."""


class PairIsJudged(Exception):
    """A pair has one verdict at a time: take it back first."""


class GroupHasChanged(Exception):
    """Other pairs are in the group than those that the page showed."""


class VerdictIsTakenBack(Exception):
    """A verdict is taken back once."""


class CaseIsNotRestored(Exception):
    """The case that a verdict withdrew is no longer withdrawn for that reason, so the verdict stays."""


def judge_pair(*, first_id: UUID, second_id: UUID, answer: str, stands_id: UUID | None, by: User) -> Verdict:
    """Say whether two cases are one person. If they are, `stands_id` goes on counting, the other does not."""
    with transaction.atomic(), _everywhere(by):
        pair = list(_locked(by=by).filter(pk__in=(first_id, second_id)))
        if len(pair) < 2:
            raise Case.DoesNotExist
        if verdicts_of(by).in_force().on_pair(first_id, second_id).exists():
            raise PairIsJudged
        if not are_alike(*pair):
            raise NotAPair
        verdict = _verdict(*pair, answer=answer, by=by, at=timezone.now())
        if answer == SAME:
            [verdict.stands] = [case for case in pair if case.pk == stands_id]
            _withdraw(next(case for case in pair if case.pk != stands_id), by=by)
        verdict.save(force_insert=True)
        _record(f"pair_judge_{answer}", _named(verdict), by=by)
    return verdict


def judge_group_different(*, first_id: UUID, second_id: UUID, mark: str, by: User) -> int:
    """All pairs of the two cases' group that are not judged are different persons. Returns how many.

    `mark` is the group's (`pairs.Alike`) when it was shown: where it has changed, nothing is stored.
    """
    with transaction.atomic(), _everywhere(by):
        shown = _cases(by=by).in_bulk([first_id, second_id])
        if len(shown) < 2:
            raise Case.DoesNotExist
        first, second = shown[first_id], shown[second_id]
        if not are_alike(first, second):
            raise NotAPair
        group = alike(first, second, _locked(by=by), verdicts_of(by))
        if mark != group.mark:
            raise GroupHasChanged
        now = timezone.now()
        verdicts = [_verdict(*pair, answer=DIFFERENT, by=by, at=now) for pair in group.open_pairs]
        Verdict.objects.bulk_create(verdicts)
        _record("group_judge_different", f"{len(verdicts)} pairs like {first_id} {second_id}", by=by)
    return len(verdicts)


def take_verdict_back(*, verdict_id: UUID, by: User, whole: bool = False) -> int:
    """Judge a pair no longer. A case that was withdrawn by it counts again.

    `whole`: with every verdict that was given in the same go. Returns how many were taken back.
    """
    with transaction.atomic(), _everywhere(by):
        pair = verdicts_of(by).values_list("first_id", "second_id").get(pk=verdict_id)
        cases = list(_locked(by=by).filter(pk__in=pair))
        verdict = verdicts_of(by).select_for_update(no_key=True).get(pk=verdict_id)
        if verdict.taken_back_at is not None:
            raise VerdictIsTakenBack
        if verdict.answer == SAME:
            _restore(next(case for case in cases if case.pk != verdict.stands_id), by=by)
        wanted = verdicts_of(by).in_force().filter(pk=verdict_id)
        if whole:
            # Verdicts of the same person are given one by one: none of them is among these.
            wanted = verdicts_of(by).in_force().filter(at=verdict.at, by=verdict.by, answer=verdict.answer)
        number = wanted.update(taken_back_at=timezone.now(), taken_back_by=by)
        _record("verdict_take_back", f"{number} pairs, {_named(verdict)}", by=by)
    return number


def _everywhere(by: User) -> AbstractContextManager[None]:
    """A verdict is the one write that looks at two regions, and at all who are alike."""
    return within_also([EVERYWHERE] if has_permission(by, Permission.JUDGE_PAIRS) else [])


def _cases(*, by: User) -> CaseQuerySet:
    if not has_permission(by, Permission.JUDGE_PAIRS):
        raise PermissionDenied
    return cases_of(by)


def _locked(*, by: User) -> CaseQuerySet:
    # In the order of their keys, as everywhere: whoever locks several waits for nobody in a ring.
    return _cases(by=by).select_for_update(no_key=True).order_by("pk")


def _verdict(one: Case, other: Case, *, answer: str, by: User, at: datetime) -> Verdict:
    first, second = sorted((one, other), key=lambda case: case.pk)
    return Verdict(first=first, second=second, answer=answer, at=at, by=by)


def _withdraw(case: Case, *, by: User) -> None:
    if case.has_open_offer:
        raise CaseIsOffered
    case.withdrawn_at = timezone.now()
    case.save(update_fields=["withdrawn_at"])
    # No note: the case's coordinators read its history, and nothing of the other region stands there.
    write_history(case, CaseHistory.Action.WITHDRAW, by=by, reason=CaseHistory.Reason.SAME_PERSON)
    refresh_remarks([case], codebook=load_codebook())


def _restore(case: Case, *, by: User) -> None:
    withdrawn = case.history.filter(action=CaseHistory.Action.WITHDRAW).last()
    if not case.is_withdrawn or withdrawn is None or withdrawn.reason != CaseHistory.Reason.SAME_PERSON:
        raise CaseIsNotRestored
    case.withdrawn_at = None
    case.save(update_fields=["withdrawn_at"])
    write_history(case, CaseHistory.Action.RESTORE, by=by, reason=CaseHistory.Reason.DIFFERENT_PERSON)
    refresh_remarks([case], codebook=load_codebook())


def _named(verdict: Verdict) -> str:
    return f"pair {verdict.first_id} {verdict.second_id}"


def _record(action: str, object: str, *, by: User) -> None:
    AuditEvent.objects.append(by=by, action=action, object=object)
