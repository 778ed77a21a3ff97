"""The published tables, in print order. One declaration a table; the tests and exports read this list."""

from stats.tables.identification import (
    INCIDENTS,
    INDUSTRIES,
    JOINT_BY_FORM,
    MONTHS,
    REFERRAL,
    REGION_BY_FORM,
)
from stats.tables.persons import (
    ASSESSMENT_BY_FORM,
    CHILDREN,
    FORM_BY_PERSON,
    MINORS_BY_FORM,
    NATIONALITIES,
    NATIONALITY_BY_FORM,
    PERSONS,
)
from stats.tables.series import (
    FORM_BY_YEAR,
    MINORS_BY_YEAR,
    NATIONALITY_BY_YEAR,
    PERSONS_BY_YEAR,
)

TABLES = (
    PERSONS,
    FORM_BY_PERSON,
    MINORS_BY_FORM,
    ASSESSMENT_BY_FORM,
    JOINT_BY_FORM,
    REFERRAL,
    INDUSTRIES,
    NATIONALITIES,
    NATIONALITY_BY_FORM,
    CHILDREN,
    INCIDENTS,
    REGION_BY_FORM,
    MONTHS,
    PERSONS_BY_YEAR,
    FORM_BY_YEAR,
    MINORS_BY_YEAR,
    NATIONALITY_BY_YEAR,
)
