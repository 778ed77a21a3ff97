"""The years beside each other. Years before the register hold what was published, and nothing more."""

from stats.definitions import Break, Table, gettext_noop, ngettext_lazy
from stats.dimensions import ALL_PERSONS, FORM, MINORS, NATIONALITY, PERSON_GROUP

_NOTE = gettext_noop(
    "Years without records show what was published of them; their parts need not sum, and what they cover "
    "has changed between the years."
)
# What the published totals of years without records say that they cover.
_BREAKS = (
    Break(
        year=2019,
        why=gettext_noop(
            "The published total of 2018 covers the support line and the coordinators together; what that "
            "of 2019 covers is not stated."
        ),
    ),
    Break(
        year=2021,
        why=gettext_noop(
            "From 2021 the published totals cover the coordinators alone. Nothing was found of 2020."
        ),
    ),
    Break(
        year=2022,
        why=gettext_noop("The published total of 2022 names the minors apart and may cover adults only."),
    ),
    Break(
        year=2023,
        why=gettext_noop(
            "Before 2023 the numbers are published totals. Where a year has records, they count every "
            "person of all ages."
        ),
    ),
)

PERSONS_BY_YEAR = Table(
    id="persons-by-year",
    title=gettext_noop("Persons by sex and age, over the years"),
    dimensions=(PERSON_GROUP,),
    population=ALL_PERSONS,
    is_series=True,
    note=_NOTE,
    breaks=_BREAKS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the group “{person_group}” is counted.",
        "In {year}, {count} persons of the group “{person_group}” are counted.",
    ),
)
FORM_BY_YEAR = Table(
    id="form-by-year",
    title=gettext_noop("Persons by form of exploitation, over the years"),
    dimensions=(FORM,),
    population=ALL_PERSONS,
    is_series=True,
    note=_NOTE,
    breaks=_BREAKS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person is counted under the form “{form}”.",
        "In {year}, {count} persons are counted under the form “{form}”.",
    ),
)
MINORS_BY_YEAR = Table(
    id="minors-by-year",
    title=gettext_noop("Minors by form of exploitation, over the years"),
    dimensions=(FORM,),
    population=MINORS,
    is_series=True,
    note=_NOTE,
    breaks=_BREAKS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} minor is counted under the form “{form}”.",
        "In {year}, {count} minors are counted under the form “{form}”.",
    ),
)
NATIONALITY_BY_YEAR = Table(
    id="nationality-by-year",
    title=gettext_noop("Persons by nationality, over the years"),
    dimensions=(NATIONALITY,),
    population=ALL_PERSONS,
    is_series=True,
    note=_NOTE,
    breaks=_BREAKS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the nationality “{nationality}” is counted.",
        "In {year}, {count} persons of the nationality “{nationality}” are counted.",
    ),
)
