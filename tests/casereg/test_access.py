"""Who sees what: the door to cases, one answer for what is foreign or never was, a rule on every view."""

import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.checks import run_checks
from django.http import HttpResponse
from django.urls import path

from casereg.access import ROLES, Permission, cases_of, has_permission, public, requires, routes
from casereg.models import AuditEvent, Case, Role, User
from tests.factories import PASSWORD, CaseFactory, UserFactory

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def cases() -> dict[str, Case]:
    return {region: CaseFactory(region_id=region) for region in ("nord", "syd", "vast")}


# --- The door ------------------------------------------------------------------------------------


def regions_seen(user: User) -> set[str]:
    return set(cases_of(user).values_list("region_id", flat=True))


def test_a_coordinator_sees_the_cases_of_the_own_region_only(cases, coordinator_nord, coordinator_syd):
    assert regions_seen(coordinator_nord) == {"nord"}
    assert regions_seen(coordinator_syd) == {"syd"}


def test_an_analyst_sees_all_cases(cases, analyst):
    assert regions_seen(analyst) == {"nord", "syd", "vast"}


def test_nobody_else_sees_any(cases, administrator, deactivated):
    for nobody in (administrator, deactivated, AnonymousUser(), User(role="owner", region_id="nord")):
        assert regions_seen(nobody) == set()


def test_a_coordinator_without_region_sees_none(cases):
    assert regions_seen(User(role=Role.COORDINATOR, region_id=None)) == set()


def test_every_role_has_rights_and_only_a_coordinator_writes_cases():
    assert set(ROLES) == set(Role.values)
    assert not ROLES[Role.ADMINISTRATOR] & {Permission.READ_CASES, Permission.WRITE_CASES}
    assert Permission.WRITE_CASES not in ROLES[Role.ANALYST]


def test_whoever_is_deactivated_has_no_right(deactivated):
    assert not [right for right in Permission if has_permission(deactivated, right)]


# --- Pages ---------------------------------------------------------------------------------------


def case_page(case_id: uuid.UUID) -> str:
    return f"/cases/{case_id}/"


def test_the_own_regions_case_is_shown(client, cases, coordinator_nord):
    client.force_login(coordinator_nord)

    response = client.get(case_page(cases["nord"].pk))

    assert response.status_code == 200
    assert cases["nord"].reference in response.text


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options"])
def test_a_foreign_case_and_one_that_never_was_get_the_same_answer(client, cases, coordinator_nord, method):
    client.force_login(coordinator_nord)
    foreign, absent = (getattr(client, method)(case_page(i)) for i in (cases["syd"].pk, uuid.uuid4()))

    assert foreign.status_code == absent.status_code
    assert foreign.content == absent.content
    assert all(answer.headers.pop("X-Request-ID") for answer in (foreign, absent))  # by chance, each its own
    assert foreign.headers == absent.headers
    assert foreign.cookies == absent.cookies
    if method in ("get", "head"):
        assert foreign.status_code == 404


def test_a_closed_door_leaves_an_event(client, cases, coordinator_nord):
    client.force_login(coordinator_nord)
    before = AuditEvent.objects.count()

    for case_id in (cases["syd"].pk, uuid.uuid4()):
        client.get(case_page(case_id))
        event = AuditEvent.objects.last()
        assert (event.action, event.outcome, event.actor) == ("access_denied", "denied", coordinator_nord)
        assert str(case_id) in event.object

    assert AuditEvent.objects.count() == before + 2


def test_the_list_shows_the_own_region_only(client, cases, coordinator_nord):
    client.force_login(coordinator_nord)

    text = client.get("/cases/").text

    assert cases["nord"].reference in text
    assert cases["syd"].reference not in text


@pytest.mark.parametrize("url", ["/", "/cases/", "/cases/register/", "/statistics/", "/statistics/2023/"])
def test_whoever_is_not_logged_in_is_sent_to_log_in(client, url):
    response = client.get(url)

    assert (response.status_code, response.headers["Location"]) == (302, f"/account/login/?next={url}")


@pytest.mark.parametrize("url", ["/cases/", "/cases/register/", "/statistics/", "/statistics/2023/"])
def test_an_administrator_is_kept_from_cases_and_figures_and_that_is_told(client, administrator, url):
    client.force_login(administrator)

    assert client.get(url).status_code == 403

    event = AuditEvent.objects.last()
    assert (event.action, event.actor, event.object) == ("access_denied", administrator, f"GET {url}")


def test_an_analyst_registers_no_case(client, analyst):
    client.force_login(analyst)

    assert client.get("/cases/register/").status_code == 403
    assert client.post("/cases/register/", {}).status_code == 403
    assert not Case.objects.exists()


def test_whoever_is_deactivated_is_out_with_the_next_request(client, coordinator_nord):
    client.force_login(coordinator_nord)
    assert client.get("/cases/").status_code == 200

    User.objects.update(is_active=False)

    assert client.get("/cases/").status_code == 302


def test_whoever_changes_region_logs_in_again_and_sees_the_new_one(client, cases, coordinator_nord):
    client.force_login(coordinator_nord)
    User.objects.update(region="syd")

    assert client.get(case_page(cases["nord"].pk)).status_code == 302
    client.force_login(User.objects.get(pk=coordinator_nord.pk))
    assert client.get(case_page(cases["nord"].pk)).status_code == 404
    assert client.get(case_page(cases["syd"].pk)).status_code == 200


def log_in(client, email: str) -> bool:
    client.post("/account/login/", {"login": email, "password": PASSWORD})
    return "_auth_user_id" in client.session


def test_logging_in_is_by_address_in_any_spelling_and_not_for_the_deactivated(client, deactivated):
    UserFactory(email="nora@example.org")

    assert not log_in(client, deactivated.email)
    assert log_in(client, "Nora@Example.ORG")


@pytest.mark.parametrize("url", ["/account/signup/", "/accounts/signup/", "/admin/"])
def test_nobody_signs_up_and_there_is_no_back_door(client, url):
    assert client.get(url).status_code == 404
    assert client.post(url, {"email": "x@example.org"}).status_code in (403, 404)


# --- The rule that a view wears ------------------------------------------------------------------


def test_every_view_wears_a_rule():
    found = list(routes())

    assert len(found) >= 9
    assert not [error for error in run_checks() if error.id == "casereg.E001"]


def naked(_request):
    return HttpResponse("anything")


urlpatterns = [
    path("naked/", naked),
    path("clothed/", requires(Permission.START)(naked)),
    path("open/", public(because="a test says so")(naked)),
]


def test_a_view_without_a_rule_stops_the_start(settings):
    settings.ROOT_URLCONF = __name__

    [error] = [error for error in run_checks() if error.id == "casereg.E001"]

    assert "'naked/'" in error.msg
    assert error.is_serious()


def test_a_view_without_a_rule_is_closed_to_whoever_is_not_logged_in(settings, client):
    settings.ROOT_URLCONF = __name__
    settings.LOGIN_URL = "/log-in/"

    assert client.get("/open/").status_code == 200
    assert client.get("/naked/").status_code == 302
