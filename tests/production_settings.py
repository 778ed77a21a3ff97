"""The site's settings as they are, with one page more: tests/failing_page.py."""

from casereg.settings import *  # noqa: F403

ROOT_URLCONF = "tests.failing_page"
