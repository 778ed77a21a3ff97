"""What is kept of the totals that were published of years before the register."""

from stats.models import PublishedCount


def published_sources(years: list[int]) -> list[str]:
    """Where the published totals of these years stand, each source once."""
    sources = PublishedCount.objects.filter(year__in=years).order_by("source")
    return list(sources.values_list("source", flat=True).distinct())
