"""The years beside each other. Years before the register hold what was published, and nothing more."""

from stats.definitions import Table, gettext_noop
from stats.dimensions import ALL_PERSONS, FORM, MINORS, NATIONALITY, PERSON_GROUP

_NOTE = gettext_noop(
    "Years without records show what was published of them; their parts need not sum, and what they cover "
    "has changed between the years."
)

PERSONS_BY_YEAR = Table(
    id="persons-by-year",
    title=gettext_noop("Persons by sex and age, over the years"),
    dimensions=(PERSON_GROUP,),
    population=ALL_PERSONS,
    is_series=True,
    note=_NOTE,
)
FORM_BY_YEAR = Table(
    id="form-by-year",
    title=gettext_noop("Persons by form of exploitation, over the years"),
    dimensions=(FORM,),
    population=ALL_PERSONS,
    is_series=True,
    note=_NOTE,
)
MINORS_BY_YEAR = Table(
    id="minors-by-year",
    title=gettext_noop("Minors by form of exploitation, over the years"),
    dimensions=(FORM,),
    population=MINORS,
    is_series=True,
    note=_NOTE,
)
NATIONALITY_BY_YEAR = Table(
    id="nationality-by-year",
    title=gettext_noop("Persons by nationality, over the years"),
    dimensions=(NATIONALITY,),
    population=ALL_PERSONS,
    is_series=True,
    note=_NOTE,
)
