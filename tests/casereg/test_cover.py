"""Cover: a coordinator works in a second region for a stated time, in one of the two at a time."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casereg.access import covers_of, drafts_of
from casereg.actions.covers import CoverIsOver, CoverRefused, end_cover, give_cover
from casereg.actions.offers import offer_case
from casereg.actions.users import change_user, deactivate_user, reactivate_user
from casereg.draft_keys import address_of
from casereg.models import AuditEvent, Case, CaseRemark, Cover, Draft, Incident, Offer, Region, Upload, User
from tests.factories import PASSWORD, CaseFactory, IncidentFactory, UserFactory
from tests.guards.access_world import prove_password
from tests.page_forms import form_with
from tests.records import PERSON, csv_text
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("database")

TODAY = date(2026, 11, 20)
CHOOSE = "/working-region/"
NEVER = "00000000-0000-4000-8000-000000000000"  # the number of nothing
REGISTER = "/cases/register/"


@pytest.fixture
def nora(client, coordinator_nord) -> Client:
    """The browser of Nord's coordinator, in English."""
    client.cookies["django_language"] = "en"
    client.force_login(coordinator_nord)
    return client


@pytest.fixture
def cover(administrator, coordinator_nord) -> Cover:
    """Nord's coordinator covers Mitt until the end of the year."""
    return covers(coordinator_nord, "mitt", by=administrator)


@pytest.fixture
def nora_in_mitt(nora, cover) -> Client:
    work_in(nora, "mitt")
    return nora


def covers(
    user: User, region: str, *, by: User, first: date = TODAY, last: date = date(2026, 12, 31)
) -> Cover:
    return give_cover(user_id=user.pk, region_code=region, first_day=first, last_day=last, by=by)


def work_in(client: Client, region: str) -> None:
    assert client.post(CHOOSE, {"region": region}).status_code == 302


def where(client: Client, address: str = "/offers/") -> str:
    """The region that a page is of: the one in which the coordinator works."""
    response = client.get(address)
    assert response.status_code == 200
    return response.context["region_label"].pk


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def as_form(**changes: str) -> dict[str, str]:
    """What the form of one case sends, but for what its page carries."""
    return {name: value for name, value in PERSON.items() if name != "region"} | {"incident": ""} | changes


def opened(client: Client, address: str = REGISTER) -> dict[str, Any]:
    """What a page's form sends if nobody types: its number, its key, the region that it was opened in."""
    return form_with(client.get(address).content.decode(), "draft_key")


def events() -> list[tuple[str, str, str]]:
    return list(AuditEvent.objects.order_by("sequence").values_list("action", "object", "region"))


# --- Given and ended -----------------------------------------------------------------------------


def test_an_administrator_gives_a_cover_on_a_page(client, administrator, coordinator_nord):
    client.force_login(administrator)
    prove_password(client, administrator)

    answer = client.post(
        f"/users/{coordinator_nord.pk}/cover/",
        {"region": "mitt", "first_day": "2026-11-20", "last_day": "2026-12-31"},
    )

    assert answer["Location"] == f"/users/{coordinator_nord.pk}/change/"
    [cover] = Cover.objects.all()
    assert (cover.user, cover.region_id, cover.given_by) == (coordinator_nord, "mitt", administrator)
    assert (cover.first_day, cover.last_day) == (TODAY, date(2026, 12, 31))
    assert cover.is_in_force
    assert events() == [("cover_give", f"cover {cover.pk} of user {coordinator_nord.pk}", "mitt")]


@pytest.mark.parametrize(
    ("region", "first", "last", "field"),
    [
        ("nord", "2026-11-20", "2026-12-31", "region"),  # the own one
        ("vast", "2026-11-20", "2026-12-31", "region"),  # retired: see below
        ("nowhere", "2026-11-20", "2026-12-31", "region"),
        ("mitt", "2026-12-02", "2026-12-01", "last_day"),
        ("mitt", "2026-11-01", "2026-11-19", "last_day"),  # over before it is given
        ("mitt", "2026-11-19", "2026-12-01", "first_day"),
        ("mitt", "2026-11-20", "2027-11-20", "last_day"),  # a year and a day
        ("mitt", "2028-01-01", "2028-01-02", "first_day"),
        ("mitt", "9999-12-31", "9999-12-31", "first_day"),
        ("mitt", "20/11/2026", "2026-12-01", "first_day"),
        ("mitt", "2026-11-20", "", "last_day"),
        ("syd", "2026-12-31", "2027-01-31", "region"),  # covered on that day already: see below
        ("syd", "2026-11-25", "2026-11-26", "region"),
    ],
)
def test_what_is_wrong_with_a_cover_is_said_at_its_field(
    client, administrator, coordinator_nord, region, first, last, field
):
    Region.objects.filter(code="vast").update(last_year=2025)
    covers(coordinator_nord, "syd", by=administrator)
    client.force_login(administrator)
    prove_password(client, administrator)

    answer = client.post(
        f"/users/{coordinator_nord.pk}/cover/", {"region": region, "first_day": first, "last_day": last}
    )

    assert list(answer.context["form"].errors) == [field]
    assert Cover.objects.count() == 1


