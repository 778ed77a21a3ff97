"""The monthly review of the trail: which months of which region are due, and what a month holds.

A region's month is what was done by people who worked in the region, or to the region itself. What analysts,
administrators, programs and strangers did is of no region (`""`), and is reviewed under that heading.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, Literal

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate
from django.utils import timezone

from casereg.access import Permission, has_permission
from casereg.models import AuditEvent, Cover, Outcome, Region, TrailReview, User
from casereg.trail import Events, events_of, midnight, newest_first
from casereg.trail_wording import Kind, actions_of, kind_of

# What stands out in a month. Hours are Sweden's; public holidays are taken for ordinary days.
NIGHT_BEGINS, NIGHT_ENDS = 22, 6
MANY_CASES_A_DAY: Final = 30  # different cases opened by one person
RIGHTS_SHOWN: Final = 50
SATURDAY: Final = 6


class NoSuchMonth(ObjectDoesNotExist):
    """No region of that code has a trail, or there is no such month."""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    number: int

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Month":
        return Month(self.year, self.number + 1) if self.number < 12 else Month(self.year + 1, 1)

    @property
    def is_over(self) -> bool:
        return self < this_month()

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


def this_month() -> Month:
    return month_of(timezone.now())


def month_of(at: datetime) -> Month:
    here = timezone.localtime(at)
    return Month(here.year, here.month)


# --- What is due ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A region's month in the grid: signed, to be signed, going on, or not under review."""

    region_code: str
    state: Literal["signed", "unsigned", "going_on", "none"]
    review: TrailReview | None = None


@dataclass(frozen=True, slots=True)
class Reviews:
    """For each region, and for "" which is none: its months up to the present one, and the signatures."""

    months: Mapping[str, Sequence[Month]]
    signed: Mapping[tuple[str, Month], TrailReview]

    @property
    def unsigned(self) -> list[tuple[Month, str]]:
        """The months that are over and wait for a signature, oldest first."""
        return sorted(
            (month, code)
            for code, months in self.months.items()
            for month in months
            if month.is_over and (code, month) not in self.signed
        )

    @property
    def years(self) -> list[int]:
        return sorted({month.year for months in self.months.values() for month in months}, reverse=True)

    def of_year(self, year: int) -> list[tuple[Month, list[Cell]]]:
        """The grid of a year: a row for each month under review, the newest first, a cell for each region."""
        months = {month for months in self.months.values() for month in months if month.year == year}
        return [
            (month, [self._cell(code, month) for code in self.months])
            for month in sorted(months, reverse=True)
        ]

    def _cell(self, code: str, month: Month) -> Cell:
        if review := self.signed.get((code, month)):
            return Cell(code, "signed", review)
        if month not in self.months[code]:
            return Cell(code, "none")
        return Cell(code, "unsigned" if month.is_over else "going_on")


def reviews_of(user: User) -> Reviews:
    """Every month under review. Four queries, none of which goes through the trail."""
    if not has_permission(user, Permission.READ_TRAIL):
        return Reviews({}, {})
    signed = {
        (review.region, Month(review.year, review.month)): review
        for review in TrailReview.objects.select_related("by")
    }
    return Reviews(_months(), signed)


def month_under_review(
    user: User, region_code: str, year: int, number: int
) -> tuple[Month, TrailReview | None]:
    """A region's month with its signature, if it has one. Raises `NoSuchMonth` where it is not reviewed."""
    if not has_permission(user, Permission.READ_TRAIL):
        raise NoSuchMonth
    month = Month(year, number)
    if month not in _months().get(region_code, ()):
        raise NoSuchMonth
    of_month = TrailReview.objects.filter(region=region_code, year=year, month=number)
    return month, of_month.select_related("by").first()


def _months() -> dict[str, list[Month]]:
    """From a region's first event to the present month; of one that is retired or gone, to its last event."""
    present = this_month()
    months: dict[str, list[Month]] = {}
    regions = Region.objects.annotate(first=_first_event("code"), last=_last_event("code"))
    in_order = regions.order_by("position", "code")
    for code, last_year, first, last in in_order.values_list("code", "last_year", "first", "last"):
        if first:
            months[code] = _span(first, present if last_year is None else month_of(last))
    # In the order of the index by action: in another one SQLite goes through the whole trail.
    gone = AuditEvent.objects.filter(action="region_delete").order_by("at", "sequence")
    gone_with_ends = gone.annotate(first=_first_event("region"), last=_last_event("region"))
    for code, first, last in gone_with_ends.values_list("region", "first", "last"):
        months.setdefault(code, _span(first, month_of(last)))
    of_none = AuditEvent.objects.filter(region="").order_by("at").values_list("at", flat=True).first()
    if of_none:
        months[""] = _span(of_none, present)
    return months


# When a region's first and last event was: each is one step into an index.
def _first_event(column: str) -> Subquery:
    return Subquery(_of_region(column).order_by("at", "sequence").values("at")[:1])


def _last_event(column: str) -> Subquery:
    return Subquery(_of_region(column).order_by("-at", "-sequence").values("at")[:1])


