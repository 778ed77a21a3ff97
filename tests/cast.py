"""The fixed cast. A name says who it is: own and foreign region, reader of all, no reader, no longer."""

import pytest

from casereg.models import Role, User
from tests.factories import UserFactory


@pytest.fixture
def coordinator_nord(database) -> User:
    return UserFactory(email="nord@example.org", name="Nora Nord", region_id="nord")


@pytest.fixture
def coordinator_syd(database) -> User:
    return UserFactory(email="syd@example.org", name="Sixten Syd", region_id="syd")


@pytest.fixture
def analyst(database) -> User:
    return UserFactory(email="analyst@example.org", name="Anna Analys", role=Role.ANALYST)


@pytest.fixture
def administrator(database) -> User:
    return UserFactory(email="admin@example.org", name="Adam Admin", role=Role.ADMINISTRATOR)


@pytest.fixture
def deactivated(database) -> User:
    """Was a coordinator of Nord."""
    return UserFactory(email="gone@example.org", name="Gun Gången", is_active=False)