def test_a_cover_of_a_retired_or_the_own_region_is_refused_by_the_action_too(administrator, coordinator_nord):
    Region.objects.filter(code="vast").update(last_year=2025)

    for region in ("vast", "nord"):
        with pytest.raises(CoverRefused, match="region"):
            covers(coordinator_nord, region, by=administrator)


@pytest.mark.parametrize(
    ("first", "last"), [(TODAY, date(2027, 11, 19)), (date(2028, 2, 29), date(2029, 2, 28))]
)
def test_a_cover_lasts_a_whole_year_and_not_a_day_more(clock, administrator, coordinator_nord, first, last):
    clock.move_to(datetime(first.year, first.month, first.day, 12, tzinfo=UTC))

    with pytest.raises(CoverRefused, match="last_day"):
        covers(coordinator_nord, "mitt", by=administrator, first=first, last=last + timedelta(days=1))
    covers(coordinator_nord, "mitt", by=administrator, first=first, last=last)

    assert Cover.objects.get().last_day == last


@pytest.mark.parametrize("who", ["analyst", "administrator", "deactivated"])
def test_nobody_but_an_active_coordinator_covers(client, request, administrator, who):
    user = request.getfixturevalue(who)
    client.cookies["django_language"] = "en"
    client.force_login(administrator)
    prove_password(client, administrator)
    address = f"/users/{user.pk}/cover/"

    answer = client.post(address, {"region": "mitt", "first_day": "2026-11-20", "last_day": "2026-12-31"})

    assert "Only an active coordinator covers for another one." in text_of(answer)
    assert "Only an active coordinator covers for another one." in text_of(client.get(address))
    assert not Cover.objects.exists()


def test_covers_that_follow_each_other_and_of_two_regions_do_not_overlap(administrator, coordinator_nord):
    covers(coordinator_nord, "mitt", by=administrator, last=date(2026, 11, 30))
    covers(coordinator_nord, "mitt", by=administrator, first=date(2026, 12, 1))
    covers(coordinator_nord, "syd", by=administrator)

    assert Cover.objects.count() == 3


def test_an_ended_cover_does_not_hinder_a_new_one(administrator, coordinator_nord, cover):
    end_cover(cover_id=cover.pk, by=administrator)

    covers(coordinator_nord, "mitt", by=administrator)

    assert Cover.objects.in_force().count() == 1


def test_a_cover_is_ended_once_and_never_deleted(client, administrator, coordinator_nord, cover):
    client.force_login(administrator)
    assert client.get(f"/covers/{cover.pk}/end/").status_code == 200
    assert Cover.objects.in_force().exists()  # looking ends nothing

    answer = client.post(f"/covers/{cover.pk}/end/")

    assert answer["Location"] == f"/users/{coordinator_nord.pk}/change/"
    cover.refresh_from_db()
    assert cover.ended_by == administrator
    assert not Cover.objects.in_force().exists()
    told = events()
    assert told[-1] == ("cover_end", f"cover {cover.pk} of user {coordinator_nord.pk}", "mitt")
    with pytest.raises(CoverIsOver):
        end_cover(cover_id=cover.pk, by=administrator)
    assert events() == told


def test_coordinators_give_each_other_nothing(coordinator_nord, coordinator_syd, cover):
    with pytest.raises(PermissionDenied):
        covers(coordinator_nord, "syd", by=coordinator_syd)
    with pytest.raises(Cover.DoesNotExist):
        end_cover(cover_id=cover.pk, by=coordinator_syd)


def test_two_who_give_the_same_cover_at_once_leave_one(committed_db, administrator, coordinator_nord):
    start, outcomes = threading.Barrier(2), []

    def give() -> None:
        start.wait()
        try:
            covers(coordinator_nord, "mitt", by=administrator)
            outcomes.append("given")
        except CoverRefused:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["given", "refused"]
    assert Cover.objects.count() == 1


