"""The register's tables, one model a file."""

from casereg.models.arrivals import DemoLoad, ImportedFile
from casereg.models.audit import AuditEvent, AuditHead, Outcome
from casereg.models.case import Case
from casereg.models.draft import Draft
from casereg.models.history import CaseHistory
from casereg.models.incident import Incident
from casereg.models.incident_history import IncidentHistory
from casereg.models.offer import Offer
from casereg.models.region import ReferenceCounter, Region
from casereg.models.remark import CaseRemark
from casereg.models.submission import Submission
from casereg.models.terms import (
    ExploitationForm,
    Industry,
    Nationality,
    ReferralSource,
    VariableRow,
)
from casereg.models.upload import FileMapping, Upload
from casereg.models.user import Role, User
from casereg.models.verdict import Verdict

__all__ = [
    "AuditEvent",
    "AuditHead",
    "Case",
    "CaseHistory",
    "CaseRemark",
    "DemoLoad",
    "Draft",
    "ExploitationForm",
    "FileMapping",
    "ImportedFile",
    "Incident",
    "IncidentHistory",
    "Industry",
    "Nationality",
    "Offer",
    "Outcome",
    "ReferenceCounter",
    "ReferralSource",
    "Region",
    "Role",
    "Submission",
    "Upload",
    "User",
    "VariableRow",
    "Verdict",
]
