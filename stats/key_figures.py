"""The year's key figures: each a sum of cells, each share with its population and denominator stated."""

from stats.definitions import CellReference as Cell
from stats.definitions import KeyFigure, gettext_noop

_MEN = (Cell("persons", {"sex": "male", "age_group": "adult"}),)
_WOMEN = (Cell("persons", {"sex": "female", "age_group": "adult"}),)
_EVERYBODY = (Cell("persons"),)
_MEN_AND_BOYS = (Cell("persons", {"sex": "male"}),)
_FEMALE_GROUPS = ("adult_female", "girl", "female_age_unknown")

KEY_FIGURES = (
    KeyFigure(
        id="persons",
        label=gettext_noop("Persons"),
        definition=gettext_noop("All cases of the year that are not withdrawn; one case is one person."),
        numerator=_EVERYBODY,
    ),
    KeyFigure(
        id="adults",
        label=gettext_noop("Adults"),
        definition=gettext_noop("Persons aged 18 or over, of any sex."),
        numerator=(Cell("persons", {"age_group": "adult"}),),
    ),
    KeyFigure(
        id="minors",
        label=gettext_noop("Minors"),
        definition=gettext_noop("Persons under 18, of any sex."),
        numerator=(Cell("persons", {"age_group": "minor"}),),
    ),
    KeyFigure(
        id="age_unknown",
        label=gettext_noop("Age unknown"),
        definition=gettext_noop("Persons of whom it is not known whether they are 18."),
        numerator=(Cell("persons", {"age_group": "unknown"}),),
    ),
    KeyFigure(
        id="women_and_girls",
        label=gettext_noop("Women and girls"),
        definition=gettext_noop("Women, girls, and women of unknown age."),
        numerator=(Cell("persons", {"sex": "female"}),),
    ),
    KeyFigure(
        id="men_and_boys",
        label=gettext_noop("Men and boys"),
        definition=gettext_noop("Men, boys, and men of unknown age."),
        numerator=_MEN_AND_BOYS,
    ),
    KeyFigure(
        id="trafficking",
        label=gettext_noop("Human trafficking"),
        definition=gettext_noop("Persons whose case is assessed as human trafficking."),
        numerator=(Cell("assessment-by-form", {"assessment": "trafficking"}),),
    ),
    KeyFigure(
        id="exploitation",
        label=gettext_noop("Human exploitation"),
        definition=gettext_noop("Persons whose case is assessed as human exploitation."),
        numerator=(Cell("assessment-by-form", {"assessment": "exploitation"}),),
    ),
    KeyFigure(
        id="joint_inspection",
        label=gettext_noop("Identified in joint inspections"),
        definition=gettext_noop(
            "Persons identified in the authorities' joint inspections against work-related crime."
        ),
        numerator=(Cell("joint-by-form", {"joint_inspection": "yes"}),),
    ),
    KeyFigure(
        id="children_in_sweden",
        label=gettext_noop("Children in Sweden"),
        definition=gettext_noop("The persons' children who are in Sweden, as a plain sum."),
        numerator=(Cell("children", {"whereabouts": "in_sweden"}),),
    ),
    KeyFigure(
        id="children_abroad",
        label=gettext_noop("Children abroad"),
        definition=gettext_noop("The persons' children who are in another country, as a plain sum."),
        numerator=(Cell("children", {"whereabouts": "abroad"}),),
    ),
    KeyFigure(
        id="men_share_of_adults",
        label=gettext_noop("Men, of adult men and women"),
        definition=gettext_noop(
            "Adult men as a share of adult men and women together. Minors, other sex and unknown sex or age "
            "are outside it."
        ),
        numerator=_MEN,
        denominator=_MEN + _WOMEN,
    ),
    KeyFigure(
        id="men_and_boys_share",
        label=gettext_noop("Men and boys, of all persons"),
        definition=gettext_noop("Men and boys of any age as a share of all persons."),
        numerator=_MEN_AND_BOYS,
        denominator=_EVERYBODY,
    ),
    KeyFigure(
        id="women_share_of_labour",
        label=gettext_noop("Women and girls, of labour cases"),
        definition=gettext_noop("Women and girls of any age as a share of all persons exploited for labour."),
        numerator=tuple(
            Cell("form-by-person", {"form": "labour", "person_group": group}) for group in _FEMALE_GROUPS
        ),
        denominator=(Cell("form-by-person", {"form": "labour"}),),
    ),
)
