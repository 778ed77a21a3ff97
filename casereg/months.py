"""Months as the register writes them: "2026-11"."""

import re

from django.utils import timezone


def this_month() -> str:
    """The present month in Sweden."""
    return timezone.localdate().strftime("%Y-%m")


def year_of(month: str) -> int:
    """The year of a month that somebody types; the present one as long as it is no month."""
    return int(month[:4]) if re.fullmatch(r"\d{4}-\d\d", month, re.ASCII) else int(this_month()[:4])
