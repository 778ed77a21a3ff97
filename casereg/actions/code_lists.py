"""Writes to the code lists: add, reword, retire, reopen, split, merge, delete, move. No case is ever touched.

A list is changed for the present year and the next, never for a year that is over: there a value that nobody
had counts 0, and a list that was changed afterwards would turn this zero into "not asked", or the other way.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casereg.access import Permission, has_permission
from casereg.codebook import Term
from casereg.models import AuditEvent, Case, CaseHistory, IncidentHistory, TermHistory, User
from casereg.quality import Finding, text_findings
from casereg.stored_codebook import CORRESPONDENCES, LISTS
from casereg.vocabularies import UNKNOWN

LABEL_MAX: Final = 80
WORDS: Final = ("label_sv", "label_en", "definition_sv", "definition_en")
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
# What tables print beside the values of a list, and what begins as their own signs do.
_RESERVED: Final = ("not_recorded",)
_LAST: Final = ("other", UNKNOWN)  # a new value comes before these, where the list ends with them

Use = Mapping[str, Mapping[int, int]]


class ListChangeRefused(Exception):
    """The change breaks a rule; `findings` say which, by the field that it was entered in."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{finding.variable}: {finding.problem}" for finding in findings))
        self.findings = findings


class ListHasChanged(Exception):
    """Since the change was shown, a value or a number that it was shown with has become another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTerm:
    """A value to add. The last two are of forms only."""

    code: str
    label_sv: str
    label_en: str
    definition_sv: str
    definition_en: str
    asks_for_industry: bool = False
    covered_by_exploitation: bool | None = None


# --- Reading -------------------------------------------------------------------------------------


def lists_managed_by(user: User) -> tuple[str, ...]:
    """The variables whose lists the user may see with their use, and change: an administrator all."""
    return tuple(LISTS) if has_permission(user, Permission.MANAGE_LISTS) else ()


def first_years() -> tuple[int, int]:
    """From which years a change may hold."""
    this_year = timezone.localdate().year
    return this_year, this_year + 1


def last_years() -> tuple[int, int]:
    """Which years may be a value's last."""
    first, next_one = first_years()
    return first - 1, next_one - 1


def use_by_year(variable: str) -> dict[str, dict[int, int]]:
    """By value and year, the records that have it: standing and withdrawn ones alike, in one query."""
    rows = Case.objects.filter(**{f"{variable}__isnull": False}).order_by().values_list(variable, "year")
    used: dict[str, dict[int, int]] = {}
    for code, year, number in rows.annotate(number=Count("pk")):
        used.setdefault(code, {})[year] = number
    return {code: dict(sorted(by_year.items())) for code, by_year in used.items()}


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
        _hold_cases()
        if list_mark(variable) != mark:
            raise ListHasChanged
        yield


