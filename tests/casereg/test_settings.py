"""Production does not start half set up, and says what is missing without saying what is secret."""

import pytest
from django.conf import settings

from tests.programs import python

SECRET = "s3cr3t-" + "".join(map(chr, range(48, 110)))
PRODUCTION = {
    "CASEREG_ENV": "production",
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": "register.example.se",
    "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3",
}
ENVIRONMENT = "from casereg import settings; print(settings.ENVIRONMENT)"


def test_production_starts_with_what_env_example_lists():
    done = python("-c", ENVIRONMENT, **PRODUCTION)

    assert (done.returncode, done.stdout) == (0, "production\n")


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
@pytest.mark.parametrize("value", [None, ""])
def test_production_does_not_start_without_a_secret_or_place(name, value):
    environment = PRODUCTION | {name: value} if value is not None else without(name)

    done = python("-c", ENVIRONMENT, **environment)

    assert_refused(done, name)


def without(name: str) -> dict[str, str]:
    return {other: value for other, value in PRODUCTION.items() if other != name}


def assert_refused(done, *words: str) -> None:
    last_line = done.stderr.strip().splitlines()[-1]
    assert done.returncode != 0
    assert all(word in last_line for word in [*words, ".env.example"])
    assert "s3cr3t" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"SECRET_KEY": "s3cr3t"}, "SECRET_KEY"), ({"DEBUG": "1"}, "DEBUG"), ({"CASEREG_ENV": "test"}, "test")],
)
def test_production_does_not_start_with_what_is_unsafe(wrong, word):
    assert_refused(python("-c", ENVIRONMENT, **PRODUCTION | wrong), word)


def test_a_secret_may_stand_in_a_file(tmp_path):
    (tmp_path / "secret_key").write_text(SECRET)

    done = python("-c", ENVIRONMENT, **without("SECRET_KEY"), SECRET_KEY_FILE=str(tmp_path / "secret_key"))

    assert (done.returncode, done.stdout) == (0, "production\n")


def test_the_wsgi_application_is_production_unless_told_otherwise(tmp_path):
    shown = "import casereg.wsgi; from django.conf import settings; print(settings.ENVIRONMENT)"

    assert_refused(python("-c", shown), "SECRET_KEY")
    told = python("-c", shown, CASEREG_ENV="development")
    assert (told.returncode, told.stdout) == (0, "development\n")


SHELL = [
    "manage.py",
    "shell",
    "--no-imports",
    "-c",
    "from django.conf import settings; print(settings.ENVIRONMENT)",
]


def test_manage_py_is_development_unless_told_otherwise():
    assert python(*SHELL).stdout == "development\n"
    assert python(*SHELL, **PRODUCTION).stdout == "production\n"


def test_a_deployment_passes_djangos_own_check():
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert done.returncode == 0, done.stderr
    assert settings.SILENCED_SYSTEM_CHECKS == []


def test_a_relative_database_stands_beside_manage_py_wherever_it_is_called_from():
    shown = (
        "import os, sys; sys.path[0] = os.getcwd(); os.chdir('/'); "
        "from casereg import settings; print(settings.DATABASES['default']['NAME'])"
    )

    done = python("-c", shown, CASEREG_ENV="development", DATABASE_URL="sqlite:///db.sqlite3")

    assert done.stdout.strip() == str(settings.BASE_DIR / "db.sqlite3")


def test_an_absolute_database_stays_where_it_is(tmp_path):
    shown = "from casereg import settings; print(settings.DATABASES['default']['NAME'])"

    done = python("-c", shown, CASEREG_ENV="development", DATABASE_URL=f"sqlite:///{tmp_path}/x.sqlite3")

    assert done.stdout.strip() == f"{tmp_path}/x.sqlite3"


def test_passwords_are_hashed_with_argon2():
    shown = "from casereg import settings; print(settings.PASSWORD_HASHERS[0])"

    assert python("-c", shown, CASEREG_ENV="development").stdout.strip().endswith(".Argon2PasswordHasher")