def change(user: User, *, by: User, **wanted: str) -> None:
    stored = {"email": user.email, "name": user.name, "role": user.role, "region_code": user.region_id or ""}
    change_user(user_id=user.pk, **stored | wanted, by=by)


@pytest.mark.parametrize(
    "changes",
    [[{"role": "analyst", "region_code": ""}, {}], [{"region_code": "vast"}, {}], None],
    ids=["another role", "another region", "deactivated"],
)
def test_a_cover_does_not_come_back_to_life_with_its_person(administrator, coordinator_nord, cover, changes):
    to_come = covers(
        coordinator_nord, "syd", by=administrator, first=date(2026, 12, 1), last=date(2026, 12, 24)
    )

    if changes is None:
        deactivate_user(user_id=coordinator_nord.pk, by=administrator)
        reactivate_user(user_id=coordinator_nord.pk, by=administrator)
    else:
        for wanted in changes:
            change(coordinator_nord, by=administrator, **wanted)

    for each in (cover, to_come):
        each.refresh_from_db()
        assert each.ended_by == administrator
        assert ("cover_end", f"cover {each.pk} of user {coordinator_nord.pk}", each.region_id) in events()
    assert not covers_of(User.objects.get(pk=coordinator_nord.pk))


def test_covers_that_are_over_stay_as_they_were(clock, administrator, coordinator_nord, cover):
    ended = covers(coordinator_nord, "syd", by=administrator)
    end_cover(cover_id=ended.pk, by=administrator)
    clock.move_to(datetime(2027, 1, 2, 12, tzinfo=UTC))
    before = list(Cover.objects.order_by("pk").values())

    deactivate_user(user_id=coordinator_nord.pk, by=administrator)

    assert list(Cover.objects.order_by("pk").values()) == before
    assert events()[-2][0] == "cover_end"  # by hand, before
    assert events()[-1][0] == "user_deactivate"


def test_another_name_or_address_ends_no_cover(administrator, coordinator_nord, cover):
    change(coordinator_nord, by=administrator, name="Nora Nyman", email="nyman@example.org")

    assert Cover.objects.in_force().get() == cover


def test_the_pages_say_that_covers_ended_with_it(client, administrator, coordinator_nord, cover):
    client.force_login(administrator)
    prove_password(client, administrator)
    client.cookies["django_language"] = "en"
    sent = {"name": "Nora", "email": coordinator_nord.email, "role": "coordinator", "region": "vast"}

    page = client.post(f"/users/{coordinator_nord.pk}/change/", sent, follow=True)
    assert "A cover ended with it: Mitt." in text_of(page)

    covers(coordinator_nord, "syd", by=administrator)
    covers(coordinator_nord, "ost", by=administrator)
    page = client.post(f"/users/{coordinator_nord.pk}/deactivate/", follow=True)
    assert "2 covers ended with it: Syd, Öst." in text_of(page)


def test_a_cover_given_while_its_person_is_deactivated_does_not_outlive_it(
    committed_db, administrator, coordinator_nord
):
    at_once(
        lambda: covers(coordinator_nord, "mitt", by=administrator),
        lambda: deactivate_user(user_id=coordinator_nord.pk, by=administrator),
    )

    assert not Cover.objects.filter(ended_at=None).exists()


def test_a_cover_ended_while_its_person_is_changed_waits_for_nobody_in_a_ring(
    committed_db, administrator, coordinator_nord
):
    given = [covers(coordinator_nord, region, by=administrator) for region in ("mitt", "syd", "ost")]

    outcomes = at_once(
        lambda: change(coordinator_nord, by=administrator, region_code="vast"),
        *[lambda cover=cover: end_cover(cover_id=cover.pk, by=administrator) for cover in given],
    )

    assert outcomes[0] is None
    assert all(isinstance(outcome, Cover | CoverIsOver) for outcome in outcomes[1:])
    assert not Cover.objects.filter(ended_at=None).exists()
    assert sum(action == "cover_end" for action, _object, _region in events()) == 3


# --- Working in the covered region ---------------------------------------------------------------


def test_who_covers_nothing_is_offered_nothing(nora):
    page = nora.get("/")

    assert CHOOSE not in page.content.decode()
    assert nora.post(CHOOSE, {"region": "mitt"}).status_code == 404
    assert where(nora) == "nord"


def test_the_start_page_offers_to_work_where_one_covers(nora, cover):
    page = nora.get("/")

    assert "You cover Mitt until 31 December 2026." in text_of(page)
    assert "Work in Mitt" in text_of(page)
    assert where(nora) == "nord"  # offered, and not done


