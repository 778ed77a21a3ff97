"""The year of which a sentence speaks, with the region whose figures they are, and whether it goes on."""

from django.utils import timezone
from django.utils.translation import gettext

from stats.compute import YearFigures


def when_in_words(figures: YearFigures, *, with_region: bool = True) -> str:
    """`2023`, `2026 so far`, `2023 in the region Nord`: so that a copied sentence says of what it is true."""
    year, goes_on = str(figures.year), _goes_on(figures)
    if figures.region_code is None or not with_region:
        return gettext("{year} so far").format(year=year) if goes_on else year
    region = figures.codebook.label("region", figures.region_code)
    if goes_on:
        return gettext("{year} so far in the region {region}").format(year=year, region=region)
    return gettext("{year} in the region {region}").format(year=year, region=region)


def compared_with_in_words(before: YearFigures, now: YearFigures) -> str:
    """The earlier year; of a year that goes on it is said that the earlier one is whole."""
    if _goes_on(now):
        return gettext("the whole of {year}").format(year=before.year)
    return str(before.year)


def _goes_on(figures: YearFigures) -> bool:
    return figures.year >= timezone.localdate().year
