"""These tests need PostgreSQL: `make test` runs them on a throw-away one, as the site's role."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from casereg.row_security import EVERYTHING, Reach, set_for_session


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/row_security" in str(item.path) and connection.vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="row-level security is PostgreSQL's"))


@pytest.fixture
def reached() -> "Reached":
    return Reached()


class Reached:
    """What a statement gives to somebody with a reach; the test's own is there again afterwards."""

    def rows(self, reach: Reach, sql: str, *values: object) -> list[tuple]:
        with self.only(reach), connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    def changed(self, reach: Reach, sql: str, *values: object) -> int:
        with self.only(reach), connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.rowcount

    @staticmethod
    @contextmanager
    def only(reach: Reach) -> Iterator[None]:
        set_for_session(reach)
        yield
        set_for_session(EVERYTHING)
