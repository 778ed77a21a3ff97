"""The world in which the access table is tried: people, objects of each kind, and what each page is sent."""

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import time_machine
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from casereg.actions.incident_changes import persons_mark
from casereg.actions.links import make_link
from casereg.actions.uploads import store_upload
from casereg.case_files import Table
from casereg.forms.cases import signed_content
from casereg.models import (
    AuditEvent,
    Case,
    CaseHistory,
    CaseRemark,
    Cover,
    Incident,
    Offer,
    RegionCounty,
    Role,
    Upload,
    User,
    Verdict,
)
from casereg.pairs import Alike
from tests.conftest import NOW
from tests.factories import CaseFactory, IncidentFactory, UserFactory
from tests.records import PERSON, content, csv_text

# Stands in every text of Nord's that a page could show to somebody else.
MARKER = "Xnordmarkx"
# Their ids, for what a page of theirs sends back.
PAIRS = {
    "pair": (uuid.UUID(int=1), uuid.UUID(int=2)),
    "judged": (uuid.UUID(int=3), uuid.UUID(int=4)),
}
REVIEWED = datetime(2023, 10, 10, 12, tzinfo=UTC)  # in the year of the other objects
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
    _month_to_review()
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
        prove_password(clients[name], user)
    User.objects.filter(pk=users["deactivated"].pk).update(is_active=False)

    incident = IncidentFactory(reference=f"{MARKER}-event")
    standing = _case("standing", users, incident=incident, pk=IN_INCIDENT[0])
    withdrawn = _case("withdrawn", users, withdrawn_at=timezone.now())
    offered = _case("offered", users, incident=incident, pk=IN_INCIDENT[1])
    answered = _case("answered", users)
    free = _case("free", users)
    person = UserFactory(region_id="mitt")
    passkey = Authenticator.objects.create(user=person, type="webauthn", data={"name": MARKER})
    common = {"incident_id": incident.pk, "code": "mitt", "user_id": person.pk, "year": 2023}
    key = make_link(user=person, kind="invitation").rstrip("/").rpartition("/")[2]
    common |= {"key": key, "figure_id": "form-by-person", "format": "xlsx"}
    common |= {"table_id": "form-by-person", "key_figure_id": "persons"}
    common |= {"variable": "industry", "term": "other", "county": "20"}
    RegionCounty.objects.create(region_id="mitt", county="20", first_year=2018)
    common["month"] = REVIEWED.month
    common["cover_id"] = _cover(person, users).pk
    common["factor_id"] = passkey.pk
    common["session_id"] = _session_elsewhere(users["of the region"])
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
            "cover_id": 10**9,
            "year": 2019,
            "month": 1,
            "figure_id": "no-such-figure",
            "table_id": "no-such-table",
            "key_figure_id": "no-such-figure",
            "variable": "no-such-list",
            "term": "no-such-value",
            "county": "99",
            "format": "paper",
            "key": "not-a-key",
        },
    }
    objects["–"]["free_reference"] = free.reference
    objects["remarked"] = common | {"case_id": _remarked(users).pk}
    objects |= {kind: common | pair for kind, pair in _pairs(users).items()}
    objects["absent"] |= {name: uuid.uuid4() for name in ("first_id", "second_id", "verdict_id")}
    for kind, upload in _uploads(users["of the region"]).items():
        objects[kind] = common | objects.get(kind, {}) | {"upload_id": upload.pk}
    objects["absent"]["upload_id"] = uuid.uuid4()
    objects["absent"]["session_id"] = 10**9
    objects["absent"]["factor_id"] = 10**9
    return World(clients, users, objects)


def prove_password(client: Client, user: User) -> None:
    """For an hour to come, so that the pages open on which one changes how one logs in."""
    session = client.session
    proof = {"method": "password", "at": time.time() + 3600, "reauthenticated": True}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [proof]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def _month_to_review() -> None:
    """The first event of a trail that begins with it, in a month that is over."""
    with time_machine.travel(REVIEWED):
        AuditEvent.objects.append(by=None, action="cases_import", object="file 1, 0 cases", region="mitt")


def _case(name: str, users: dict[str, User], **fields: object) -> Case:
    case = CaseFactory(reference=f"{MARKER}-{name}", registered_by=users["of the region"], **fields)
    CaseHistory.objects.create(
        case=case,
        region=case.region,
        at=timezone.now(),
        by=users["of the region"],
        action="register",
        changes={"incident": ["", f"{MARKER}-then"]},
    )
    return case


def _session_elsewhere(user: User) -> int:
    """The number of a session of the user in another browser than the one that asks."""
    browser = Client()
    browser.force_login(user)
    key = browser.cookies["sessionid"].value
    number: int = UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="").pk
    return number


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


def _cover(user: User, users: dict[str, User]) -> Cover:
    today = timezone.localdate()
    return Cover.objects.create(
        user=user,
        region_id="vast",
        first_day=today,
        last_day=today,
        given_at=timezone.now(),
        given_by=users["administrator"],
    )


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


_WORDS = {
    "label_sv": "fiske",
    "label_en": "fishing",
    "definition_sv": "Fiske till havs.",
    "definition_en": "Fishing at sea.",
}

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
    "password_forgotten": {"email": "nobody@example.org"},
    "language_choose": {"language": "en", "next": "/"},
    "trail_review_sign": {"is_read": "on", "last": "1"},
    "region_create": {"code": "gotland", "label_sv": "Gotland", "label_en": "Gotland"},
    "region_change": {"label_sv": "Mitten", "label_en": "Middle"},
    "region_counties": {"county": "22", "first_year": "2018"},
    "region_county_release": {"last_year": "2025"},
    "term_change": _WORDS | {"same_meaning": "on"},
    "term_move": {"to": "up"},
    # These are shown first, and saved with the mark of what was shown.
    "term_add": _WORDS | {"code": "fishing", "first_year": str(NOW.year + 1)},
    "term_retire": {"last_year": str(NOW.year)},
    "definition_add": {
        "first_year": str(NOW.year + 1),
        "definition_sv": "Något annat.",
        "definition_en": "Something else.",
    },
    "working_region_choose": {"region": "nord"},
    "user_cover": {"region": "syd", "first_day": "2026-11-20", "last_day": "2026-12-20"},
    "people_confirm": {"right": "on", "mark": "of another list"},
    "user_create": {"name": "New", "email": "new@example.org", "role": "analyst", "region": ""},
    "user_change": {"name": "Other", "email": "other@example.org", "role": "analyst", "region": ""},
}