def _of_region(column: str) -> Events:
    return AuditEvent.objects.filter(region=OuterRef(column))


def _span(first: datetime, last: Month) -> list[Month]:
    months, month = [], month_of(first)
    while month <= last:
        months.append(month)
        month = month.next
    return months


# --- One month -----------------------------------------------------------------------------------


def events_of_month(user: User, region_code: str, month: Month) -> Events:
    begins, ends = midnight(month.first_day), midnight(month.next.first_day)
    return events_of(user).filter(region=region_code, at__gte=begins, at__lt=ends)


@dataclass(slots=True)
class PersonInMonth:
    """What one person did in one role. `name` is blank for programs and strangers."""

    name: str
    role: str
    events: int = 0
    readings: int = 0
    downloads: int = 0
    refusals: int = 0
    at_odd_hours: int = 0  # readings and downloads at night or at weekends


@dataclass(frozen=True, slots=True)
class ManyCases:
    """So many different cases were opened by one person on one day."""

    name: str
    day: date
    cases: int


class MonthInTrail:
    """A region's month in numbers, and what stands out in it. Each part is one query."""

    def __init__(self, user: User, region_code: str, month: Month) -> None:
        self.region_code, self.month = region_code, month
        self._events = events_of_month(user, region_code, month)
        self._counted = list(
            self._events.order_by()
            .annotate(hour=ExtractHour("at"), weekday=ExtractIsoWeekDay("at"))
            .values_list("actor_id", "actor__name", "role", "action", "outcome")
            .annotate(
                number=Count("sequence"),
                at_odd_hours=Count("sequence", filter=_AT_ODD_HOURS),
                last=Max("sequence"),
            )
        )

    @property
    def events(self) -> int:
        return sum(number for *_who, number, _odd, _last in self._counted)

    @property
    def last_sequence(self) -> int:
        """Of the month's last event by number; 0 where there is none."""
        return max((last for *_who, last in self._counted), default=0)

    @property
    def by_kind(self) -> list[tuple[Kind, int]]:
        numbers: dict[Kind, int] = defaultdict(int)
        for _actor, _name, _role, action, _outcome, number, _odd, _last in self._counted:
            numbers[kind_of(action)] += number
        return [(kind, numbers[kind]) for kind in Kind if kind in numbers]

    @cached_property
    def people(self) -> list[PersonInMonth]:
        """Who did most stands first."""
        people: dict[tuple[int | None, str], PersonInMonth] = {}
        for actor, name, role, action, outcome, number, odd, _last in self._counted:
            person = people.setdefault((actor, role), PersonInMonth(name or "", role))
            kind = kind_of(action)
            person.events += number
            person.refusals += number if outcome == Outcome.DENIED else 0
            person.readings += number if kind is Kind.READING else 0
            person.downloads += number if kind is Kind.DOWNLOAD else 0
            person.at_odd_hours += odd if kind in (Kind.READING, Kind.DOWNLOAD) else 0
        return sorted(people.values(), key=lambda person: (-person.events, person.name))

    @property
    def refusals(self) -> int:
        return sum(person.refusals for person in self.people)

    @property
    def downloads(self) -> int:
        return sum(person.downloads for person in self.people)

    @property
    def at_odd_hours(self) -> int:
        return sum(person.at_odd_hours for person in self.people)

    @cached_property
    def many_cases(self) -> list[ManyCases]:
        """Who opened `MANY_CASES_A_DAY` or more different cases on one day."""
        read = self._events.order_by().filter(action="read", object__startswith="case ")
        days = (
            read.annotate(day=TruncDate("at"))
            .values_list("actor__name", "day")
            .annotate(cases=Count("object", distinct=True))
            .filter(cases__gte=MANY_CASES_A_DAY)
        )
        return [ManyCases(name or "", day, cases) for name, day, cases in days.order_by("day", "actor__name")]

    @cached_property
    def covers(self) -> list[Cover]:
        """Who could work in the region in the month beside its own coordinators, for a day at least."""
        begins, ends = midnight(self.month.first_day), self.month.last_day
        covers = Cover.objects.filter(region=self.region_code or None, first_day__lte=ends)
        covers = covers.filter(last_day__gte=self.month.first_day)
        return list(
            covers.filter(Q(ended_at=None) | Q(ended_at__gte=begins)).select_related("user", "given_by")
        )

    @cached_property
    def new_rights(self) -> list[AuditEvent]:
        """The events by which somebody may do more or something else; no more than `RIGHTS_SHOWN` + 1."""
        given = self._events.filter(action__in=actions_of(Kind.PEOPLE), outcome=Outcome.DONE)
        return list(newest_first(given)[: RIGHTS_SHOWN + 1])

    @property
    def stands_out(self) -> bool:
        numbers = (self.refusals, self.downloads, self.at_odd_hours)
        return any(numbers) or bool(self.many_cases or self.covers or self.new_rights)


_AT_ODD_HOURS: Final = Q(hour__gte=NIGHT_BEGINS) | Q(hour__lt=NIGHT_ENDS) | Q(weekday__gte=SATURDAY)
