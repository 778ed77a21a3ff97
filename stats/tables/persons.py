"""Who the persons are: sex, age, form, assessment, nationality, children."""

from stats.definitions import Measure, Table, gettext_noop
from stats.dimensions import (
    AGE_GROUP,
    ALL_PERSONS,
    ASSESSMENT,
    FORM,
    MINORS,
    NATIONALITY,
    PERSON_GROUP,
    SEX,
    WHEREABOUTS,
)

PERSONS = Table(
    id="persons",
    title=gettext_noop("Persons by sex and age group"),
    dimensions=(SEX, AGE_GROUP),
    population=ALL_PERSONS,
)
FORM_BY_PERSON = Table(
    id="form-by-person",
    title=gettext_noop("Persons by form of exploitation, sex and age"),
    dimensions=(FORM, PERSON_GROUP),
    population=ALL_PERSONS,
)
MINORS_BY_FORM = Table(
    id="minors-by-form",
    title=gettext_noop("Minors by form of exploitation and sex"),
    dimensions=(FORM, SEX),
    population=MINORS,
)
ASSESSMENT_BY_FORM = Table(
    id="assessment-by-form",
    title=gettext_noop("Persons by form of exploitation and assessment"),
    dimensions=(FORM, ASSESSMENT),
    population=ALL_PERSONS,
)
NATIONALITIES = Table(
    id="nationality",
    title=gettext_noop("Persons by nationality and age group"),
    dimensions=(NATIONALITY, AGE_GROUP),
    population=ALL_PERSONS,
    note=gettext_noop(
        "Nationalities that occur, most common first. Equal numbers stand in the order of the Swedish names."
    ),
)
NATIONALITY_BY_FORM = Table(
    id="nationality-by-form",
    title=gettext_noop("Persons by nationality and form of exploitation"),
    dimensions=(NATIONALITY, FORM),
    population=ALL_PERSONS,
)
CHILDREN = Table(
    id="children",
    title=gettext_noop("Children of the persons, by whereabouts"),
    dimensions=(WHEREABOUTS,),
    population=ALL_PERSONS,
    measure=Measure.CHILDREN,
    note=gettext_noop("A plain sum: each child is entered on one person only."),
)
