"""Every link and every form, as each role, over the demo: no answer holds a string of another region."""

import re
import sys
import uuid
from collections import Counter
from dataclasses import dataclass, field

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test import Client
from django.utils import timezone

from casereg import access
from casereg.actions.case_changes import withdraw_case
from casereg.actions.changed_list import NewTerm
from casereg.actions.code_lists import add_term, retire_term
from casereg.actions.covers import give_cover
from casereg.actions.drafts import save_draft
from casereg.actions.incidents import add_persons, create_incident, take_out_person
from casereg.actions.offers import offer_case
from casereg.actions.regions import add_region, assign_county
from casereg.actions.uploads import store_upload
from casereg.case_files import Table
from casereg.models import Case, Draft, Incident, Offer, Region, Role, Upload, User
from stats.demo.loading import load_demo
from tests.conftest import NOW
from tests.factories import UserFactory
from tests.guards.access_world import SENT, prove_password
from tests.guards.crawler import Answer, Crawl, crawl, text_of
from tests.guards.test_access_table import ROWS, parameters_of
from tests.records import PERSON

pytestmark = pytest.mark.django_db

_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")

# What nobody can be led to by a page, and why.
NOT_LINKED = {
    "healthz": "asked by programs",
    "readyz": "asked by programs",
    "password_choose": "led to by a link in a mail",
    "password_saved": "comes after a new password",
    "account_link": "stands in a mail",
    "password_forgotten": "linked for whoever is not logged in",
    "account_reauthenticate": "led to where the password was given long ago",
    "factor_choose": "led to where a second factor is required",
    "recovery_codes_make": "linked for whoever has a second factor",
}
COORDINATOR = "of the region", "of another"
OWN_FILES = {"upload_check", "upload_columns", "upload_words"}


def marked(region: str) -> str:
    """Stands in every text of the region's cases and incidents."""
    return f"Xcase{region}x"


def named(region: str) -> str:
    """The region's coordinator."""
    return f"Xperson{region}x"


def typed(region: str) -> str:
    """Stands in what the coordinator has typed or uploaded, and not stored."""
    return f"Xtyped{region}x"


@dataclass
class Known:
    """What belongs to each region alone: its ids, and the words of the offer that the next one may read."""

    users: dict[str, User]
    ids: dict[str, set[uuid.UUID]] = field(default_factory=dict)
    private_ids: dict[str, set[uuid.UUID]] = field(default_factory=dict)  # drafts, uploads
    offered_to: dict[str, Offer] = field(default_factory=dict)


@pytest.fixture
def known() -> Known:
    """The demo, with each region's name in all that it holds; each offers a case to the next one."""
    load_demo()
    administrator = User.objects.get(role=Role.ADMINISTRATOR)
    add_region(code="gotland", label_sv="Gotland", label_en="Gotland", by=administrator)
    UserFactory(region_id="gotland", name=named("gotland"))
    colleague = UserFactory(region_id="nord", name="Colleague")
    Authenticator.objects.create(user=colleague, type="webauthn", data={"name": "key"})
    today = timezone.localdate()
    give_cover(user_id=colleague.pk, region_code="mitt", first_day=today, last_day=today, by=administrator)
    assign_county(region="gotland", county="09", first_year=NOW.year, by=administrator)
    retire_term(variable="industry", code="beauty", last_year=NOW.year, by=administrator)
    words = {name: text for name, text in SENT["term_change"].items() if name != "same_meaning"}
    fishing = NewTerm(code="fishing", **words)
    add_term(variable="form", term=fishing, first_year=NOW.year + 1, by=administrator)
    regions = sorted(Region.objects.exclude(code="gotland").values_list("code", flat=True))
    users = {
        user.region_id: user for user in User.objects.filter(role=Role.COORDINATOR).exclude(name="Colleague")
    }
    known = Known(users)
    for region, following in zip(regions, [*regions[1:], regions[0]], strict=True):
        user = users[region]
        User.objects.filter(pk=user.pk).update(name=named(region))
        user.refresh_from_db()
        for model in (Case, Incident):
            its = model.objects.filter(region=region)
            its.update(reference=Concat(Value(f"{marked(region)}-"), F("reference")))
        first, second, third, *_rest = Case.objects.standing().filter(region=region, incident=None)
        # Stands in the history of a case alone.
        incident = create_incident(region_code=region, reference=f"{marked(region)}-then", by=user)
        add_persons(incident_id=incident.pk, references=[first.reference], by=user)
        take_out_person(incident_id=incident.pk, case_id=first.pk, by=user)
        withdraw_case(case_id=second.pk, reason="other", note=f"note {marked(region)}", by=user)
        known.offered_to[following] = offer_case(
            case_id=third.pk, to_region_code=following, reason=f"reason {marked(region)}", by=user
        )
    for region, user in users.items():
        _begin(user)
        known.ids[region] = {
            *Case.objects.filter(region=region).values_list("pk", flat=True),
            *Incident.objects.filter(region=region).values_list("pk", flat=True),
            *Offer.objects.filter(from_region=region).values_list("pk", flat=True),
        }
        drafts, uploads = Draft.objects.filter(region=region), Upload.objects.filter(region=region)
        known.private_ids[region] = {
            *drafts.values_list("pk", flat=True),
            *drafts.values_list("number", flat=True),
            *uploads.values_list("pk", flat=True),
        }
    return known


