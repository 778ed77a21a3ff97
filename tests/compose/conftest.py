import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "compose: brings docker-compose.yml up, where CASEREG_COMPOSE_TEST=1")
