"""Who the persons are: sex, age, form, assessment, nationality, children."""

from stats.definitions import Measure, Table, gettext_noop, ngettext_lazy
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
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the sex “{sex}” and the age group “{age_group}” is counted.",
        "In {year}, {count} persons of the sex “{sex}” and the age group “{age_group}” are counted.",
    ),
)
FORM_BY_PERSON = Table(
    id="form-by-person",
    title=gettext_noop("Persons by form of exploitation, sex and age"),
    dimensions=(FORM, PERSON_GROUP),
    population=ALL_PERSONS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the group “{person_group}” is counted under the form “{form}”.",
        "In {year}, {count} persons of the group “{person_group}” are counted under the form “{form}”.",
    ),
)
MINORS_BY_FORM = Table(
    id="minors-by-form",
    title=gettext_noop("Minors by form of exploitation and sex"),
    dimensions=(FORM, SEX),
    population=MINORS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} minor of the sex “{sex}” is counted under the form “{form}”.",
        "In {year}, {count} minors of the sex “{sex}” are counted under the form “{form}”.",
    ),
)
ASSESSMENT_BY_FORM = Table(
    id="assessment-by-form",
    title=gettext_noop("Persons by form of exploitation and assessment"),
    dimensions=(FORM, ASSESSMENT),
    population=ALL_PERSONS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person under the form “{form}” is assessed as “{assessment}”.",
        "In {year}, {count} persons under the form “{form}” are assessed as “{assessment}”.",
    ),
)
NATIONALITIES = Table(
    id="nationality",
    title=gettext_noop("Persons by nationality and age group"),
    dimensions=(NATIONALITY, AGE_GROUP),
    population=ALL_PERSONS,
    note=gettext_noop(
        "Nationalities that occur, most common first. Equal numbers stand in the order of the Swedish names."
    ),
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the nationality “{nationality}”, “{age_group}”, is counted.",
        "In {year}, {count} persons of the nationality “{nationality}”, “{age_group}”, are counted.",
    ),
)
NATIONALITY_BY_FORM = Table(
    id="nationality-by-form",
    title=gettext_noop("Persons by nationality and form of exploitation"),
    dimensions=(NATIONALITY, FORM),
    population=ALL_PERSONS,
    reads_aloud=ngettext_lazy(
        "In {year}, {count} person of the nationality “{nationality}” is counted under the form “{form}”.",
        "In {year}, {count} persons of the nationality “{nationality}” are counted under the form “{form}”.",
    ),
)
CHILDREN = Table(
    id="children",
    title=gettext_noop("Children of the persons, by whereabouts"),
    dimensions=(WHEREABOUTS,),
    population=ALL_PERSONS,
    measure=Measure.CHILDREN,
    note=gettext_noop("A plain sum: each child is entered on one person only."),
    counts=gettext_noop(
        "Children of the persons, as entered on their cases. A number that is unknown or not recorded adds "
        "nothing; the persons concerned are counted beside the table."
    ),
    reads_aloud=ngettext_lazy(
        "In {year}, {count} child of the persons is {whereabouts}.",
        "In {year}, {count} children of the persons are {whereabouts}.",
    ),
)