def _begin(user: User) -> None:
    """What is not stored yet: a draft, and a file at each step of its way."""
    region = user.region_id
    fields = {"reference": [typed(region)], "incident": [typed(region)]}
    save_draft(
        by=user, number=uuid.uuid4(), page="case_register", about=None, fields=fields, region_code=region
    )
    person = PERSON | {"region": region, "reference": f"{typed(region)}-row"}
    for name, row in {
        "headings": {f"{name} {typed(region)}": value for name, value in person.items()},
        "words": person | {"sex": f"{typed(region)} man"},
        "ready": person,
    }.items():
        table = Table(tuple(row), ((2, tuple(row.values())),))
        store_upload(name=f"{name}-{typed(region)}.csv", table=table, by=user, region_code=region)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    prove_password(client, user)
    return client


# --- What is foreign -----------------------------------------------------------------------------


def foreign_to_coordinator(known: Known, region: str, answer: Answer) -> list[str]:
    text = answer.text
    offer = known.offered_to.get(region)
    allowed: set[uuid.UUID] = set()
    if offer is not None and answer.route in ("start", "offer_list", "offer_read"):
        # Whoever is offered a case reads what it is, why, and by whom; not which case it is.
        for said in (offer.reference, offer.reason, offer.offered_by.name):
            text = text.replace(said, "")
        allowed = {offer.pk}
    others = [other for other in known.users if other != region]
    words = [word(other) for other in others for word in (marked, named, typed)]
    ids = {each for other in others for each in known.ids[other] | known.private_ids[other]}
    return _found(text, words, ids - allowed)


def foreign_to_analyst(known: Known, answer: Answer) -> list[str]:
    """Cases are read, with who did what; what nobody has stored is not."""
    ids = {each for own in known.private_ids.values() for each in own}
    return _found(answer.text, [typed(region) for region in known.users], ids)


def foreign_to_administrator(known: Known, answer: Answer) -> list[str]:
    """No content at all; the trail names objects by their ids, and says nothing of them."""
    words = [word(region) for region in known.users for word in (marked, typed)]
    ids = {each for region in known.users for each in known.ids[region] | known.private_ids[region]}
    return _found(answer.text, words, set() if answer.route.startswith("trail_") else ids)


def _found(text: str, words: list[str], ids: set[uuid.UUID]) -> list[str]:
    shown = {uuid.UUID(found) for found in _UUID.findall(text)}
    return [word for word in words if word in text] + [str(each) for each in shown & ids]


# --- The crawls ----------------------------------------------------------------------------------


