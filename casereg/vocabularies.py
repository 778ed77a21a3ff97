"""The coded lists that are fixed, and what is derived from them. Lists that change are in models.terms."""

from collections.abc import Mapping
from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIRST_YEAR = 2018  # of the register
NOTE_MAX = 120  # characters of the line that may go with a reason
CHILDREN_MAX = 50  # of one person, in one place
REFERENCE_PATTERN = r"[A-Za-zÅÄÖåäö0-9._-]{1,40}"
UNKNOWN = "unknown"  # asked, and the answer is not known
NOT_RECORDED = ""  # left blank in an imported record; tables print it as `not_recorded`


class Sex(TextChoices):
    FEMALE = "female", _("woman")
    MALE = "male", _("man")
    OTHER = "other", _("other sex")
    UNKNOWN = "unknown", _("sex unknown")


class AgeGroup(TextChoices):
    ADULT = "adult", _("adult")
    MINOR = "minor", _("minor")
    UNKNOWN = "unknown", _("age unknown")


class Assessment(TextChoices):
    TRAFFICKING = "trafficking", _("human trafficking")
    EXPLOITATION = "exploitation", _("human exploitation")


class JointInspection(TextChoices):
    YES = "yes", _("yes")
    NO = "no", _("no")
    UNKNOWN = "unknown", _("not known")


# At most two sentences each; an example where two values meet. By class: codes of two lists may be equal.
DEFINITIONS: Final[Mapping[type[TextChoices], Mapping[str, Promise]]] = {
    Sex: {
        Sex.FEMALE: _("A woman or a girl. A trans woman is counted here."),
        Sex.MALE: _("A man or a boy. A trans man is counted here."),
        Sex.OTHER: _(
            "The person states another sex than woman or man, for example non-binary. A sex that nobody "
            "has been able to state is unknown, not other."
        ),
        Sex.UNKNOWN: _(
            "Nobody has been able to state the person’s sex, for example where the person is known only "
            "from what others have told."
        ),
    },
    AgeGroup: {
        AgeGroup.ADULT: _(
            "18 or older when the coordinator came to know of the person. That holds also where the "
            "exploitation began while the person was a child."
        ),
        AgeGroup.MINOR: _(
            "Under 18 when the coordinator came to know of the person. That holds also where the person "
            "has turned 18 since."
        ),
        AgeGroup.UNKNOWN: _(
            "It is not known whether the person was under 18. Where the exact age is not known, but it is "
            "plain that the person is an adult or a child, that is recorded."
        ),
    },
    Assessment: {
        Assessment.TRAFFICKING: _(
            "Criminal Code, Chapter 4, Section 1 a: by coercion, deception or the abuse of somebody’s "
            "vulnerable situation a person is recruited, transported, harboured or received in order to be "
            "exploited; for a person under 18 no such means are needed. Where both offences may be "
            "assumed, human trafficking is recorded."
        ),
        Assessment.EXPLOITATION: _(
            "Criminal Code, Chapter 4, Section 1 b: by coercion, deception or the abuse of somebody’s "
            "dependence or difficult situation a person is exploited in forced labour, in work under "
            "obviously unreasonable conditions or in begging; for a person under 18 no such means are "
            "needed. A wage below the collective agreement is not enough by itself."
        ),
    },
    JointInspection: {
        JointInspection.YES: _(
            "The person was identified at an inspection, or another measure, within the joint work. The "
            "form of exploitation need not be labour."
        ),
        JointInspection.NO: _(
            "The person became known in another way. That holds also where one of the authorities found "
            "the person in work of its own."
        ),
        JointInspection.UNKNOWN: _(
            "The question was asked, but it could not be found out whether the person was identified in "
            "the joint work. A field left blank in a file is not unknown but not recorded."
        ),
    },
}


class PersonGroup(TextChoices):
    """Sex and age in one. The ten groups partition all persons."""

    ADULT_FEMALE = "adult_female", _("women")
    ADULT_MALE = "adult_male", _("men")
    GIRL = "girl", _("girls")
    BOY = "boy", _("boys")
    FEMALE_AGE_UNKNOWN = "female_age_unknown", _("women, age unknown")
    MALE_AGE_UNKNOWN = "male_age_unknown", _("men, age unknown")
    OTHER_SEX = "other_sex", _("other sex, any age")
    UNKNOWN_SEX_ADULT = "unknown_sex_adult", _("adults, sex unknown")
    UNKNOWN_SEX_MINOR = "unknown_sex_minor", _("minors, sex unknown")
    UNKNOWN_SEX_AGE_UNKNOWN = "unknown_sex_age_unknown", _("sex and age unknown")


_PERSON_GROUPS = {
    (Sex.FEMALE, AgeGroup.ADULT): PersonGroup.ADULT_FEMALE,
    (Sex.MALE, AgeGroup.ADULT): PersonGroup.ADULT_MALE,
    (Sex.FEMALE, AgeGroup.MINOR): PersonGroup.GIRL,
    (Sex.MALE, AgeGroup.MINOR): PersonGroup.BOY,
    (Sex.FEMALE, AgeGroup.UNKNOWN): PersonGroup.FEMALE_AGE_UNKNOWN,
    (Sex.MALE, AgeGroup.UNKNOWN): PersonGroup.MALE_AGE_UNKNOWN,
    (Sex.OTHER, AgeGroup.ADULT): PersonGroup.OTHER_SEX,
    (Sex.OTHER, AgeGroup.MINOR): PersonGroup.OTHER_SEX,
    (Sex.OTHER, AgeGroup.UNKNOWN): PersonGroup.OTHER_SEX,
    (Sex.UNKNOWN, AgeGroup.ADULT): PersonGroup.UNKNOWN_SEX_ADULT,
    (Sex.UNKNOWN, AgeGroup.MINOR): PersonGroup.UNKNOWN_SEX_MINOR,
    (Sex.UNKNOWN, AgeGroup.UNKNOWN): PersonGroup.UNKNOWN_SEX_AGE_UNKNOWN,
}


def person_group(sex: str, age_group: str) -> PersonGroup:
    return _PERSON_GROUPS[Sex(sex), AgeGroup(age_group)]


_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y"})
_ACCENTS = str.maketrans("áàâãçéèêëíìîïñóòôõúùû", "aaaaceeeeiiiinoooouuu")


def swedish_order(text: str) -> str:
    """A sort key: the Swedish alphabet (… z å ä ö), accents and case set aside."""
    return text.casefold().translate(_LAST_LETTERS).translate(_ACCENTS)
