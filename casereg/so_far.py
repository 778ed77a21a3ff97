"""The present month's and year's count beside last year's. A case has a month, so months are compared."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext

from casereg.access import cases_of
from casereg.models import User
from casereg.months import this_month


@dataclass(frozen=True, slots=True)
class Period:
    """The same months of two years."""

    label: str  # "November", "January–November"
    this_year: int
    last_year: int


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is counted of this year, whose last month is not over, and of the same months last year."""

    year: int
    month: str  # as within a sentence
    periods: list[Period]

    @property
    def last_year(self) -> int:
        return self.year - 1


def count_so_far(user: User) -> SoFar:
    """The standing cases that the user may see, in one query."""
    year, month = map(int, this_month().split("-"))
    up_to_now, now = Q(month__lte=month), Q(month=month)
    counted = (
        cases_of(user)
        .standing()
        .filter(up_to_now, year__in=(year, year - 1))
        .aggregate(
            this_month=Count("pk", filter=now & Q(year=year)),
            month_last_year=Count("pk", filter=now & Q(year=year - 1)),
            so_far=Count("pk", filter=Q(year=year)),
            so_far_last_year=Count("pk", filter=Q(year=year - 1)),
        )
    )
    periods = [Period(capfirst(_month(month)), counted["this_month"], counted["month_last_year"])]
    if month > 1:
        label = gettext("{first}–{last}").format(first=capfirst(_month(1)), last=_month(month))
        periods.append(Period(label, counted["so_far"], counted["so_far_last_year"]))
    return SoFar(year, _month(month), periods)


def _month(number: int) -> str:
    return date_format(date(2000, number, 1), "F")
