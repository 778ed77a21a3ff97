"""Months as the register writes them: "2026-11"."""

from django.utils import timezone


def this_month() -> str:
    """The present month in Sweden."""
    return timezone.localdate().strftime("%Y-%m")
