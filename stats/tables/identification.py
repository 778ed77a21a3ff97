"""How, where and when the persons became known."""

from stats.definitions import Measure, Table, gettext_noop
from stats.dimensions import (
    AGE_GROUP,
    ALL_PERSONS,
    FORM,
    INCIDENT_SIZE,
    INDUSTRY,
    INDUSTRY_ASKED,
    JOINT_INSPECTION,
    MONTH,
    REFERRAL_SOURCE,
    REGION,
    SEX,
    UNIT,
)

JOINT_BY_FORM = Table(
    id="joint-by-form",
    title=gettext_noop("Persons identified in joint inspections, by form of exploitation"),
    dimensions=(FORM, JOINT_INSPECTION),
    population=ALL_PERSONS,
)
REFERRAL = Table(
    id="referral",
    title=gettext_noop("Persons by referral source and age group"),
    dimensions=(REFERRAL_SOURCE, AGE_GROUP),
    population=ALL_PERSONS,
)
INDUSTRIES = Table(
    id="industry",
    title=gettext_noop("Persons exploited for labour, by industry and sex"),
    dimensions=(INDUSTRY, SEX),
    population=INDUSTRY_ASKED,
)
INCIDENTS = Table(
    id="incidents",
    title=gettext_noop("Incidents and persons, by size of the incident"),
    dimensions=(INCIDENT_SIZE, UNIT),
    population=ALL_PERSONS,
    measure=Measure.INCIDENTS,
    internal=True,
    note=gettext_noop(
        "An incident is sized by its persons of the year. A case without one is an incident of one person."
    ),
)
REGION_BY_FORM = Table(
    id="region-by-form",
    title=gettext_noop("Persons by region and form of exploitation"),
    dimensions=(REGION, FORM),
    population=ALL_PERSONS,
    internal=True,
)
MONTHS = Table(
    id="months",
    title=gettext_noop("Persons by month and region"),
    dimensions=(MONTH, REGION),
    population=ALL_PERSONS,
    internal=True,
)
