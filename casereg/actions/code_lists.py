"""Writes to the code lists: add, reword, retire, reopen, split, merge, delete, move. No case is ever touched.

A list is changed for the present year and the next, never for a year that is over: there a value that nobody
had counts 0, and a list that was changed afterwards would turn this zero into "not asked", or the other way.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casereg.access import Permission, has_permission
from casereg.actions.cases import hold_cases
from casereg.actions.changed_list import (
    WORDS,
    ChangedList,
    NewTerm,
    WaysToEnd,
    choose_year,
    last_years,
    year_findings,
)
from casereg.list_use import use_by_year
from casereg.models import AuditEvent, TermHistory, User
from casereg.quality import Finding, Refused
from casereg.stored_codebook import CORRESPONDENCES, LISTS
from casereg.vocabularies import UNKNOWN

_LAST: Final = ("other", UNKNOWN)  # a new value comes before these, where the list ends with them


class ListChangeRefused(Refused):
    """Of a change of a list."""


class ListHasChanged(Exception):
    """Since the change was shown, a value or a number that it was shown with has become another."""


# --- Reading -------------------------------------------------------------------------------------


def lists_managed_by(user: User) -> tuple[str, ...]:
    """The variables whose lists the user may see with their use, and change: an administrator all."""
    return tuple(LISTS) if has_permission(user, Permission.MANAGE_LISTS) else ()


def words_before(variable: str, code: str) -> list[TermHistory]:
    """What the value said before, latest first."""
    history = TermHistory.objects.filter(variable=variable, code=code).select_related("by")
    return list(history.order_by("-at", "-pk"))


def list_mark(variable: str) -> str:
    """Tells one state of a list from another: its values, what became of them, how many records have them."""
    state = [
        [list(row) for row in LISTS[variable]._default_manager.order_by("pk").values_list()],
        [list(row) for row in CORRESPONDENCES[variable]._default_manager.order_by("pk").values_list()],
        sorted(
            (code, year, number) for code, by in use_by_year(variable).items() for year, number in by.items()
        ),
    ]
    return hashlib.sha256(json.dumps(state, default=str).encode()).hexdigest()


@contextmanager
def unchanged_since(variable: str, mark: str) -> Iterator[None]:
    """What is saved inside is saved onto the list that has the mark. Raises `ListHasChanged`."""
    with transaction.atomic():
        hold_cases()
        if list_mark(variable) != mark:
            raise ListHasChanged
        yield


@contextmanager
def tried_out() -> Iterator[None]:
    """What is changed inside is taken back at the end, event and all: a preview sees it as if stored."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ways_to_end(variable: str, code: str) -> WaysToEnd:
    """What can be done about the years of a value, as the list and the records stand."""
    return ChangedList(variable).ways_to_end(code)


# --- Writing -------------------------------------------------------------------------------------


def add_term(*, variable: str, term: NewTerm, first_year: int, by: User) -> None:
    """A new value, before “other” and “unknown” where the list ends with them."""
    with _changing(variable, by=by) as changed:
        _refuse([*year_findings(first_year), *changed.new_findings([term], [""])])
        changed.insert([term], first_year=first_year, before=_LAST)
        _record(variable, "term_add", term.code, by=by)


def change_wording(
    *,
    variable: str,
    code: str,
    label_sv: str,
    label_en: str,
    definition_sv: str,
    definition_en: str,
    same_meaning: bool,
    by: User,
) -> None:
    """Other words for the same. What it said before is kept beside it.

    `same_meaning`: somebody has said so. Of a value that is used nothing else is taken.
    """
    with _changing(variable, by=by) as changed:
        stored = changed.find(code)
        words = dict(zip(WORDS, (label_sv, label_en, definition_sv, definition_en), strict=True))
        fields = [name for name in WORDS if getattr(stored, name) != words[name]]
        if not fields:
            return
        findings = changed.word_findings(words, "", also=[other for other in changed.terms if other != code])
        if not same_meaning and changed.is_used(code):
            problem = _(
                "The value is in use: records have it or had it, or another value became it. Confirm that it "
                "means the same as before; what means something else is a new value."
            )
            findings.append(Finding("same_meaning", "", problem))
        _refuse(findings)
        TermHistory.objects.create(
            variable=variable,
            code=code,
            at=timezone.now(),
            by=by,
            **{name: getattr(stored, name) for name in WORDS},
        )
        for name in fields:
            setattr(stored, name, words[name])
        stored.save(update_fields=fields)
        _record(variable, "term_change", code, by=by, fields=fields)


def change_form_rules(
    *, code: str, asks_for_industry: bool, covered_by_exploitation: bool | None, by: User
) -> None:
    """What else is asked for a form, as long as nobody has it: records were made under its rules."""
    with _changing("form", by=by) as changed:
        stored = changed.find(code)
        rules = {"asks_for_industry": asks_for_industry, "covered_by_exploitation": covered_by_exploitation}
        fields = [name for name, rule in rules.items() if getattr(stored, name) != rule]
        if not fields:
            return
        if changed.is_used(code):
            problem = _(
                "The form is in use: records have it or had it, or another value became it. What is asked "
                "with it stays. Add a new value instead."
            )
            _refuse([Finding(fields[0], "", problem)])
        for name in fields:
            setattr(stored, name, rules[name])
        stored.save(update_fields=fields)
        _record("form", "term_change", code, by=by, fields=fields)