def test_every_page_says_that_one_is_not_at_home_and_leads_back(nora_in_mitt):
    for address in ("/", "/cases/", "/statistics/", "/code-book/", "/about/", "/account/password/"):
        page = text_of(nora_in_mitt.get(address))
        assert "Covering: Mitt" in page, address
        assert "Back to Nord" in page, address

    work_in(nora_in_mitt, "nord")

    page = text_of(nora_in_mitt.get("/cases/"))
    assert "Covering" not in page
    assert "Back to" not in page
    assert where(nora_in_mitt) == "nord"


def test_the_next_page_is_one_of_ours(nora, cover):
    assert nora.post(CHOOSE, {"region": "mitt", "next": "/cases/"})["Location"] == "/cases/"
    for elsewhere in ("https://example.org/", "//example.org/", "javascript:alert(1)", ""):
        assert nora.post(CHOOSE, {"region": "mitt", "next": elsewhere})["Location"] == "/"


def test_a_page_takes_as_many_queries_in_the_covered_region_as_at_home(nora, cover):
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert nora.get(address).status_code == 200
        return len(captured)

    addresses = ("/cases/", "/incidents/", "/offers/", REGISTER)
    at_home = [queries(address) for address in addresses]
    work_in(nora, "mitt")

    assert [queries(address) for address in addresses] == at_home


def test_everything_that_a_coordinator_does_is_done_in_the_covered_region(nora_in_mitt, cover):
    CaseFactory(reference="mitt-1", region_id="mitt", year=2025)
    made = nora_in_mitt.post(REGISTER, opened(nora_in_mitt) | as_form(reference="new-1", month="2025-11"))
    case = Case.objects.get(reference="new-1")
    assert made["Location"] == f"/cases/{case.pk}/"
    assert case.region_id == "mitt"

    form = opened(nora_in_mitt, f"/cases/{case.pk}/amend/") | as_form(month="2025-11", sex="female")
    nora_in_mitt.post(f"/cases/{case.pk}/amend/", form)
    case.refresh_from_db()
    assert case.sex == "female"

    nora_in_mitt.post("/incidents/create/", {"reference": "event-1"})
    incident = Incident.objects.get(reference="event-1")
    assert incident.region_id == "mitt"
    nora_in_mitt.post(f"/incidents/{incident.pk}/add/", {"references": "mitt-1"})
    assert incident.cases.get().reference == "mitt-1"

    persons = opened(nora_in_mitt, "/incidents/register/") | as_form(incident="event-2", month="2025-10")
    persons |= {f"lines-0-{name}": PERSON[name] for name in ("sex", "age_group", "nationality")}
    persons |= {"lines-0-children_in_sweden": "0", "lines-0-children_abroad": "0", "lines-0-persons": "3"}
    nora_in_mitt.post("/incidents/register/", persons | {"save": ""})
    assert Incident.objects.get(reference="event-2").cases.filter(region="mitt").count() == 3

    file = SimpleUploadedFile("c.csv", csv_text([PERSON | {"region": "", "reference": "file-1"}]).encode())
    upload = nora_in_mitt.post("/cases/upload/", {"file": file})["Location"]
    assert nora_in_mitt.get(upload).status_code == 200
    nora_in_mitt.post(f"{upload}import/")
    assert Case.objects.get(reference="file-1").region_id == "mitt"

    CaseRemark.objects.create(case=case, region_id="mitt", key="unknown:sex", variable="sex")
    assert case.reference in text_of(nora_in_mitt.get("/mend/"))

    nora_in_mitt.post(f"/cases/{case.pk}/offer/", {"to_region": "syd", "reason": "lives there now"})
    offer = Offer.objects.get()
    assert (offer.from_region_id, offer.to_region_id) == ("mitt", "syd")
    assert case.reference in text_of(nora_in_mitt.get("/offers/"))

    assert nora_in_mitt.get("/statistics/2025/").status_code == 200
    assert nora_in_mitt.get("/statistics/2023/").status_code == 200  # of the file's case
    download = nora_in_mitt.get("/cases/download/")
    assert 'filename="cases-mitt.csv"' in download["Content-Disposition"]
    assert "file-1" in download.content.decode()
    # The trail says by whom, and in which region.
    told = AuditEvent.objects.exclude(action__in=["cover_give", "log_in"])
    assert {event.region for event in told} == {"mitt"}
    assert {event.actor_id for event in told} == {cover.user_id}


