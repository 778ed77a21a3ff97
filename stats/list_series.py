"""For each code list the series in which its values stand, year by year."""

from collections.abc import Mapping

from stats.definitions import Table, gettext_noop
from stats.dimensions import ALL_PERSONS, INDUSTRY, INDUSTRY_ASKED, REFERRAL_SOURCE
from stats.tables.series import FORM_BY_YEAR

REFERRAL_SOURCE_BY_YEAR = Table(
    id="referral_source-by-year",
    title=gettext_noop("Persons by referral source, over the years"),
    dimensions=(REFERRAL_SOURCE,),
    population=ALL_PERSONS,
    is_series=True,
    internal=True,
)
INDUSTRY_BY_YEAR = Table(
    id="industry-by-year",
    title=gettext_noop("Persons by industry, over the years"),
    dimensions=(INDUSTRY,),
    population=INDUSTRY_ASKED,
    is_series=True,
    internal=True,
)
SERIES: Mapping[str, Table] = {
    "form": FORM_BY_YEAR,
    "referral_source": REFERRAL_SOURCE_BY_YEAR,
    "industry": INDUSTRY_BY_YEAR,
}
