"""What is recorded of one person, as the case file writes it. The one form in which values meet rules."""

from dataclasses import asdict, dataclass, fields
from typing import Self

from casereg.vocabularies import NOT_RECORDED


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseContent:
    """Codes and numbers as text; blank where nothing is recorded. Nothing here has been checked."""

    month: str = NOT_RECORDED  # "2023-07"
    assessment: str = NOT_RECORDED
    form: str = NOT_RECORDED
    sex: str = NOT_RECORDED
    age_group: str = NOT_RECORDED
    nationality: str = NOT_RECORDED
    referral_source: str = NOT_RECORDED
    joint_inspection: str = NOT_RECORDED
    industry: str = NOT_RECORDED
    children_in_sweden: str = NOT_RECORDED  # "0" to "50", or "unknown"
    children_abroad: str = NOT_RECORDED
    incident: str = NOT_RECORDED  # the incident's reference

    def recorded(self) -> dict[str, str]:
        """The variables that are not blank."""
        return {name: value for name, value in asdict(self).items() if value != NOT_RECORDED}

    def differences(self, after: Self) -> dict[str, list[str]]:
        """`{variable: [before, after]}` for each that differs."""
        return {
            name: [getattr(self, name), getattr(after, name)]
            for name in CONTENT_VARIABLES
            if getattr(self, name) != getattr(after, name)
        }


CONTENT_VARIABLES = tuple(field.name for field in fields(CaseContent))
