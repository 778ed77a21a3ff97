"""The site as it is served; told to, it fails, and it tells what is left on the connection of an answer."""

from casereg.settings import *  # noqa: F403

MIDDLEWARE = [
    "tests.row_security.interleaved.LeftOnConnection",
    *MIDDLEWARE,  # noqa: F405
    "tests.row_security.interleaved.FailsWhenTold",
]
