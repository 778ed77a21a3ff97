"""The world in which the access table is tried: people, objects of each kind, and what each page is sent."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casereg.actions.incident_changes import persons_mark
from casereg.actions.uploads import store_upload
from casereg.case_files import Table
from casereg.forms.cases import signed_content
from casereg.models import Case, CaseHistory, CaseRemark, Incident, Offer, Role, Upload, User, Verdict
from casereg.pairs import Alike
from tests.factories import CaseFactory, IncidentFactory, UserFactory
from tests.records import PERSON, content, csv_text

# Stands in every text of Nord's that a page could show to somebody else.
MARKER = "Xnordmarkx"
# Their ids, for what a page of theirs sends back.
PAIRS = {
    "pair": (uuid.UUID(int=1), uuid.UUID(int=2)),
    "judged": (uuid.UUID(int=3), uuid.UUID(int=4)),
}
PEOPLE = ("anonymous", "deactivated", "of the region", "of another", "analyst", "administrator")

# The cases of the incident, by numbers that are known before they are stored.
IN_INCIDENT = (uuid.UUID(int=101), uuid.UUID(int=102))


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
    standing = _case("standing", users, incident=incident, pk=IN_INCIDENT[0])
    withdrawn = _case("withdrawn", users, withdrawn_at=timezone.now())
    offered = _case("offered", users, incident=incident, pk=IN_INCIDENT[1])
    answered = _case("answered", users)
    free = _case("free", users)
    person = UserFactory(region_id="mitt")
    common = {"incident_id": incident.pk, "code": "mitt", "user_id": person.pk, "year": 2023}
    common |= {"uidb36": "1", "key": "not-a-key", "figure_id": "form-by-person", "format": "xlsx"}
    common |= {"table_id": "form-by-person", "key_figure_id": "persons"}
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
            "figure_id": "no-such-figure",
            "table_id": "no-such-table",
            "key_figure_id": "no-such-figure",
            "format": "paper",
        },
    }
    objects["–"]["free_reference"] = free.reference
    objects["remarked"] = common | {"case_id": _remarked(users).pk}
    objects |= {kind: common | pair for kind, pair in _pairs(users).items()}
    objects["absent"] |= {name: uuid.uuid4() for name in ("first_id", "second_id", "verdict_id")}
    for kind, upload in _uploads(users["of the region"]).items():
        objects[kind] = common | objects.get(kind, {}) | {"upload_id": upload.pk}
    objects["absent"]["upload_id"] = uuid.uuid4()
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


def _remarked(users: dict[str, User]) -> Case:
    case = _case("remarked", users, nationality_id="unknown")
    CaseRemark.objects.create(case=case, region_id="nord", key="unknown:nationality", variable="nationality")
    return case


def _pairs(users: dict[str, User]) -> dict[str, dict[str, object]]:
    """A case of Nord and one of Syd that may be one person: not judged, and judged."""
    pairs: dict[str, dict[str, object]] = {}
    year = timezone.localdate().year  # the list is of the present one
    for sex, (kind, (first_id, second_id)) in zip(("male", "female"), PAIRS.items(), strict=True):
        first = _case(kind, users, pk=first_id, year=year, month=1, sex=sex)
        second = CaseFactory(pk=second_id, year=year, month=1, sex=sex, region_id="syd")
        pairs[kind] = {"first_id": first.pk, "second_id": second.pk}
        if kind == "judged":
            verdict = Verdict.objects.create(
                first=first, second=second, answer="different", at=timezone.now(), by=users["analyst"]
            )
            pairs[kind]["verdict_id"] = verdict.pk
    return pairs


def _mark_of_pair() -> str:
    """What the page of a pair sends back, so that a group is judged as it was shown."""
    first, second = ({case_id: Case(pk=case_id)} for case_id in PAIRS["pair"])
    return Alike(first, second, judged=set()).mark


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


def _uploads(author: User) -> dict[str, Upload]:
    """A file of one person at each step of its way in."""
    person = PERSON | {"reference": f"{MARKER}-row"}
    tables = {
        "headings": _table({f"{name} {MARKER}": value for name, value in person.items()}),
        "words": _table(person | {"sex": f"{MARKER} man"}),
        "ready": _table(person),
        "imported": _table(person),
    }
    uploads = {
        kind: store_upload(name=f"{kind}-{MARKER}.csv", table=table, by=author, region_code="nord")
        for kind, table in tables.items()
    }
    Upload.objects.filter(pk=uploads["imported"].pk).update(
        imported_at=timezone.now(), content=b"", registered=1, unchanged=0
    )
    return uploads


def _table(person: dict[str, str]) -> Table:
    return Table(tuple(person), ((2, tuple(person.values())),))


class SentFile:
    """A file that is the same however often it is sent."""

    name, content_type = "cases.csv", "text/csv"

    def read(self) -> bytes:
        return csv_text([PERSON]).encode()


def _as_form(**changes: str) -> dict[str, str]:
    names = [name for name in PERSON if name not in ("region", "reference")]
    return {name: PERSON[name] for name in names} | {"incident": ""} | changes


def _drawn_from() -> str:
    """The mark of a form that was opened over a case of the incident, as the factory makes them."""
    return signed_content(content(incident=f"{MARKER}-event"))


def _mark_of_incident() -> str:
    """The mark of the page that amends the persons of the incident."""
    incident = Incident(reference=f"{MARKER}-event")
    return persons_mark([CaseFactory.build(pk=pk, incident=incident) for pk in IN_INCIDENT])


def _as_incident_form() -> dict[str, str]:
    """Two persons who are alike, and like nobody else."""
    alike = ("sex", "age_group", "nationality", "children_in_sweden", "children_abroad")
    common = {name: value for name, value in _as_form().items() if name not in alike}
    line = {f"lines-0-{name}": PERSON[name] for name in alike}
    line |= {"lines-0-persons": "2", "lines-0-nationality": "MD"}
    return common | line | {"incident": "event-of-two", "save": ""}


# What is sent to each page that changes something: right in itself, so that only a right can stop it.
SENT: dict[str, dict[str, Any]] = {
    "case_register": _as_form(reference="new-1", confirmed="registered_already"),
    "case_amend": _as_form(nationality="RO", drawn_from=_drawn_from()),
    "upload_create": {"file": SentFile()},
    "upload_columns": {f"column_{place}": name for place, name in enumerate(PERSON)},
    "upload_words": {"sex_0": "male"},
    "upload_import": {},
    "case_withdraw": {"reason": "other", "note": ""},
    "case_restore": {"reason": "within_criterion", "note": ""},
    "case_offer": {"to_region": "mitt", "reason": "lives there now"},
    "draft_save": _as_form(),  # without the key of a page
    "draft_discard": {"number": "00000000-0000-4000-8000-000000000000"},
    "incident_create": {"reference": "new-event"},
    "incident_register": _as_incident_form(),
    "incident_amend": {
        "month": "",
        "assessment": "trafficking",
        "form": "",
        "industry": "",
        "referral_source": "",
        "joint_inspection": "",
        "drawn_from": _mark_of_incident(),
    },
    "incident_rename": {"reference": "renamed-event"},
    "incident_add_persons": {"references": f"{MARKER}-free"},
    "mend_confirm": {"key": "unknown:nationality"},
    "pair_judge": {"answer": "different"},
    "pair_judge_group": {"mark": _mark_of_pair()},
    "pair_take_back": {"whole": "1"},
    "language_choose": {"language": "en", "next": "/"},
    "region_create": {"code": "gotland", "label_sv": "Gotland", "label_en": "Gotland", "counties": ""},
    "region_change": {"label_sv": "Mitten", "label_en": "Middle", "counties": ""},
    "user_create": {"name": "New", "email": "new@example.org", "role": "analyst", "region": ""},
    "user_change": {"name": "Other", "email": "other@example.org", "role": "analyst", "region": ""},
}
