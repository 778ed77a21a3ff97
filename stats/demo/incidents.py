"""Incidents of the demo: persons of one event share region, month and form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stats.demo.persons import SEX_AND_AGE, Person, those


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedIncident:
    """`persons` is `{(person group, nationality): number}`; `shared` holds what else they have in common."""

    reference: str
    region: str
    month: str
    form: str
    persons: Mapping[tuple[str, str], int]
    shared: Mapping[str, str] = field(default_factory=dict)


def gather(incident: PlannedIncident, persons: Sequence[Person]) -> None:
    """Make persons who are in no incident yet its own."""
    for (group, nationality), number in incident.persons.items():
        sex, age_group = SEX_AND_AGE[group]
        fitting = [
            person
            for person in those(
                persons,
                form=incident.form,
                sex=sex,
                age_group=age_group,
                nationality=nationality,
            )
            if "incident" not in person
        ]
        if len(fitting) < number:
            raise ValueError(f"{incident.reference}: {len(fitting)} {group} {nationality}")
        for person in fitting[:number]:
            person.update(
                incident.shared,
                region=incident.region,
                month=incident.month,
                incident=incident.reference,
            )
