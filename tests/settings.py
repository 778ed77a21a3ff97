"""The site's settings in development mode, with what makes tests fast."""

import os

os.environ.setdefault("CASEREG_ENV", "development")

from casereg.settings import *  # noqa: F403

MIDDLEWARE = ["tests.walls.NothingLent", *MIDDLEWARE]  # noqa: F405