@pytest.mark.parametrize(("here", "there"), [("mitt", "nord"), ("nord", "mitt")])
def test_while_in_one_region_nothing_of_the_other_can_be_reached(
    nora, cover, administrator, coordinator_syd, here, there
):
    incident = IncidentFactory(region_id=there, reference="THERE-event")
    case = CaseFactory(region_id=there, reference="THERE-case", incident=incident)
    CaseRemark.objects.create(case=case, region_id=there, key="unknown:sex", variable="sex")
    offered = CaseFactory(region_id="syd", reference="THERE-offered")
    offer = offer_case(case_id=offered.pk, to_region_code=there, reason="x", by=coordinator_syd)
    work_in(nora, there)
    file = SimpleUploadedFile("THERE.csv", csv_text([PERSON | {"region": ""}]).encode())
    upload = nora.post("/cases/upload/", {"file": file})["Location"]
    nora.post("/drafts/save/", opened(nora) | {"incident": "THERE-draft"})
    work_in(nora, here)

    lists = ["/", "/cases/", "/incidents/", "/mend/", "/offers/"]
    for address in [*lists, "/cases/upload/", "/cases/download/", REGISTER]:
        answer = nora.get(address)
        assert answer.status_code == 200
        assert "THERE" not in answer.content.decode(), address
    assert nora.get("/statistics/2023/").status_code == 404  # the other region's only year
    for address in (
        f"/cases/{case.pk}/",
        f"/cases/{case.pk}/amend/",
        f"/cases/{case.pk}/withdraw/",
        f"/cases/{case.pk}/offer/",
        f"/cases/register/?like={case.pk}",
        f"/incidents/{incident.pk}/",
        f"/incidents/{incident.pk}/amend/",
        f"/incidents/register/?incident={incident.pk}",
        f"/offers/{offer.pk}/",
        upload,
    ):
        assert nora.get(address).status_code == 404, address
    for address in (
        f"/mend/{case.pk}/confirm/",
        f"/offers/{offer.pk}/accept/",
        f"/offers/{offer.pk}/decline/",
        f"/incidents/{incident.pk}/take-out/{case.pk}/",
        f"{upload}import/",
        f"{upload}discard/",
    ):
        assert nora.post(address, {"key": "unknown:sex"}).status_code == 404, address
    assert Upload.objects.exists()
    assert CaseRemark.objects.open().exists()


def test_a_page_that_is_not_there_says_where_it_may_be_to_those_who_cover_alone(nora, cover, coordinator_syd):
    case = CaseFactory(region_id="mitt")
    theirs = Client()
    theirs.cookies["django_language"] = "en"
    theirs.force_login(coordinator_syd)

    foreign, absent = nora.get(f"/cases/{case.pk}/"), nora.get(f"/cases/{NEVER}/")

    assert "choose where to work" in text_of(foreign)
    assert foreign.content == absent.content
    assert "choose where to work" not in text_of(theirs.get(f"/cases/{case.pk}/"))
    work_in(nora, "mitt")
    assert nora.get(f"/offers/{case.pk}/").content == nora.get(f"/offers/{NEVER}/").content


# --- When it is over -----------------------------------------------------------------------------


def test_on_the_day_after_the_last_one_the_next_request_is_back_home(
    clock, administrator, client, coordinator_nord
):
    covers(coordinator_nord, "mitt", by=administrator, last=TODAY)
    clock.move_to(datetime(2026, 11, 20, 22, 55, tzinfo=UTC))  # five to midnight in Sweden
    client.cookies["django_language"] = "en"
    client.force_login(coordinator_nord)
    work_in(client, "mitt")
    assert where(client) == "mitt"

    clock.move_to(datetime(2026, 11, 20, 23, 1, tzinfo=UTC))

    page = client.get("/cases/")
    assert page.context["region_label"].pk == "nord"
    assert "Your cover of Mitt is over. You work in your own region again." in text_of(page)
    assert "Your cover of Mitt" not in text_of(client.get("/cases/"))  # told once
    assert client.post(CHOOSE, {"region": "mitt"}).status_code == 404


def test_a_cover_that_is_ended_early_is_over_at_the_next_request(nora_in_mitt, administrator, cover):
    end_cover(cover_id=cover.pk, by=administrator)

    assert "Your cover of Mitt is over." in text_of(nora_in_mitt.get("/cases/"))
    assert where(nora_in_mitt) == "nord"


def test_a_cover_given_anew_does_not_bring_the_choice_of_before_back(
    nora_in_mitt, administrator, coordinator_nord, cover
):
    end_cover(cover_id=cover.pk, by=administrator)
    nora_in_mitt.get("/")
    covers(coordinator_nord, "mitt", by=administrator)

    assert where(nora_in_mitt) == "nord"


