"""A code list while it is changed: its values, what is wrong with a change, and the change itself."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.codebook import Term
from casereg.list_use import Use, is_used, records_by_year_in_words, use_by_year
from casereg.quality import Finding, text_findings
from casereg.stored_codebook import CORRESPONDENCES, LISTS
from casereg.vocabularies import UNKNOWN

LABEL_MAX: Final = 80
WORDS: Final = ("label_sv", "label_en", "definition_sv", "definition_en")
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)
# What tables print beside the values of a list, and what begins as their own signs do.
_RESERVED: Final = ("not_recorded",)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysToEnd:
    """Which years may be a value's last, from which others may come in its place, and whether it can go on
    again. `problem`: in words, why none of it can be."""

    last_years: Sequence[int]
    first_years: Sequence[int]
    may_reopen: bool
    problem: str


def first_years() -> tuple[int, int]:
    """From which years a change may hold."""
    this_year = timezone.localdate().year
    return this_year, this_year + 1


def last_years() -> tuple[int, int]:
    """Which years may be a value's last."""
    first, next_one = first_years()
    return first - 1, next_one - 1


def choose_year(field: str, year: int) -> Finding:
    return Finding(field, str(year), _("Choose one of the years of the list."))


def year_findings(first_year: int) -> list[Finding]:
    return [] if first_year in first_years() else [choose_year("first_year", first_year)]


@dataclass
class ChangedList:
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

    def _has_begun(self, target: str, first_year: int) -> bool:
        """Whether it comes in the place of another by now, or a record has it as of that year."""
        return first_year <= first_years()[0] or any(year >= first_year for year in self.use.get(target, ()))

    def is_used(self, code: str) -> bool:
        return is_used(self.variable, code)

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
            problem = self._retiring_problem(code, last_year, field=field)
            if problem:
                found.append(Finding(field, code, problem))
        if not found and not self.others_in_force(codes, last_year + 1):
            found.append(Finding(field, "", _("The list would be empty. Add a value first.")))
        return found

    def reopening_findings(self, code: str) -> list[Finding]:
        """Of a value that was retired."""
        last_year = self.terms[code].last_year
        if any(self._has_begun(target, year) for source, target, year in self.lines if source == code):
            return [Finding("", code, _("Other values came in its place. It stays as it is."))]
        if last_year not in last_years():
            problem = gettext(
                "It has not been in the list since {year}: tables would show a 0 for years in which nobody "
                "was asked. Add a new value instead."
            )
            return [Finding("", code, problem.format(year=last_year))]
        return []

    def ways_to_end(self, code: str) -> WaysToEnd:
        is_retired = self.find(code).last_year is not None
        found = {year: self.retiring_findings([code], year - 1, field="first_year") for year in first_years()}
        possible = [year for year, findings in found.items() if not findings]
        reopening = self.reopening_findings(code) if is_retired else []
        may_reopen = is_retired and not reopening
        problems = [] if possible or may_reopen else reopening or found[first_years()[-1]]
        return WaysToEnd(
            last_years=[] if is_retired else [year - 1 for year in possible],
            first_years=possible,
            may_reopen=may_reopen,
            problem=str(problems[0].problem) if problems else "",
        )

    def _retiring_problem(self, code: str, last_year: int, *, field: str) -> str:
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
            if field == "first_year":
                text = gettext(
                    "“{value}” has {records}, which keep it. Choose {year}, the first year in which no "
                    "record has it."
                )
                year = max(later) + 1
            else:
                text = gettext("“{value}” has {records}, which keep it. Choose {year} as the last year.")
                year = max(later)
            return text.format(value=value, records=records_by_year_in_words(later), year=year)
        return ""

    def replacing_findings(
        self, sources: Sequence[str], existing: Sequence[str], new: Sequence[NewTerm], first_year: int
    ) -> list[Finding]:
        """Of values in whose place others come from a year on."""
        found = year_findings(first_year)
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

    def reopen(self, code: str) -> None:
        """It goes on, and nothing comes in its place. New values stay: others may become them, too."""
        self.terms[code].last_year = None
        self.terms[code].save(update_fields=["last_year"])
        CORRESPONDENCES[self.variable]._default_manager.filter(source=code).delete()

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
