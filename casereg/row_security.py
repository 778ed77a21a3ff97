"""Which rows of cases PostgreSQL shows and takes in a transaction: the second wall, behind access's doors.

Its policies go by four settings that last as long as the transaction. Where they are not set there are no
rows, and none can be written. SQLite has no such policies: there, all this does nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from casereg.models import Role, User

EVERYWHERE: Final = "*"
SYSTEM: Final = "system"  # the role of commands
_SETTINGS = ("casereg.user_id", "casereg.role", "casereg.reads", "casereg.writes")
_SET = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS)
_SET_FOR_SESSION = _SET.replace(", true)", ", false)")
_GET = "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in _SETTINGS)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who acts, and the codes of the regions whose rows may be read and written: a comma between two.

    `EVERYWHERE` stands for every region, and blank for none.
    """

    user_id: str = ""
    role: str = ""
    reads: str = ""
    writes: str = ""

    def with_regions(self, codes: Iterable[str]) -> "Reach":
        """These regions too, for reading and writing."""
        return replace(self, reads=_with(self.reads, codes), writes=_with(self.writes, codes))


NOTHING: Final = Reach()
EVERYTHING: Final = Reach(role=SYSTEM, reads=EVERYWHERE, writes=EVERYWHERE)


def reach_of(user: User | AnonymousUser) -> Reach:
    """A coordinator's region, an analyst's country to read; what the doors of `casereg.access` say, again."""
    if not isinstance(user, User) or not user.is_active:
        return NOTHING
    mine = Reach(user_id=str(user.pk), role=user.role)
    if user.role == Role.COORDINATOR:
        return mine.with_regions([user.working_region_id] if user.working_region_id else [])
    if user.role == Role.ANALYST:
        return replace(mine, reads=EVERYWHERE)
    return mine


@contextmanager
def within(reach: Reach) -> Iterator[None]:
    """One transaction with these rows in reach. What was in reach around it is so again after it."""
    if connection.vendor != "postgresql":
        yield
        return
    around = _present() if connection.in_atomic_block else None
    with transaction.atomic():
        _set(reach)
        yield
        # After an exception the database takes it back itself, with the savepoint.
        if around is not None and not connection.needs_rollback:
            _set(around)


@contextmanager
def within_also(codes: Iterable[str]) -> Iterator[None]:
    """As `within`, with what is in reach now and these regions."""
    if connection.vendor != "postgresql":
        yield
        return
    with within(_present().with_regions(codes)):
        yield


def set_for_session(reach: Reach) -> None:
    """Until the connection is closed: for the owner who migrates. A request would lend it to the next one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_SET_FOR_SESSION, _values(reach))


def _with(regions: str, codes: Iterable[str]) -> str:
    all_of_them = {*filter(None, regions.split(",")), *codes}
    return EVERYWHERE if EVERYWHERE in all_of_them else ",".join(sorted(all_of_them))


def _present() -> Reach:
    with connection.cursor() as cursor:
        cursor.execute(_GET)
        return Reach(*cursor.fetchone())


def _set(reach: Reach) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SET, _values(reach))


def _values(reach: Reach) -> list[str]:
    return [reach.user_id, reach.role, reach.reads, reach.writes]
