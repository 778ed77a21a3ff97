"""Figures that were counted before and still hold: kept in this process, by the version of the counts.

The version is the number of the last event in the audit trail that changed something. Every change is
stored in one transaction with its event, and the trail's head is locked until that is committed: so the
version grows with each change, in the order of the commits, and who sees a version sees all its changes.

The version is read before anything is counted, by a statement of its own. A change that is committed between
the two is then counted already under the version before it (PostgreSQL at READ COMMITTED and SQLite both
show each statement what is committed when it begins). That is harmless: figures may be newer than their
version, and nobody asks for that version again once the change is there. Read the other way round, figures
from before the change could be kept under its version, and stay wrong until the next one.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from typing import TypeVar

from django.db import connection

from casereg.correspondences import Correspondence
from casereg.models import AuditHead
from casereg.request_transaction import regions_read, sees_what_is_committed
from casereg.stored_codebook import load_correspondences
from stats.compute import (
    CrossFigures,
    YearFigures,
    compute_cross,
    compute_year,
    recorded_years,
)
from stats.narrowing import EVERYBODY, Narrowing

KEPT = 64  # sets of figures: a year of one region is some 200 kB
_kept: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()

Figures = TypeVar("Figures")


def counts_version() -> str:
    """The version of everything that is counted, in one query. Grows with each change, not with readings."""
    last_change = AuditHead.objects.filter(id=1).values_list("last_change", flat=True).first()
    return str(last_change or 0)


def year_figures(
    year: int,
    *,
    region_code: str | None = None,
    narrowing: Narrowing = EVERYBODY,
    version: str | None = None,
) -> YearFigures:
    """As `compute_year`; with nothing changed since they were counted, in one query, the version's.

    Who has read the version already hands it in, and needs no query.
    """
    return _counted_once(
        ("year", year, region_code, narrowing),
        lambda: compute_year(year, region_code=region_code, narrowing=narrowing),
        version,
    )


def cross_figures(
    year: int,
    breakdowns: Sequence[str],
    *,
    region_code: str | None = None,
    narrowing: Narrowing = EVERYBODY,
    version: str | None = None,
) -> CrossFigures:
    """As `compute_cross`, counted once a version."""
    return _counted_once(
        ("cross", year, tuple(breakdowns), region_code, narrowing),
        lambda: compute_cross(year, breakdowns, region_code=region_code, narrowing=narrowing),
        version,
    )


def years_recorded(region_code: str | None, *, version: str | None = None) -> list[int]:
    """As `recorded_years`, read once a version."""
    return list(_counted_once(("years", region_code), lambda: recorded_years(region_code), version))


def correspondences(*, version: str | None = None) -> list[Correspondence]:
    """What the values of the lists became, read once a version: a change of a list is a change."""
    return list(_counted_once(("correspondences",), load_correspondences, version))


def forget_figures() -> None:
    """For who goes round the audit trail: tests, and nobody else."""
    with _lock:
        _kept.clear()


def _counted_once(what: Hashable, count: Callable[[], Figures], version: str | None) -> Figures:
    if not sees_what_is_committed():
        # A transaction sees its own changes before they have a version, and perhaps takes them back.
        return count()
    # With what is in reach: figures that were counted over less, or more, are not anybody else's.
    key = (connection.settings_dict["NAME"], regions_read(), version or counts_version(), what)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]  # type: ignore[return-value]
    # Not under the lock: who asks for other figures need not wait. Two may count the same; both are right.
    figures = count()
    with _lock:
        _kept[key] = figures
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return figures