def test_a_cover_to_come_opens_nothing_yet(nora, administrator, coordinator_nord):
    covers(coordinator_nord, "mitt", by=administrator, first=date(2026, 11, 21))

    assert CHOOSE not in nora.get("/").content.decode()
    assert nora.post(CHOOSE, {"region": "mitt"}).status_code == 404


def test_of_two_covers_each_is_chosen_and_ends_by_itself(nora, administrator, coordinator_nord, cover):
    covers(coordinator_nord, "syd", by=administrator)
    work_in(nora, "mitt")
    page = text_of(nora.get("/"))
    assert "You cover Mitt until 31 December 2026. You work there now." in page
    assert "Work in Syd" in page
    work_in(nora, "syd")
    assert where(nora) == "syd"

    end_cover(cover_id=cover.pk, by=administrator)

    assert where(nora) == "syd"


def test_nobody_works_in_a_region_that_is_retired(nora_in_mitt, administrator):
    Region.objects.filter(code="mitt").update(last_year=2026)

    assert where(nora_in_mitt) == "nord"
    assert nora_in_mitt.post(CHOOSE, {"region": "mitt"}).status_code == 404


def test_a_cover_of_what_is_now_the_own_region_is_none(nora, coordinator_nord, cover):
    User.objects.filter(pk=coordinator_nord.pk).update(region_id="mitt")
    coordinator_nord.refresh_from_db()
    nora.force_login(coordinator_nord)

    assert not covers_of(coordinator_nord).exists()
    assert CHOOSE not in nora.get("/").content.decode()
    assert where(nora) == "mitt"


@pytest.mark.parametrize("changes", [{"role": "analyst", "region_id": None}, {"is_active": False}])
def test_a_cover_lets_nobody_in_who_is_no_coordinator_any_more(coordinator_nord, cover, changes):
    User.objects.filter(pk=coordinator_nord.pk).update(**changes)
    coordinator_nord.refresh_from_db()

    assert not covers_of(coordinator_nord).exists()


def test_the_choice_is_of_one_browser_and_ends_with_its_session(nora_in_mitt, coordinator_nord):
    elsewhere = Client()
    elsewhere.force_login(coordinator_nord)
    assert where(elsewhere) == "nord"

    nora_in_mitt.post("/account/logout/")
    nora_in_mitt.force_login(coordinator_nord)

    assert where(nora_in_mitt) == "nord"


# --- A form that was opened in one region and sent in another --------------------------------------


def sent_elsewhere(client: Client, address: str, form: dict[str, Any], **headers: str) -> Any:
    """Somebody goes home in another tab, and then sends the form."""
    work_in(client, "nord")
    return client.post(address, form, **headers)


def go_on(client: Client, page: Any) -> str:
    """Press the button that leads to the draft; the page on which it opens."""
    way = form_with(page.content.decode(), "next")
    answer = client.post(CHOOSE, way)
    assert answer.status_code == 302
    shown = client.get(answer["Location"])
    assert shown.status_code == 200
    assert shown.context["region_label"].pk == "mitt"
    return shown.content.decode()


def test_the_form_of_a_case_does_not_land_in_another_region(nora_in_mitt):
    form = opened(nora_in_mitt) | as_form(reference="from-mitt")

    page = sent_elsewhere(nora_in_mitt, REGISTER, form)

    assert page.status_code == 200
    assert "You opened the form in Mitt, and work in Nord now. Nothing is stored." in text_of(page)
    assert not Case.objects.exists()
    # Nothing is lost: neither on the page nor in the other region, where it goes on.
    assert form_with(page.content.decode(), "draft_key")["reference"] == ["from-mitt"]
    there = form_with(go_on(nora_in_mitt, page), "draft_key")
    assert there["reference"] == ["from-mitt"]
    nora_in_mitt.post(REGISTER, there)
    assert Case.objects.get().region_id == "mitt"
    assert not Draft.objects.exists()


def test_the_form_may_be_saved_where_one_is_once_that_is_said(nora_in_mitt, coordinator_nord):
    form = opened(nora_in_mitt) | as_form(reference="of-nord")
    page = sent_elsewhere(nora_in_mitt, REGISTER, form)

    nora_in_mitt.post(REGISTER, form_with(page.content.decode(), "draft_key"))

    assert Case.objects.get().region_id == "nord"
    assert not drafts_of(coordinator_nord).exists()


