"""The coded lists that are fixed, and what is derived from them. Lists that change are in models.terms."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

FIRST_YEAR = 2018  # of the register
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