@contextmanager
def tried_out() -> Iterator[None]:
    """What is changed inside is taken back at the end, event and all: a preview sees it as if stored."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- Writing -------------------------------------------------------------------------------------


def add_term(*, variable: str, term: NewTerm, first_year: int, by: User) -> None:
    """A new value, before “other” and “unknown” where the list ends with them."""
    with _changing(variable, by=by) as changed:
        _refuse([*_year_findings(first_year), *changed.new_findings([term], [""])])
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
                "Records have this value. Confirm that it means the same as before; what means something "
                "else is a new value."
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
            problem = _("Records have this form: what is asked with it stays. Add a new value instead.")
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
            findings.append(_choose_year("last_year", last_year))
        _refuse(findings)
        stored.last_year = last_year
        stored.save(update_fields=["last_year"])
        _record(variable, "term_retire", code, by=by, fields=["last_year"])


def reopen_term(*, variable: str, code: str, by: User) -> None:
    """A value that was retired goes on, as if it had not been; no year may have gone by without it."""
    with _changing(variable, by=by) as changed:
        stored = changed.find(code)
        if stored.last_year is None:
            return
        if changed.became(code):
            _refuse([Finding("", code, _("Other values came in its place. It stays as it is."))])
        if stored.last_year not in last_years():
            problem = gettext(
                "It has not been in the list since {year}: tables would show a 0 for years in which nobody "
                "was asked. Add a new value instead."
            )
            _refuse([Finding("", code, problem.format(year=stored.last_year))])
        stored.last_year = None
        stored.save(update_fields=["last_year"])
        _record(variable, "term_reopen", code, by=by, fields=["last_year"])


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
        _record(variable, "term_split", code, by=by, fields=["last_year"])


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
        _record(variable, "term_merge", target, by=by, fields=["last_year"])


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
def _changing(variable: str, *, by: User) -> Iterator["_ChangedList"]:
    """The list as it stands until the change is stored: no case is registered meanwhile."""
    if not has_permission(by, Permission.MANAGE_LISTS):
        raise PermissionDenied
    if variable not in LISTS:
        raise ObjectDoesNotExist
    with transaction.atomic():
        _hold_cases()
        yield _ChangedList(variable)


def _hold_cases() -> None:
    """Until the transaction ends nobody stores a case, and whoever was about to has done so.

    The table comes before the head of the trail: a case takes them in the same order. Whoever had read the
    list as it was before is then stopped by the database's own rule, which reads it anew.
    """
    if connection.vendor == "postgresql":  # on SQLite one transaction writes at a time
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE casereg_case IN SHARE MODE")
    AuditEvent.objects.hold_head()


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise ListChangeRefused(findings)


def _record(variable: str, action: str, code: str, *, by: User, fields: Collection[str] = ()) -> None:
    AuditEvent.objects.append(by=by, action=action, object=f"{variable} {code}", fields=fields)


def _choose_year(field: str, year: int) -> Finding:
    return Finding(field, str(year), _("Choose one of the years of the list."))


def _year_findings(first_year: int) -> list[Finding]:
    return [] if first_year in first_years() else [_choose_year("first_year", first_year)]


@dataclass
class _ChangedList:
    """`terms` by code in printed order; `lines` are (source, target, first year); `use` as `use_by_year`."""

    variable: str
    terms: dict[str, Any] = field(init=False)
    lines: list[tuple[str, str, int]] = field(init=False)
    use: Use = field(init=False)

    def __post_init__(self) -> None:
        rows = LISTS[self.variable]._default_manager.order_by("position", "pk")
        self.terms = {row.pk: row for row in rows}
        lines = CORRESPONDENCES[self.variable]._default_manager.order_by("pk")
        self.lines = list(lines.values_list("source_id", "target_id", "first_year"))
        self.use = use_by_year(self.variable)

    def find(self, code: str) -> Any:
        if code not in self.terms:
            raise ObjectDoesNotExist
        return self.terms[code]

    def became(self, code: str) -> list[str]:
        return [target for source, target, _year in self.lines if source == code]

    def is_used(self, code: str) -> bool:
        """A record has it or had it, or another value became it."""
        if self.use.get(code) or any(code in line[:2] for line in self.lines):
            return True
        had = Q(**{f"changes__{self.variable}__0": code}) | Q(**{f"changes__{self.variable}__1": code})
        return CaseHistory.objects.filter(had).exists() or IncidentHistory.objects.filter(had).exists()

    def others_in_force(self, codes: Collection[str], year: int) -> bool:
        return any(
            code not in codes
            and term.first_year <= year
            and (term.last_year is None or term.last_year >= year)
            for code, term in self.terms.items()
        )

    # What is wrong with a change

    def new_findings(self, terms: Sequence[NewTerm], prefixes: Sequence[str]) -> list[Finding]:
        """Of values to add. The prefix of each stands before the names of its fields."""
        found = []
        for place, (term, prefix) in enumerate(zip(terms, prefixes, strict=True)):
            before = terms[:place]
            problem = self._code_problem(term.code, [other.code for other in before])
            if problem:
                found.append(Finding(f"{prefix}code", term.code, problem))
            words = {name: getattr(term, name) for name in WORDS}
            found += self.word_findings(words, prefix, also=self.terms, beside=before)
        return found

    def _code_problem(self, code: str, beside: Collection[str]) -> Any:
        if not _CODE.fullmatch(code):
            return _("Use 1 to 40 small letters a to z and underscores.")
        if code in _RESERVED or code.startswith("_"):
            return _("Tables print this code beside the values. Choose another.")
        if code in self.terms or code in beside:
            return _("Another value has this code. Choose a new one.")
        return None

    def word_findings(
        self,
        words: Mapping[str, str],
        prefix: str,
        *,
        also: Collection[str],
        beside: Sequence[NewTerm] = (),
    ) -> list[Finding]:
        """`also`: the values of the list with which no label may be shared."""
        found = []
        for name in ("label_sv", "label_en"):
            text = words[name]
            taken = {getattr(self.terms[code], name).casefold() for code in also}
            taken |= {getattr(term, name).casefold() for term in beside}
            if not text.strip() or len(text) > LABEL_MAX:
                problem = gettext("Enter 1 to {most} characters.").format(most=LABEL_MAX)
                found.append(Finding(f"{prefix}{name}", text, problem))
            elif text.casefold() in taken:
                found.append(Finding(f"{prefix}{name}", text, _("Another value of the list says this.")))
        for name in ("definition_sv", "definition_en"):
            if not words[name].strip():
                found.append(Finding(f"{prefix}{name}", "", _("Enter the definition.")))
        for name in WORDS:
            found += text_findings(f"{prefix}{name}", words[name])
        return found

    def unknown_findings(self, codes: Sequence[str], *, field: str) -> list[Finding]:
        if UNKNOWN not in codes:
            return []
        problem = _("“Unknown” stays: what was asked and is not known needs a value.")
        return [Finding(field, UNKNOWN, problem)]

    def deleting_findings(self, code: str) -> list[Finding]:
        first_year = self.terms[code].first_year
        if first_year < first_years()[0]:
            problem = gettext(
                "It has been in the list since {year}: the tables of that time count it, be it with 0. "
                "Retire it instead."
            )
            return [Finding("", code, problem.format(year=first_year))]
        if self.is_used(code):
            return [Finding("", code, _("Records or other values refer to it. Retire it instead."))]
        return []

    def retiring_findings(self, codes: Sequence[str], last_year: int, *, field: str) -> list[Finding]:
        """Of values that are in the list until the last year, and no more."""
        found = self.unknown_findings(codes, field=field)
        for code in codes:
            problem = self._retiring_problem(code, last_year)
            if problem:
                found.append(Finding(field, code, problem))
        if not found and not self.others_in_force(codes, last_year + 1):
            found.append(Finding(field, "", _("The list would be empty. Add a value first.")))
        return found

    def _retiring_problem(self, code: str, last_year: int) -> str:
        term = self.terms[code]
        value = self._label(code)
        later = {year: number for year, number in self.use.get(code, {}).items() if year > last_year}
        if self.became(code):
            return gettext("Other values came in place of “{value}” already.").format(value=value)
        if term.last_year is not None and term.last_year != last_year:
            text = gettext("“{value}” is retired since {year}: the years do not meet.")
            return text.format(value=value, year=term.last_year)
        if term.first_year > last_year:
            text = gettext("“{value}” begins in {year}: before that it cannot end.")
            return text.format(value=value, year=term.first_year)
        if any(target == code and year > last_year for _source, target, year in self.lines):
            text = gettext("Another value becomes “{value}” only after {year}: the years do not meet.")
            return text.format(value=value, year=last_year)
        if later:
            text = gettext(
                "Records of later years have “{value}”: {records}. They would have to be amended first."
            )
            return text.format(value=value, records=records_by_year_in_words(later))
        return ""

    def replacing_findings(
        self, sources: Sequence[str], existing: Sequence[str], new: Sequence[NewTerm], first_year: int
    ) -> list[Finding]:
        """Of values in whose place others come from a year on."""
        found = _year_findings(first_year)
        if found:
            return found
        found += self.retiring_findings(sources, first_year - 1, field="first_year")
        found += self.new_findings(new, [f"new_{place}-" for place in range(len(new))])
        for code in existing:
            term = self.find(code)
            if code in sources:
                found.append(Finding("existing", code, _("A value does not come in its own place.")))
            elif term.last_year is not None or term.first_year > first_year:
                text = gettext("“{value}” is not in the list from {year} on: the years do not meet.")
                problem = text.format(value=self._label(code), year=first_year)
                found.append(Finding("existing", code, problem))
            elif any(self._reaches(code, source) for source in sources):
                text = gettext("“{value}” became one of the values that it would come in place of.")
                found.append(Finding("existing", code, text.format(value=self._label(code))))
        return found

    def _reaches(self, code: str, wanted: str) -> bool:
        """Whether by any number of changes one value became the other."""
        seen: set[str] = set()
        ahead = [code]
        while ahead:
            here = ahead.pop()
            if here == wanted:
                return True
            seen.add(here)
            ahead += [target for target in self.became(here) if target not in seen]
        return False

    def _label(self, code: str) -> str:
        term = self.terms[code]
        return Term(code, term.label_sv, term.label_en, term.first_year).label

    # The change

    def insert(
        self,
        terms: Sequence[NewTerm],
        *,
        first_year: int,
        after: str = "",
        before: Collection[str] = (),
    ) -> None:
        """New values behind the one that is named, or in front of those that the list ends with."""
        order = list(self.terms)
        place = len(order)
        if after:
            place = order.index(after) + 1
        while not after and place and order[place - 1] in before:
            place -= 1
        model = LISTS[self.variable]
        of_form = ("asks_for_industry", "covered_by_exploitation") if self.variable == "form" else ()
        for term in terms:
            row = model(
                pk=term.code,
                first_year=first_year,
                position=0,
                **{name: getattr(term, name) for name in (*WORDS, *of_form)},
            )
            row.save(force_insert=True)
            self.terms[term.code] = row
        order[place:place] = [term.code for term in terms]
        self.put_in_order(order)

    def put_in_order(self, codes: Sequence[str]) -> None:
        """Number the values as they stand here."""
        moved = []
        for position, code in enumerate(codes, start=1):
            if self.terms[code].position != position:
                self.terms[code].position = position
                moved.append(self.terms[code])
        LISTS[self.variable]._default_manager.bulk_update(moved, ["position"])

    def replace(
        self, sources: Sequence[str], existing: Sequence[str], new: Sequence[NewTerm], first_year: int
    ) -> None:
        self.insert(new, first_year=first_year, after=sources[-1])
        for code in sources:
            self.terms[code].last_year = first_year - 1
            self.terms[code].save(update_fields=["last_year"])
        model = CORRESPONDENCES[self.variable]
        targets = [*existing, *(term.code for term in new)]
        model._default_manager.bulk_create(
            model(source_id=source, target_id=target, first_year=first_year)
            for source in sources
            for target in targets
        )


def records_by_year_in_words(by_year: Mapping[int, int]) -> str:
    """“3 of 2025 and 1 of 2026”."""
    parts = [
        ngettext("{number} record of {year}", "{number} records of {year}", number).format(
            number=number, year=year
        )
        for year, number in sorted(by_year.items())
    ]
    return get_text_list(parts, gettext("and"))
