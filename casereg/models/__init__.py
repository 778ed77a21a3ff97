"""The register's tables, one model a file."""

from casereg.models.arrivals import DemoLoad, ImportedFile
from casereg.models.audit import AuditEvent, AuditHead, Outcome
from casereg.models.case import Case
from casereg.models.history import CaseHistory
from casereg.models.incident import Incident
from casereg.models.offer import Offer
from casereg.models.region import ReferenceCounter, Region
from casereg.models.terms import (
    ExploitationForm,
    Industry,
    Nationality,
    ReferralSource,
    VariableRow,
)
from casereg.models.user import Role, User

__all__ = [
    "AuditEvent",
    "AuditHead",
    "Case",
    "CaseHistory",
    "DemoLoad",
    "ExploitationForm",
    "ImportedFile",
    "Incident",
    "Industry",
    "Nationality",
    "Offer",
    "Outcome",
    "ReferenceCounter",
    "ReferralSource",
    "Region",
    "Role",
    "User",
    "VariableRow",
]
