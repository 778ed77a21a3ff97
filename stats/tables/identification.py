"""How, where and when the persons became known."""

from stats.definitions import Measure, Table, gettext_noop, ngettext_lazy
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
    reads_aloud=ngettext_lazy(
        "Identified in a joint inspection, form “{form}”, {year}: “{joint_inspection}” of {count} person.",
        "Identified in a joint inspection, form “{form}”, {year}: “{joint_inspection}” of {count} persons.",
    ),
)
REFERRAL = Table(
    id="referral",
    title=gettext_noop("Persons by referral source and age group"),
    dimensions=(REFERRAL_SOURCE, AGE_GROUP),
    population=ALL_PERSONS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the age group “{age_group}” was referred from “{referral_source}”.",
        "In {year}, {count} persons of the age group “{age_group}” were referred from “{referral_source}”.",
    ),
)
INDUSTRIES = Table(
    id="industry",
    title=gettext_noop("Persons exploited for labour, by industry and sex"),
    dimensions=(INDUSTRY, SEX),
    population=INDUSTRY_ASKED,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the sex “{sex}” is counted under the industry “{industry}”.",
        "In {year}, {count} persons of the sex “{sex}” are counted under the industry “{industry}”.",
    ),
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
    counts=gettext_noop("Incidents, and the persons in them. One case is one person."),
    reads_aloud=ngettext_lazy(
        "In {year}, {count} incident of the size “{incident_size}” is counted.",
        "In {year}, {count} incidents of the size “{incident_size}” are counted.",
    ),
)
REGION_BY_FORM = Table(
    id="region-by-form",
    title=gettext_noop("Persons by region and form of exploitation"),
    dimensions=(REGION, FORM),
    population=ALL_PERSONS,
    internal=True,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person under the form “{form}” is counted in the region “{region}”.",
        "In {year}, {count} persons under the form “{form}” are counted in the region “{region}”.",
    ),
)
MONTHS = Table(
    id="months",
    title=gettext_noop("Persons by month and region"),
    dimensions=(MONTH, REGION),
    population=ALL_PERSONS,
    internal=True,
    reads_aloud=ngettext_lazy(
        "In {month} {year}, {count} person became known in the region “{region}”.",
        "In {month} {year}, {count} persons became known in the region “{region}”.",
    ),
)