def test_a_form_that_was_stored_there_is_not_stored_here_by_the_back_button(nora_in_mitt):
    form = opened(nora_in_mitt) | as_form(reference="once")
    nora_in_mitt.post(REGISTER, form)

    page = sent_elsewhere(nora_in_mitt, REGISTER, form)
    assert "Nothing is stored" in text_of(page)
    nora_in_mitt.post(REGISTER, form_with(page.content.decode(), "draft_key"))

    assert Case.objects.get().region_id == "mitt"


@pytest.mark.parametrize("button", ["save", "check", "add_lines", "change"])
def test_the_form_of_an_incident_does_not_land_in_another_region(nora_in_mitt, button):
    form = opened(nora_in_mitt, "/incidents/register/") | as_form(incident="event-2")
    form |= {f"lines-0-{name}": PERSON[name] for name in ("sex", "age_group", "nationality")}
    form |= {"lines-0-children_in_sweden": "0", "lines-0-children_abroad": "0", "lines-0-persons": "3"}

    page = sent_elsewhere(nora_in_mitt, "/incidents/register/", form | {button: ""})

    assert "You opened the form in Mitt, and work in Nord now. Nothing is stored." in text_of(page)
    assert not Incident.objects.exists()
    assert form_with(page.content.decode(), "draft_key")["lines-0-persons"] == ["3"]
    there = form_with(go_on(nora_in_mitt, page), "draft_key")
    assert there["lines-0-persons"] == ["3"]
    nora_in_mitt.post("/incidents/register/", there | {"save": ""})
    assert Incident.objects.get().region_id == "mitt"


def test_persons_are_not_added_to_an_incident_of_another_region(nora_in_mitt):
    incident = IncidentFactory(region_id="mitt")
    form = opened(nora_in_mitt, f"/incidents/register/?incident={incident.pk}")
    form |= {"lines-0-persons": "3"}

    page = sent_elsewhere(nora_in_mitt, "/incidents/register/", form | {"save": ""})

    assert page.status_code == 409
    assert not Case.objects.exists()
    there = form_with(go_on(nora_in_mitt, page), "draft_key")
    assert (there["lines-0-persons"], there["adding_to"]) == (["3"], [str(incident.pk)])


def test_an_amendment_of_a_case_of_another_region_is_kept_for_it(nora_in_mitt):
    case = CaseFactory(region_id="mitt", sex="male")
    address = f"/cases/{case.pk}/amend/"
    form = opened(nora_in_mitt, address) | {"sex": "female"}

    page = sent_elsewhere(nora_in_mitt, address, form)

    assert page.status_code == 409
    assert "You opened the form in Mitt, and work in Nord now. Nothing is stored." in text_of(page)
    assert case.reference not in text_of(page)
    case.refresh_from_db()
    assert case.sex == "male"
    nora_in_mitt.post(address, form_with(go_on(nora_in_mitt, page), "draft_key"))
    case.refresh_from_db()
    assert case.sex == "female"


def test_an_amendment_of_an_incident_of_another_region_is_kept_for_it(nora_in_mitt):
    incident = IncidentFactory(region_id="mitt")
    case = CaseFactory(region_id="mitt", incident=incident, assessment="exploitation")
    address = f"/incidents/{incident.pk}/amend/"
    form = opened(nora_in_mitt, address) | {"assessment": "trafficking"}

    page = sent_elsewhere(nora_in_mitt, address, form)

    assert page.status_code == 409
    nora_in_mitt.post(address, form_with(go_on(nora_in_mitt, page), "draft_key"))
    case.refresh_from_db()
    assert case.assessment == "trafficking"


def test_a_new_incident_does_not_land_in_another_region(nora_in_mitt):
    form = form_with(nora_in_mitt.get("/incidents/create/").content.decode(), "reference")

    page = sent_elsewhere(nora_in_mitt, "/incidents/create/", form | {"reference": "event-1"})

    assert "You opened the form in Mitt, and work in Nord now. Nothing is stored." in text_of(page)
    assert not Incident.objects.exists()
    again = form_with(page.content.decode(), "reference")
    assert again["reference"] == ["event-1"]
    nora_in_mitt.post("/incidents/create/", again)
    assert Incident.objects.get().region_id == "nord"


def test_a_file_does_not_land_in_another_region(nora_in_mitt):
    def sent() -> SimpleUploadedFile:
        return SimpleUploadedFile("c.csv", csv_text([PERSON | {"region": ""}]).encode())

    form = form_with(nora_in_mitt.get("/cases/upload/").content.decode(), "file")

    page = sent_elsewhere(nora_in_mitt, "/cases/upload/", form | {"file": sent()})

    assert "You opened the form in Mitt, and work in Nord now. Nothing is stored." in text_of(page)
    assert not Upload.objects.exists()
    again = form_with(page.content.decode(), "file")
    nora_in_mitt.post("/cases/upload/", again | {"file": sent()})
    assert Upload.objects.get().region_id == "nord"


