"""The year's key figures: each a sum of cells, each share with its population and denominator stated."""

from stats.definitions import CellReference as Cell
from stats.definitions import KeyFigure, any_number, gettext_noop, ngettext_lazy

_MEN = (Cell("persons", {"sex": "male", "age_group": "adult"}),)
_WOMEN = (Cell("persons", {"sex": "female", "age_group": "adult"}),)
_EVERYBODY = (Cell("persons"),)
_MEN_AND_BOYS = (Cell("persons", {"sex": "male"}),)
_COUNTS_CHILDREN = gettext_noop(
    "Children, as entered on the persons' cases. A number that is unknown or not recorded adds nothing."
)
_FEMALE_GROUPS = ("adult_female", "girl", "female_age_unknown")


KEY_FIGURES = (
    KeyFigure(
        id="persons",
        label=gettext_noop("Persons"),
        definition=gettext_noop("All cases of the year that are not withdrawn; one case is one person."),
        numerator=_EVERYBODY,
        reads_aloud=ngettext_lazy(
            "In {year}, {count} person is counted.",
            "In {year}, {count} persons are counted.",
        ),
    ),
    KeyFigure(
        id="adults",
        label=gettext_noop("Adults"),
        definition=gettext_noop("Persons aged 18 or over, of any sex."),
        numerator=(Cell("persons", {"age_group": "adult"}),),
        reads_aloud=ngettext_lazy(
            "In {year}, {count} person was an adult.",
            "In {year}, {count} persons were adults.",
        ),
    ),
    KeyFigure(
        id="minors",
        label=gettext_noop("Minors"),
        definition=gettext_noop("Persons under 18, of any sex."),
        numerator=(Cell("persons", {"age_group": "minor"}),),
        reads_aloud=ngettext_lazy(
            "In {year}, {count} person was a minor.",
            "In {year}, {count} persons were minors.",
        ),
    ),
    KeyFigure(
        id="age_unknown",
        label=gettext_noop("Age unknown"),
        definition=gettext_noop("Persons of whom it is not known whether they are 18."),
        numerator=(Cell("persons", {"age_group": "unknown"}),),
        reads_aloud=ngettext_lazy(
            "In {year}, {count} person was of unknown age.",
            "In {year}, {count} persons were of unknown age.",
        ),
    ),
    KeyFigure(
        id="women_and_girls",
        label=gettext_noop("Women and girls"),
        definition=gettext_noop("Women, girls, and women of unknown age."),
        numerator=(Cell("persons", {"sex": "female"}),),
        reads_aloud=ngettext_lazy(
            "In {year}, {count} person was a woman or a girl.",
            "In {year}, {count} persons were women or girls.",
        ),
    ),
    KeyFigure(
        id="men_and_boys",
        label=gettext_noop("Men and boys"),
        definition=gettext_noop("Men, boys, and men of unknown age."),
        numerator=_MEN_AND_BOYS,
        reads_aloud=ngettext_lazy(
            "In {year}, {count} person was a man or a boy.",
            "In {year}, {count} persons were men or boys.",
        ),
    ),
    KeyFigure(
        id="trafficking",
        label=gettext_noop("Human trafficking"),
        definition=gettext_noop("Persons whose case is assessed as human trafficking."),
        numerator=(Cell("assessment-by-form", {"assessment": "trafficking"}),),
        reads_aloud=ngettext_lazy(
            "In {year}, {count} case was assessed as human trafficking.",
            "In {year}, {count} cases were assessed as human trafficking.",
        ),
    ),
    KeyFigure(
        id="exploitation",
        label=gettext_noop("Human exploitation"),
        definition=gettext_noop("Persons whose case is assessed as human exploitation."),
        numerator=(Cell("assessment-by-form", {"assessment": "exploitation"}),),
        reads_aloud=ngettext_lazy(
            "In {year}, {count} case was assessed as human exploitation.",
            "In {year}, {count} cases were assessed as human exploitation.",
        ),
    ),
    KeyFigure(
        id="joint_inspection",
        label=gettext_noop("Identified in joint inspections"),
        definition=gettext_noop(
            "Persons identified in the authorities' joint inspections against work-related crime."
        ),
        numerator=(Cell("joint-by-form", {"joint_inspection": "yes"}),),
        reads_aloud=ngettext_lazy(
            "In {year}, {count} person was identified in joint inspections.",
            "In {year}, {count} persons were identified in joint inspections.",
        ),
    ),
    KeyFigure(
        id="children_in_sweden",
        label=gettext_noop("Children in Sweden"),
        definition=gettext_noop("The persons' children who are in Sweden, as a plain sum."),
        numerator=(Cell("children", {"whereabouts": "in_sweden"}),),
        counts=_COUNTS_CHILDREN,
        reads_aloud=ngettext_lazy(
            "In {year}, the persons had {count} child in Sweden.",
            "In {year}, the persons had {count} children in Sweden.",
        ),
    ),
    KeyFigure(
        id="children_abroad",
        label=gettext_noop("Children abroad"),
        definition=gettext_noop("The persons' children who are in another country, as a plain sum."),
        numerator=(Cell("children", {"whereabouts": "abroad"}),),
        counts=_COUNTS_CHILDREN,
        reads_aloud=ngettext_lazy(
            "In {year}, the persons had {count} child in another country.",
            "In {year}, the persons had {count} children in another country.",
        ),
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
        share_of=gettext_noop("adult men and women"),
        reads_aloud=any_number(
            gettext_noop("Of adult men and women in {year}, {share} were men ({numerator} of {denominator}).")
        ),
    ),
    KeyFigure(
        id="men_and_boys_share",
        label=gettext_noop("Men and boys, of all persons"),
        definition=gettext_noop("Men and boys of any age as a share of all persons."),
        numerator=_MEN_AND_BOYS,
        denominator=_EVERYBODY,
        share_of=gettext_noop("all persons"),
        reads_aloud=any_number(
            gettext_noop(
                "Of all persons in {year}, {share} were men and boys ({numerator} of {denominator})."
            )
        ),
    ),
    KeyFigure(
        id="women_share_of_labour",
        label=gettext_noop("Women and girls, of labour cases"),
        definition=gettext_noop("Women and girls of any age as a share of all persons exploited for labour."),
        numerator=tuple(
            Cell("form-by-person", {"form": "labour", "person_group": group}) for group in _FEMALE_GROUPS
        ),
        denominator=(Cell("form-by-person", {"form": "labour"}),),
        share_of=gettext_noop("all persons exploited for labour"),
        reads_aloud=any_number(
            gettext_noop(
                "Of all persons exploited for labour in {year}, {share} were women and girls "
                "({numerator} of {denominator})."
            )
        ),
    ),
)