def retire_term(*, variable: str, code: str, last_year: int, by: User) -> None:
    """Nothing recorded after the last year has it. What has it keeps it, in every count."""
    with _changing(variable, by=by) as changed:
        stored = changed.find(code)
        findings = changed.retiring_findings([code], last_year, field="last_year")
        if last_year not in last_years():
            findings.append(choose_year("last_year", last_year))
        _refuse(findings)
        stored.last_year = last_year
        stored.save(update_fields=["last_year"])
        _record(variable, "term_retire", code, by=by, fields=[f"until {last_year}"])


def reopen_term(*, variable: str, code: str, by: User) -> None:
    """A value that was retired goes on, as if it had not been; no year may have gone by without it.

    So does one that was split or merged, until the year in which others come in its place.
    """
    with _changing(variable, by=by) as changed:
        stored = changed.find(code)
        if stored.last_year is None:
            return
        _refuse(changed.reopening_findings(code))
        fields = ["last_year", *(f"instead of {variable} {target}" for target in changed.became(code))]
        changed.reopen(code)
        _record(variable, "term_reopen", code, by=by, fields=fields)


def split_term(
    *, variable: str, code: str, existing: Sequence[str], new: Sequence[NewTerm], first_year: int, by: User
) -> None:
    """From the first year on two values or more, of the list or new, are recorded in place of one."""
    with _changing(variable, by=by) as changed:
        changed.find(code)
        findings = changed.replacing_findings([code], existing, new, first_year)
        if len({*existing, *(term.code for term in new)} - {code}) < 2:
            findings.append(Finding("existing", "", _("A value is split into two or more. Name them.")))
        _refuse(findings)
        changed.replace([code], existing, new, first_year)
        targets = [*existing, *(term.code for term in new)]
        fields = [f"from {first_year}", *(f"into {variable} {target}" for target in targets)]
        _record(variable, "term_split", code, by=by, fields=fields)


def merge_terms(
    *,
    variable: str,
    codes: Sequence[str],
    existing: str,
    new: NewTerm | None,
    first_year: int,
    by: User,
) -> None:
    """From the first year on one value, of the list (`existing`) or new, is recorded in place of several.

    An existing one counts among the several: another may go up in it.
    """
    with _changing(variable, by=by) as changed:
        sources = [code for code in changed.terms if code in codes and code != existing]
        for code in {*codes, existing} - {""}:
            changed.find(code)
        targets, added = [existing] if existing else [], [new] if new else []
        findings = changed.replacing_findings(sources, targets, added, first_year)
        if len(targets) + len(added) != 1:
            problem = _("Choose the value into which they are merged, or enter a new one: one of the two.")
            findings.append(Finding("existing", "", problem))
        if len(sources) + len(targets) < 2:
            findings.append(Finding("codes", "", _("Two values or more are merged. Choose them.")))
        _refuse(findings)
        changed.replace(sources, targets, added, first_year)
        target = existing or (new.code if new else "")
        fields = [f"from {first_year}", *(f"of {variable} {source}" for source in sources)]
        _record(variable, "term_merge", target, by=by, fields=fields)


def delete_term(*, variable: str, code: str, by: User) -> None:
    """Take away a value that was added by mistake: no record and no history has it, no year is over."""
    with _changing(variable, by=by) as changed:
        stored = changed.find(code)
        _refuse(changed.unknown_findings([code], field="") or changed.deleting_findings(code))
        stored.delete()
        _record(variable, "term_delete", code, by=by)


def move_term(*, variable: str, code: str, up: bool, by: User) -> None:
    """One place up or down in printed order, everywhere."""
    with _changing(variable, by=by) as changed:
        changed.find(code)
        order = list(changed.terms)
        place = order.index(code)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(order):
            return
        order[place], order[other] = order[other], order[place]
        changed.put_in_order(order)
        _record(variable, "term_move", code, by=by, fields=["position"])


# --- A list while it is changed ------------------------------------------------------------------


@contextmanager
def _changing(variable: str, *, by: User) -> Iterator[ChangedList]:
    """The list as it stands until the change is stored: no case is registered meanwhile."""
    if not has_permission(by, Permission.MANAGE_LISTS):
        raise PermissionDenied
    if variable not in LISTS:
        raise ObjectDoesNotExist
    with transaction.atomic():
        hold_cases()
        yield ChangedList(variable)


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise ListChangeRefused(findings)


def _record(variable: str, action: str, code: str, *, by: User, fields: Collection[str] = ()) -> None:
    AuditEvent.objects.append(by=by, action=action, object=f"{variable} {code}", fields=fields)
