"""What the persons of an incident have in common, and where they differ: pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from casereg.case_content import CaseContent

# What an incident's persons usually share: said once for all of them, and amended for all at once.
COMMON: Final = ("month", "assessment", "form", "industry", "referral_source", "joint_inspection")
DIFFERED: Final = "…"  # stands in a history for a value that was not the same for all


@dataclass(frozen=True, slots=True)
class SharedValue:
    """`counts` are (value, persons), the most common first."""

    variable: str
    counts: Sequence[tuple[str, int]]

    @property
    def agreed(self) -> str | None:
        """The one value of all; None where they differ, or where there are no persons."""
        return self.counts[0][0] if len(self.counts) == 1 else None


def shared_values(contents: Sequence[CaseContent]) -> dict[str, SharedValue]:
    """By variable, for what is usually shared."""
    return {
        name: SharedValue(name, Counter(getattr(content, name) for content in contents).most_common())
        for name in COMMON
    }


def agreed_values(contents: Sequence[CaseContent]) -> dict[str, str]:
    """The values that all share, where they do."""
    return {
        name: shared.agreed for name, shared in shared_values(contents).items() if shared.agreed is not None
    }
