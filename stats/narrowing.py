"""To what a year's figures are narrowed: plain values, without Django. `compute` makes them conditions."""

from dataclasses import dataclass, fields
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Only persons who match all of it are counted; what is blank does not narrow.

    Codes are those of the register, `month` is 1 to 12. `without_incident` leaves out the persons of one
    incident.
    """

    region: str = ""
    form: str = ""
    sex: str = ""
    age_group: str = ""
    assessment: str = ""
    month: int | None = None
    without_incident: UUID | None = None

    @property
    def codes(self) -> dict[str, str]:
        """The code that each narrowed variable has, as tables write it: a month is `07`."""
        codes = {
            name: getattr(self, name)
            for name in ("region", "form", "sex", "age_group", "assessment")
            if getattr(self, name)
        }
        return codes | ({"month": f"{self.month:02}"} if self.month is not None else {})

    def __bool__(self) -> bool:
        """Whether it narrows at all."""
        return any(getattr(self, field.name) != field.default for field in fields(self))


EVERYBODY = Narrowing()