@pytest.mark.parametrize("address", ["/incidents/create/", "/cases/upload/"])
def test_a_region_that_there_is_not_is_not_repeated(nora, address):
    page = nora.post(address, {"opened_in": "<b>Xthere", "reference": "event-1"})

    assert "You opened the form in another region, and work in Nord now." in text_of(page)
    assert "Xthere" not in text_of(page)
    assert not Incident.objects.exists()


def test_what_was_typed_while_the_cover_ended_stays_on_the_page_and_is_kept_nowhere(
    nora_in_mitt, administrator, cover
):
    form = opened(nora_in_mitt) | as_form(reference="typed")
    end_cover(cover_id=cover.pk, by=administrator)

    page = nora_in_mitt.post(REGISTER, form)

    assert "You opened the form in Mitt, and work in Nord now. Nothing is stored." in text_of(page)
    assert "Your cover of Mitt is over." in text_of(page)
    assert form_with(page.content.decode(), "draft_key")["reference"] == ["typed"]
    assert not Case.objects.exists()
    assert not Draft.objects.exists()  # the author may not write there any more


# --- Drafts --------------------------------------------------------------------------------------


def test_what_is_typed_in_a_tab_of_the_other_region_is_saved_there(nora_in_mitt):
    form = opened(nora_in_mitt) | {"incident": "typed"}

    answer = sent_elsewhere(nora_in_mitt, "/drafts/save/", form, HTTP_ACCEPT="application/json")

    assert answer.status_code == 200
    assert Draft.objects.get().region_id == "mitt"
    button = nora_in_mitt.post("/drafts/save/", form, follow=True)
    assert "It waits in Mitt" in text_of(button)


def test_a_page_that_came_back_for_this_region_saves_its_own_draft(nora_in_mitt):
    form = opened(nora_in_mitt) | as_form(reference="typed")
    page = sent_elsewhere(nora_in_mitt, REGISTER, form)

    nora_in_mitt.post("/drafts/save/", form_with(page.content.decode(), "draft_key"))

    assert sorted(Draft.objects.values_list("region_id", flat=True)) == ["mitt", "nord"]


@pytest.mark.parametrize("what", ["case_register", "case_amend", "incident_register"])
def test_whoever_is_logged_out_while_covering_finds_what_was_typed(nora_in_mitt, coordinator_nord, what):
    case = CaseFactory(region_id="mitt")
    about = case.pk if what == "case_amend" else None
    address = address_of(what, about)
    form = opened(nora_in_mitt, address) | {"incident": "typed"}
    visitor = Client()
    visitor.cookies["django_language"] = "en"

    to_log_in = visitor.post(address, form)

    assert Draft.objects.get().region_id == "mitt"
    sent = {"login": coordinator_nord.email, "password": PASSWORD}
    log_in = form_with(visitor.get(to_log_in["Location"]).content.decode(), "password")
    page = visitor.get(visitor.post("/account/login/", log_in | sent)["Location"])
    assert page.context["region_label"].pk == "nord"
    assert form_with(go_on(visitor, page), "draft_key")["incident"] == ["typed"]


def test_a_draft_of_another_region_is_shown_to_nobody_who_does_not_cover_it(
    nora_in_mitt, administrator, cover, coordinator_syd
):
    nora_in_mitt.post("/drafts/save/", opened(nora_in_mitt) | {"incident": "typed"})
    draft = Draft.objects.get()
    address = address_of(draft.page, draft.about, draft=draft.number)
    theirs = Client()
    theirs.force_login(coordinator_syd)
    end_cover(cover_id=cover.pk, by=administrator)

    for somebody in (theirs, nora_in_mitt):
        page = somebody.get(address)
        assert page.status_code == 200
        assert "typed" not in page.content.decode()
        assert CHOOSE not in page.content.decode()


def test_a_stranger_s_key_keeps_nothing_in_a_region_that_is_not_covered(nora, coordinator_nord):
    colleague = UserFactory(region_id="mitt")
    theirs = Client()
    theirs.force_login(colleague)
    form = opened(theirs) | as_form(reference="theirs")

    answer = nora.post("/drafts/save/", form, HTTP_ACCEPT="application/json")

    assert answer.status_code == 404
    assert not Draft.objects.exists()
