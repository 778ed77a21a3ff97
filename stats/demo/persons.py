"""Fictional persons: made in groups, dealt their values by chance, then written down as cases."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random

from casereg.actions.cases import NewCase
from casereg.case_content import CONTENT_VARIABLES, CaseContent
from casereg.vocabularies import PersonGroup

# By variable, `region` among them. A variable that is missing has not been dealt yet.
Person = dict[str, str]

SEX_AND_AGE: Mapping[str, tuple[str, str]] = {
    PersonGroup.ADULT_FEMALE: ("female", "adult"),
    PersonGroup.ADULT_MALE: ("male", "adult"),
    PersonGroup.GIRL: ("female", "minor"),
    PersonGroup.BOY: ("male", "minor"),
    PersonGroup.FEMALE_AGE_UNKNOWN: ("female", "unknown"),
    PersonGroup.MALE_AGE_UNKNOWN: ("male", "unknown"),
    # Of any age by definition; the 374 printed adults count the two of 2023 in.
    PersonGroup.OTHER_SEX: ("other", "adult"),
    PersonGroup.UNKNOWN_SEX_ADULT: ("unknown", "adult"),
    PersonGroup.UNKNOWN_SEX_MINOR: ("unknown", "minor"),
    PersonGroup.UNKNOWN_SEX_AGE_UNKNOWN: ("unknown", "unknown"),
}

# BrB 4:1 b, exploitation, covers work and begging; everything else can only be trafficking.
MAY_BE_EXPLOITATION = {"labour", "household", "begging"}


class Dealer:
    """Deals values to persons by chance, and with the same seed always the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - the same persons each time, nothing secret

    def deal(
        self,
        persons: Iterable[Person],
        variable: str,
        counts: Mapping[str, int],
        *,
        rest: str | None = None,
    ) -> None:
        """Deal until each value stands `counts` times among the persons, those dealt earlier included.

        Whoever is left over gets `rest`, or waits for a later deal.
        """
        persons = list(persons)
        standing = Counter(person[variable] for person in persons if variable in person)
        waiting = [person for person in persons if variable not in person]
        values: list[str] = []
        for value, count in counts.items():
            if standing[value] > count:
                raise ValueError(f"{variable} {value}: {standing[value]} stand, {count} wanted")
            values += [value] * (count - standing[value])
        if len(values) > len(waiting):
            raise ValueError(f"{variable}: {len(values)} values for {len(waiting)} persons")
        if rest is not None:
            values += [rest] * (len(waiting) - len(values))
        self._random.shuffle(waiting)
        for person, value in zip(waiting, values, strict=False):
            person[variable] = value

    def shuffle(self, persons: list[Person]) -> None:
        self._random.shuffle(persons)


def new_persons(form: str, group: str, number: int) -> list[Person]:
    sex, age_group = SEX_AND_AGE[group]
    return [{"form": form, "sex": sex, "age_group": age_group} for _ in range(number)]


def those(persons: Iterable[Person], **values: str) -> list[Person]:
    """The persons who have all these values."""
    return [person for person in persons if values.items() <= person.items()]


def only_trafficking(persons: Iterable[Person]) -> list[Person]:
    """The persons whose form cannot be exploitation in law."""
    return [person for person in persons if person["form"] not in MAY_BE_EXPLOITATION]


def as_cases(persons: Sequence[Person]) -> list[NewCase]:
    """The persons as cases, by region and month, numbered in that order."""
    numbers: Counter[str] = Counter()
    cases = []
    for person in sorted(persons, key=lambda person: (person["region"], person["month"])):
        region_code = person["region"]
        numbers[region_code] += 1
        reference = f"{person['month'][:4]}-{numbers[region_code]:04}"
        content = CaseContent(**{variable: person[variable] for variable in CONTENT_VARIABLES})
        cases.append(NewCase(region_code, reference, content))
    return cases
