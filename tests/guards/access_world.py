"""The world in which the access table is tried: people, objects of each kind, and what each page is sent."""

import uuid
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casereg.models import Case, CaseHistory, Offer, Role, User
from tests.factories import CaseFactory, IncidentFactory, UserFactory
from tests.records import PERSON

# Stands in every text of Nord's that a page could show to somebody else.
MARKER = "Xnordmarkx"
PEOPLE = ("anonymous", "deactivated", "of the region", "of another", "analyst", "administrator")


@dataclass
class World:
    clients: dict[str, Client]
    users: dict[str, User]
    objects: dict[str, dict[str, object]]  # by kind of object, then URL parameter

    def address(self, name: str, kind: str) -> str:
        from tests.guards.test_access_table import parameters_of

        values = self.objects[kind]
        return reverse(name, kwargs={parameter: values[parameter] for parameter in parameters_of(name)})


def build() -> World:
    """Everything belongs to Nord; Syd is the stranger, and is offered one case."""
    users = {
        "deactivated": UserFactory(region_id="nord"),
        "of the region": UserFactory(region_id="nord", name="Nora"),
        "of another": UserFactory(region_id="syd", name="Sixten"),
        "analyst": UserFactory(role=Role.ANALYST, name="Anna"),
        "administrator": UserFactory(role=Role.ADMINISTRATOR, name="Adam"),
    }
    clients = {"anonymous": Client()}
    for name, user in users.items():
        clients[name] = Client()
        clients[name].force_login(user)
    User.objects.filter(pk=users["deactivated"].pk).update(is_active=False)

    incident = IncidentFactory(reference=f"{MARKER}-event")
    standing = _case("standing", users, incident=incident)
    withdrawn = _case("withdrawn", users, withdrawn_at=timezone.now())
    offered, answered = _case("offered", users), _case("answered", users)
    free = _case("free", users)
    person = UserFactory(region_id="mitt")
    common = {"incident_id": incident.pk, "code": "mitt", "user_id": person.pk, "year": 2023}
    common |= {"uidb36": "1", "key": "not-a-key"}
    objects: dict[str, dict[str, object]] = {
        "–": common,
        "standing": common | {"case_id": standing.pk},
        "withdrawn": common | {"case_id": withdrawn.pk},
        "offered": common | {"case_id": offered.pk, "offer_id": _offer(offered, users).pk},
        "answered": common
        | {"case_id": answered.pk, "offer_id": _offer(answered, users, state="declined").pk},
        "absent": {
            "case_id": uuid.uuid4(),
            "offer_id": uuid.uuid4(),
            "incident_id": uuid.uuid4(),
            "code": "nowhere",
            "user_id": 10**9,
            "year": 2019,
        },
    }
    objects["–"]["free_reference"] = free.reference
    return World(clients, users, objects)


def _case(name: str, users: dict[str, User], **fields: object) -> Case:
    case = CaseFactory(reference=f"{MARKER}-{name}", registered_by=users["of the region"], **fields)
    CaseHistory.objects.create(
        case=case,
        at=timezone.now(),
        by=users["of the region"],
        action="register",
        changes={"incident": ["", f"{MARKER}-then"]},
    )
    return case


def _offer(case: Case, users: dict[str, User], state: str = "open") -> Offer:
    answered = {} if state == "open" else {"answered_at": timezone.now(), "answered_by": users["of another"]}
    return Offer.objects.create(
        case=case,
        reference=case.reference,
        from_region_id="nord",
        to_region_id="syd",
        reason=f"{MARKER} reason",
        state=state,
        offered_at=timezone.now(),
        offered_by=users["of the region"],
        **answered,
    )


def _as_form(**changes: str) -> dict[str, str]:
    names = [name for name in PERSON if name not in ("region", "reference")]
    return {name: PERSON[name] for name in names} | {"incident": ""} | changes


# What is sent to each page that changes something: right in itself, so that only a right can stop it.
SENT: dict[str, dict[str, str]] = {
    "case_register": _as_form(reference="new-1"),
    "case_amend": _as_form(nationality="RO"),
    "case_withdraw": {"reason": "other", "note": ""},
    "case_restore": {"reason": "within_criterion", "note": ""},
    "case_offer": {"to_region": "mitt", "reason": "lives there now"},
    "incident_create": {"reference": "new-event"},
    "incident_rename": {"reference": "renamed-event"},
    "incident_add_persons": {"references": f"{MARKER}-free"},
    "language_choose": {"language": "en", "next": "/"},
    "region_create": {"code": "gotland", "label_sv": "Gotland", "label_en": "Gotland", "counties": ""},
    "region_change": {"label_sv": "Mitten", "label_en": "Middle", "counties": ""},
    "user_create": {"name": "New", "email": "new@example.org", "role": "analyst", "region": ""},
    "user_change": {"name": "Other", "email": "other@example.org", "role": "analyst", "region": ""},
}
