"""Text for the cell of a file that a spreadsheet opens: so that it is not taken for a formula."""

import unicodedata
from typing import Final

_BEGIN_FORMULA: Final = frozenset("=+-@|%")


def inert(text: str) -> str:
    """With an apostrophe before what a spreadsheet would calculate, also behind signs that cannot be seen."""
    # Where lines end in \n, csv writes \r without quotes, and readers begin a line there.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign in unicodedata.normalize("NFKC", text):
        if unicodedata.category(sign)[0] not in "ZC":  # spaces, controls and what only formats
            return f"'{text}" if sign in _BEGIN_FORMULA else text
    return text
