"""The register's tables, one model a file."""

from casereg.models.arrivals import DemoLoad, ImportedFile
from casereg.models.audit import AuditEvent, AuditHead, Outcome
from casereg.models.case import Case
from casereg.models.cover import Cover
from casereg.models.draft import Draft
from casereg.models.history import CaseHistory
from casereg.models.incident import Incident
from casereg.models.incident_history import IncidentHistory
from casereg.models.link import AccountLink
from casereg.models.mail import OutgoingMail
from casereg.models.offer import Offer
from casereg.models.region import ReferenceCounter, Region, RegionCounty
from casereg.models.remark import CaseRemark
from casereg.models.review import PeopleReview, TrailReview
from casereg.models.submission import Submission
from casereg.models.term_history import TermHistory
from casereg.models.terms import (
    ExploitationForm,
    FormCorrespondence,
    Industry,
    IndustryCorrespondence,
    Nationality,
    ReferralSource,
    ReferralSourceCorrespondence,
    VariableDefinition,
    VariableRow,
)
from casereg.models.upload import FileMapping, Upload
from casereg.models.user import Role, User
from casereg.models.verdict import Verdict

__all__ = [
    "AccountLink",
    "AuditEvent",
    "AuditHead",
    "Case",
    "CaseHistory",
    "CaseRemark",
    "Cover",
    "DemoLoad",
    "Draft",
    "ExploitationForm",
    "FileMapping",
    "FormCorrespondence",
    "ImportedFile",
    "Incident",
    "IncidentHistory",
    "Industry",
    "IndustryCorrespondence",
    "Nationality",
    "Offer",
    "Outcome",
    "OutgoingMail",
    "PeopleReview",
    "ReferenceCounter",
    "ReferralSource",
    "ReferralSourceCorrespondence",
    "Region",
    "RegionCounty",
    "Role",
    "Submission",
    "TermHistory",
    "TrailReview",
    "Upload",
    "User",
    "VariableDefinition",
    "VariableRow",
    "Verdict",
]