def crawled(user: User, foreign, own: list[str]) -> Crawl:
    """No answer holds anything foreign; and so that this says something, what is the user's own was met."""
    met: Counter[str] = Counter()

    def look(answer: Answer) -> None:
        assert answer.status < 500, answer.address
        assert foreign(answer) == [], answer.address
        met.update(word for word in own if word in answer.text)

    found = crawl(logged_in(user), look)
    assert set(own) - met.keys() == set()
    return found


def opened_to(*columns: str) -> set[str]:
    """The pages that the table opens to the role, with whatever object."""
    return {
        row.page for row in ROWS if row.methods == "read" and "200" in {row.answers[name] for name in columns}
    }


def assert_all_was_reached(found: Crawl, columns: tuple[str, ...], but: dict[str, str]) -> None:
    missed = opened_to(*columns) - found.opened
    assert missed - but.keys() - NOT_LINKED.keys() == set()
    assert found.opened & but.keys() == set(), "reached after all"
    assert found.opened <= opened_to(*columns)
    # No link leads nowhere, and no form to what the role may not send.
    assert found.refused == set()
    may_send = {
        row.page
        for row in ROWS
        if row.methods == "send" and {row.answers[name] for name in columns} & {"200", "302", "log in"}
    }
    # The table sends to `draft_save` without the key that a form carries.
    assert found.sent_to <= may_send | {"draft_save"}


@pytest.mark.parametrize("region", ["nord", "syd"])
def test_a_coordinator_meets_nothing_of_another_region(known, region):
    own = [marked(region), named(region), typed(region)]
    found = crawled(known.users[region], lambda answer: foreign_to_coordinator(known, region, answer), own)

    assert_all_was_reached(found, COORDINATOR, {})


def test_a_coordinator_without_cases_meets_no_case(known):
    region = "gotland"
    found = crawled(
        known.users[region],
        lambda answer: foreign_to_coordinator(known, region, answer),
        [named(region), typed(region)],
    )

    no_cases = {page for page in opened_to(*COORDINATOR) if parameters_of(page) and page not in OWN_FILES}
    no_cases |= {"year_compare", "case_download"}
    assert_all_was_reached(found, COORDINATOR, dict.fromkeys(no_cases, "there is no case to open"))


def test_an_analyst_meets_the_whole_country_and_nothing_that_is_not_stored(known):
    own = [marked(region) for region in known.users if region != "gotland"]
    user = User.objects.filter(role=Role.ANALYST).first()
    found = crawled(user, lambda answer: foreign_to_analyst(known, answer), own)

    assert_all_was_reached(found, ("analyst",), {})


def test_an_administrator_meets_no_content_of_a_case(known):
    own = [named(region) for region in known.users]
    user = User.objects.get(role=Role.ADMINISTRATOR)
    found = crawled(user, lambda answer: foreign_to_administrator(known, answer), own)

    assert_all_was_reached(found, ("administrator",), {})


# --- What the crawl is worth ---------------------------------------------------------------------


@pytest.mark.skipif(connection.vendor != "sqlite", reason="on PostgreSQL the second wall still stands")
def test_the_crawl_sees_a_door_that_stands_open(known, monkeypatch):
    door, opened = access.cases_of, lambda _user: Case.objects.all()
    for module in [module for name, module in sys.modules.items() if name.startswith(("casereg.", "stats."))]:
        if vars(module).get("cases_of") is door:
            monkeypatch.setattr(module, "cases_of", opened)

    def look(answer: Answer) -> None:
        assert foreign_to_coordinator(known, "nord", answer) == []

    with pytest.raises(AssertionError, match="Xcase"):
        crawl(logged_in(known.users["nord"]), look)


def test_what_stands_in_a_workbook_is_seen(known):
    """Or its crawl would be of no use: what is packed is opened."""
    client = logged_in(known.users["nord"])
    text = text_of(client.get("/statistics/2023/download/xlsx/").content)

    assert "xl/worksheets/sheet1.xml" in text
    assert "<worksheet" in text
