"""What every test stands on: the test database, a clock that is set, no network, a fast hasher, the cast."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases
from pytest_django.live_server_helper import LiveServer

from stats.counted_before import forget_figures
from tests.chromium import chromium
from tests.databases import everything_stored, put_back
from tests.walls import SITE_ROLE, become_owner, become_site, make_site_role, without_the_wall

pytest_plugins = ["tests.cast", "tests.logged"]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

# Playwright leaves its event loop in the main thread, where Django then suspects asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
hypothesis.settings.register_profile(
    "suite",
    deadline=None,  # a machine under load is no failure
    suppress_health_check=[
        hypothesis.HealthCheck.function_scoped_fixture,  # each example rolls back what it stored
        hypothesis.HealthCheck.too_slow,
    ],
)
hypothesis.settings.load_profile("suite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if chromium() is None:
        skip = pytest.mark.skip(reason="chromium was not found")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)
    for item in items:
        if item.get_closest_marker("browser"):
            # A browser on a loaded machine: once more, and the summary names what was repeated.
            item.add_marker(pytest.mark.flaky(reruns=1))
    if os.environ.get("ONLY_TESTS_WITH_DATABASE"):  # the rest ran on the other database already
        bare = [item for item in items if not _uses_database(item)]
        config.hook.pytest_deselected(items=bare)
        items[:] = [item for item in items if _uses_database(item)]


def _uses_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("look"):
        return False
    fixtures = {"db", "database", "committed_db", "django_db_setup"}
    asked_for = fixtures.intersection(getattr(item, "fixturenames", ()))
    return bool(asked_for) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, tmp_path_factory) -> Iterator[None]:
    """pytest-django's own makes no database for a test that it does not see asking for one."""
    if connection.vendor == "sqlite":
        # A file, not memory: then threads and other programs meet the same locks as in production.
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(file)
    elif worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # Workers run side by side on one server.
        connection.settings_dict["TEST"]["NAME"] = f"test_casereg_{worker}"
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            make_site_role()
            settings.DATABASE_SITE_ROLE = SITE_ROLE
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        if connection.vendor == "postgresql":
            become_site()
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            become_owner()
        _end_other_connections()
        teardown_databases(made, verbosity=0)


def _end_other_connections() -> None:
    """While Playwright's event loop ran, this thread had another connection than it has now."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A database in which commits are real, for threads, browsers and other programs. Put back afterwards."""
    with django_db_blocker.unblock():
        assert not connection.in_atomic_block, "ask for `db` or for `committed_db`, not for both"
        before = everything_stored()
        yield
        put_back(before)
        connections.close_all()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> None:
    """The test's database: `committed_db` where the test asks for that, else rolled back."""
    request.getfixturevalue("committed_db" if "committed_db" in request.fixturenames else "db")


@pytest.fixture
def live_site(committed_db, settings) -> Iterator[LiveServer]:
    """The site on a loopback port, answering as it does in development: WhiteNoise serves static files."""
    settings.MEDIA_URL = "/there-are-no-media/"
    server = LiveServer("127.0.0.1", start=False)
    server.thread.static_handler = lambda application: application
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[time_machine.Traveller | None]:
    """It is NOW when a test begins, and time goes on from there. A browser or program has its own clock."""
    if request.node.get_closest_marker("browser") or request.node.get_closest_marker("real_time"):
        yield None
        return
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _nothing_counted_before() -> None:
    """What one test counted is not shown to the next, whose register may have the same version."""
    forget_figures()


@pytest.fixture(autouse=True, scope="session")
def _queries_are_counted_without_the_wall() -> Iterator[None]:
    """The same numbers hold for both databases; tests/walls tells what the wall itself takes."""
    if connection.vendor != "postgresql":
        yield
        return
    captured = CaptureQueriesContext.captured_queries
    counted = property(lambda context: without_the_wall(captured.fget(context)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CaptureQueriesContext, "captured_queries", counted)
        yield


@pytest.fixture(autouse=True)
def _fast_hasher(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Nothing but this machine can be reached."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise RuntimeError(f"A test tried to reach {address}.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict:
    """Debian's chromium; without its sandbox where the tests are run by root."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": chromium(), "args": sandbox}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test has its own `live_site`. The plugin's own fixture is of a kind that pytest warns of."""
