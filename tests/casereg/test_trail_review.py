"""The monthly review of the trail: what is due, what a month holds, the signature, and the reminder."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from casereg.actions.trail import (
    EventsCameMeanwhile,
    MonthIsNotOver,
    MonthIsSigned,
    export_trail,
    sign_month,
)
from casereg.models import AuditEvent, AuditHead, Cover, Outcome, Region, Role, TrailReview, User
from casereg.models.audit import chain_breaks
from casereg.trail import TrailFilter
from casereg.trail_review import (
    MANY_CASES_A_DAY,
    Month,
    MonthInTrail,
    NoSuchMonth,
    reviews_of,
)
from casereg.trail_wording import Kind, kind_of
from tests.casereg.test_trail_pages import SWEDEN, event, texts
from tests.databases import rolled_back
from tests.factories import UserFactory
from tests.threads import at_once
from tests.walls import as_owner

pytestmark = pytest.mark.usefixtures("database")

SEPTEMBER, OCTOBER, NOVEMBER = Month(2026, 9), Month(2026, 10), Month(2026, 11)


def append(at: str, **fields: object) -> AuditEvent:
    """An event of a moment in Sweden."""
    moment = datetime.fromisoformat(at).replace(tzinfo=SWEDEN)
    with time_machine.travel(moment, tick=False):
        return AuditEvent.objects.append(**{"by": None, "action": "read", "object": "it"} | fields)


def sign(month: Month, *, by: User, region: str = "nord", last: int | None = None) -> TrailReview:
    if last is None:
        last = MonthInTrail(by, region, month).last_sequence
    return sign_month(region_code=region, month=month, last_sequence=last, by=by)


# --- What is due ----------------------------------------------------------------------------------


def test_a_region_s_months_are_due_from_its_first_event_to_the_last_month(administrator):
    append("2026-08-31T23:59", region="nord")
    append("2026-10-01T00:00", region="syd")

    reviews = reviews_of(administrator)

    assert reviews.unsigned == [
        (Month(2026, 8), "nord"), (SEPTEMBER, "nord"), (OCTOBER, "nord"), (OCTOBER, "syd"),
    ]  # fmt: skip
    assert reviews.months["syd"] == [OCTOBER, NOVEMBER]  # the present one is seen, and not yet due


def test_what_is_of_no_region_is_due_like_a_region_and_stands_last(administrator):
    append("2026-10-05T12:00")
    append("2026-10-05T12:00", region="syd")

    reviews = reviews_of(administrator)

    assert list(reviews.months) == ["syd", ""]
    assert reviews.unsigned == [(OCTOBER, ""), (OCTOBER, "syd")]


def test_a_month_begins_at_midnight_in_sweden(administrator):
    append("2026-09-30T23:59:59", region="nord")
    append("2026-10-01T00:00:00", region="nord")

    assert [MonthInTrail(administrator, "nord", month).events for month in (SEPTEMBER, OCTOBER)] == [1, 1]
    assert Month(2026, 12).next == Month(2027, 1)
    assert Month(2024, 2).last_day == date(2024, 2, 29)


def test_a_retired_region_is_due_until_its_last_event(administrator):
    append("2026-05-05T12:00", region="nord")
    append("2026-06-05T12:00", region="nord")
    Region.objects.filter(code="nord").update(last_year=2026)

    assert reviews_of(administrator).months["nord"] == [Month(2026, 5), Month(2026, 6)]


def test_a_region_that_was_deleted_is_due_until_its_last_event(administrator):
    append("2026-09-05T12:00", action="region_add", object="region gotland", region="gotland")
    append("2026-10-05T12:00", action="region_delete", object="region gotland", region="gotland")

    reviews = reviews_of(administrator)
    assert reviews.months == {"gotland": [SEPTEMBER, OCTOBER]}
    sign(SEPTEMBER, by=administrator, region="gotland")
    assert reviews_of(administrator).unsigned == [(OCTOBER, "gotland")]


def test_nobody_but_an_administrator_reviews(analyst, coordinator_nord):
    append("2026-10-05T12:00", region="nord")

    for nobody in (analyst, coordinator_nord):
        assert reviews_of(nobody).unsigned == []
        with pytest.raises(NoSuchMonth):
            sign(OCTOBER, by=nobody)


def test_the_start_page_reminds_until_every_month_is_signed(client, administrator, coordinator_nord):
    append("2026-09-05T12:00", region="nord")
    client.force_login(administrator)
    client.cookies["django_language"] = "en"

    assert "2 monthly reviews of the trail wait" in texts(client.get("/"))
    sign(SEPTEMBER, by=administrator)
    assert "1 monthly review of the trail waits" in texts(client.get("/"))
    sign(OCTOBER, by=administrator)
    assert "trail waits" not in texts(client.get("/"))
    client.force_login(coordinator_nord)
    assert "trail" not in texts(client.get("/"))


def test_the_reminder_takes_as_many_queries_after_ten_years_as_after_a_month(client, administrator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/")
        return len(captured)

    append("2026-10-05T12:00", region="nord")
    append("2026-10-05T12:00")
    client.force_login(administrator)
    few = queries()
    for place, region in enumerate(["nord", "syd", "mitt", ""], start=1):
        AuditEvent.objects.bulk_create(
            event(10_000 * place + number, at=datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=19 * number),
                  region=region)
            for number in range(200)
        )  # fmt: skip

    assert queries() == few


# --- The signature --------------------------------------------------------------------------------


def test_a_signature_keeps_how_far_the_month_was_read(administrator):
    append("2026-10-05T12:00", region="nord")
    last = append("2026-10-06T12:00", region="nord")
    append("2026-11-06T12:00", region="nord")

    review = sign(OCTOBER, by=administrator)

    assert (review.region, review.year, review.month, review.by) == ("nord", 2026, 10, administrator)
    assert (review.events, review.last_sequence) == (2, last.sequence)
    signed = AuditEvent.objects.last()
    assert (signed.action, signed.region, signed.actor) == ("trail_review_sign", "nord", administrator)
    assert signed.object == "trail review, region nord, 2026-10, 2 events"
    assert list(chain_breaks()) == []


def test_a_month_without_events_is_signed_too(administrator):
    append("2026-08-05T12:00", region="nord")

    review = sign(SEPTEMBER, by=administrator)

    assert (review.events, review.last_sequence) == (0, 0)


def test_a_month_of_no_region_is_signed_once(administrator):
    append("2026-10-05T12:00")
    append("2026-10-05T12:00", region="nord")

    sign(OCTOBER, by=administrator, region="")

    assert reviews_of(administrator).unsigned == [(OCTOBER, "nord")]
    with pytest.raises(MonthIsSigned):
        sign(OCTOBER, by=administrator, region="")


def refused(administrator: User, month: Month, problem: type[Exception], **signed: object) -> None:
    head = AuditHead.objects.get().sequence
    with pytest.raises(problem):
        sign(month, by=administrator, **signed)
    assert AuditHead.objects.get().sequence == head


def test_what_is_not_over_or_was_never_due_is_not_signed(administrator):
    append("2026-10-05T12:00", region="nord")

    refused(administrator, NOVEMBER, MonthIsNotOver)
    refused(administrator, SEPTEMBER, NoSuchMonth)
    refused(administrator, Month(2026, 12), NoSuchMonth)
    refused(administrator, OCTOBER, NoSuchMonth, region="syd")
    refused(administrator, OCTOBER, NoSuchMonth, region="atlantis")
    assert not TrailReview.objects.exists()


def test_what_came_after_the_page_was_read_refuses_the_signature(administrator):
    read = append("2026-10-05T12:00", region="nord")
    append("2026-10-06T12:00", region="nord")  # stored meanwhile, by a clock that goes wrong

    refused(administrator, OCTOBER, EventsCameMeanwhile, last=read.sequence)
    assert not TrailReview.objects.exists()


def test_two_who_sign_at_once_leave_one_signature(committed_db, administrator):
    last = append("2026-10-05T12:00", region="nord").sequence
    other = UserFactory(role=Role.ADMINISTRATOR)

    def try_to(by: User) -> str:
        try:
            sign(OCTOBER, by=by, last=last)
        except MonthIsSigned:
            return "refused"
        return "signed"

    outcomes = at_once(lambda: try_to(administrator), lambda: try_to(other))

    assert sorted(outcomes) == ["refused", "signed"]
    assert TrailReview.objects.count() == 1
    assert AuditEvent.objects.filter(action="trail_review_sign").count() == 1


@pytest.mark.parametrize("write", ["UPDATE {} SET events = 0", "DELETE FROM {}"])
def test_a_signature_stays(administrator, write):
    append("2026-10-05T12:00", region="nord")
    sign(OCTOBER, by=administrator)

    with (
        pytest.raises(DatabaseError, match="only takes new rows"),
        transaction.atomic(),
        as_owner(),  # the site's role has no such right in the first place
        connection.cursor() as cursor,
    ):
        cursor.execute(write.format("casereg_trailreview"))


def test_the_database_takes_one_signature_a_month_also_for_no_region(administrator):
    common = {"year": 2026, "month": 10, "events": 1, "last_sequence": 1, "by": administrator}
    for region in ("", "nord"):
        TrailReview.objects.create(region=region, **common)
        with pytest.raises(DatabaseError), transaction.atomic():
            TrailReview.objects.create(region=region, **common)


def test_the_signature_of_somebody_who_has_left_stays_with_the_name(client, administrator):
    append("2026-10-05T12:00", region="nord")
    gone = UserFactory(role=Role.ADMINISTRATOR, name="Gun Gången")
    sign(OCTOBER, by=gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    client.force_login(administrator)

    for address in ("/trail/review/", "/trail/review/nord/2026/10/"):
        assert "Gun Gången" in texts(client.get(address)), address


# --- What a month holds, against the same in plain Python -------------------------------------------

moments = st.integers(0, 40 * 24 * 2).map(
    lambda half_hour: datetime(2026, 9, 28, tzinfo=UTC) + timedelta(minutes=30 * half_hour)
)
rows = st.lists(
    st.tuples(
        moments,
        st.sampled_from([0, 1, 2]),
        st.sampled_from(["", "nord"]),
        st.sampled_from(["read", "cases_download", "access_denied", "case_amend", "of_long_ago"]),
        st.sampled_from(list(Outcome.values)),
    ),
    max_size=40,
)


def is_at_odd_hours(one: AuditEvent) -> bool:
    here = one.at.astimezone(SWEDEN)
    return here.hour >= 22 or here.hour < 6 or here.weekday() >= 5


@settings(max_examples=100)
@given(rows=rows)
def test_a_month_s_numbers_are_those_that_plain_counting_finds(
    administrator, coordinator_nord, analyst, rows
):
    actors = [None, coordinator_nord, analyst]
    with rolled_back():
        stored = AuditEvent.objects.bulk_create(
            event(
                number,
                at=at,
                actor=actors[who],
                role=actors[who].role if actors[who] else "system",
                region=region,
                action=action,
                outcome=outcome,
            )
            for number, (at, who, region, action, outcome) in enumerate(rows, start=1)
        )
        for region in ("", "nord"):
            month = MonthInTrail(administrator, region, OCTOBER)
            of_month = [
                one
                for one in stored
                if one.region == region and one.at.astimezone(SWEDEN).strftime("%Y-%m") == "2026-10"
            ]

            assert month.events == len(of_month)
            assert month.last_sequence == max((one.sequence for one in of_month), default=0)
            assert sum(number for _kind, number in month.by_kind) == len(of_month)
            assert month.refusals == sum(one.outcome == "denied" for one in of_month)
            assert month.downloads == sum(one.action == "cases_download" for one in of_month)
            taken = [one for one in of_month if kind_of(one.action) in (Kind.READING, Kind.DOWNLOAD)]
            assert month.at_odd_hours == sum(is_at_odd_hours(one) for one in taken)
            assert {(p.name, p.events, p.readings, p.at_odd_hours) for p in month.people} == {
                (
                    actor.name if actor else "",
                    len([one for one in of_month if one.actor == actor]),
                    len([one for one in of_month if one.actor == actor and one.action == "read"]),
                    len([one for one in taken if one.actor == actor and is_at_odd_hours(one)]),
                )
                for actor in {one.actor for one in of_month}
            }


def test_who_opens_many_different_cases_on_one_day_stands_out(administrator, coordinator_nord):
    def read(day: int, cases: range) -> None:
        for number in cases:
            append(f"2026-10-{day:02}T12:00", by=coordinator_nord, object=f"case {number}")

    read(1, range(MANY_CASES_A_DAY - 1))
    read(2, range(MANY_CASES_A_DAY))
    read(3, range(MANY_CASES_A_DAY - 1))
    read(3, range(MANY_CASES_A_DAY - 1))  # the same ones again

    month = MonthInTrail(administrator, "nord", OCTOBER)

    assert [(many.name, many.day, many.cases) for many in month.many_cases] == [
        ("Nora Nord", date(2026, 10, 2), MANY_CASES_A_DAY)
    ]


@pytest.mark.parametrize(
    ("first", "last", "ended", "stands"),
    [
        ("2026-10-31", "2026-12-01", None, True),
        ("2026-09-01", "2026-10-01", None, True),
        ("2026-09-01", "2026-12-01", "2026-10-01", True),
        ("2026-09-01", "2026-12-01", "2026-09-30", False),
        ("2026-09-01", "2026-09-30", None, False),
        ("2026-11-01", "2026-11-30", None, False),
    ],
)
def test_the_covers_of_the_month_stand_in_it(administrator, coordinator_syd, first, last, ended, stands):
    cover = Cover.objects.create(
        user=coordinator_syd,
        region_id="nord",
        first_day=first,
        last_day=last,
        given_at=timezone.now(),
        given_by=administrator,
        ended_at=datetime.fromisoformat(f"{ended}T12:00").replace(tzinfo=SWEDEN) if ended else None,
        ended_by=administrator if ended else None,
    )

    assert MonthInTrail(administrator, "nord", OCTOBER).covers == ([cover] if stands else [])
    assert MonthInTrail(administrator, "syd", OCTOBER).covers == []
    assert MonthInTrail(administrator, "", OCTOBER).covers == []


# --- The pages ------------------------------------------------------------------------------------


@pytest.fixture
def reader(client, administrator, coordinator_nord):
    """An administrator before a month of Nord with a bit of everything, on pages in English."""
    append("2026-10-05T12:00", by=coordinator_nord, object="case 1")
    append("2026-10-05T23:30", by=coordinator_nord, object="case 2")
    append("2026-10-06T12:00", by=coordinator_nord, action="cases_download", object="2 cases")
    append("2026-10-06T12:00", by=coordinator_nord, action="access_denied", object="GET /users/",
           outcome="denied")  # fmt: skip
    append("2026-10-07T12:00", by=administrator, action="user_change", fields=["role"], region="nord",
           object=f"user {coordinator_nord.pk}")  # fmt: skip
    client.force_login(administrator)
    client.cookies["django_language"] = "en"
    return client


def links_in(response) -> dict[str, str]:
    found = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', response.text, re.DOTALL)
    return {" ".join(re.sub(r"<[^>]+>", "", words).split()): html.unescape(to) for to, words in found}


def test_the_page_of_a_month_says_what_stands_out_and_leads_to_the_events(reader):
    response = reader.get("/trail/review/nord/2026/10/")
    seen, links = texts(response), links_in(response)

    assert "1 reading or download at night (22–06) or at a weekend" in seen
    assert "Changed a user" in seen
    for words, number in [("5 events of the month, one by one", 5), ("1 refusal", 1), ("1 download", 1)]:
        narrowed = reader.get(links[words])
        assert len(re.findall(r'<th scope="row"', narrowed.text)) == number, words


def test_a_month_is_signed_by_a_tick_and_a_button(reader, administrator):
    page = "/trail/review/nord/2026/10/"
    [last] = re.findall(r'name="last" value="(\d+)"', reader.get(page).text)

    without_tick = reader.post(page, {"last": last})
    assert without_tick.status_code == 200
    assert "Tick that you have read it." in texts(without_tick)
    assert not TrailReview.objects.exists()

    signed = reader.post(page, {"last": last, "is_read": "on"})
    assert (signed.status_code, signed.headers["Location"]) == (302, "/trail/review/?year=2026")
    review = TrailReview.objects.get()
    assert (review.by, review.events) == (administrator, 5)
    assert "Signed by Adam Admin on 2026-11-20, when the month had 5 events." in texts(reader.get(page))
    assert 'name="is_read"' not in reader.get(page).text

    reader.post(page, {"last": last, "is_read": "on"})
    assert TrailReview.objects.count() == 1


def test_a_signature_over_what_has_changed_is_refused_in_words(reader):
    page = "/trail/review/nord/2026/10/"

    response = reader.post(page, {"last": "1", "is_read": "on"}, follow=True)

    assert "Nothing is signed" in texts(response)
    assert not TrailReview.objects.exists()


def test_a_month_that_is_not_as_it_was_signed_says_so(reader, administrator):
    page = "/trail/review/nord/2026/10/"
    sign(OCTOBER, by=administrator)
    assert "not as it was signed" not in texts(reader.get(page))

    append("2026-10-31T12:00", region="nord")

    assert "not as it was signed" in texts(reader.get(page))


def test_the_present_month_is_read_and_not_signed(reader):
    append("2026-11-02T12:00", region="nord")
    page = "/trail/review/nord/2026/11/"

    assert "The month is going on." in texts(reader.get(page))
    assert 'name="is_read"' not in reader.get(page).text
    response = reader.post(page, {"last": "6", "is_read": "on"}, follow=True)
    assert "The month is not over." in texts(response)
    assert not TrailReview.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["nord/2026/9", "nord/2026/12", "nord/2026/13", "nord/2026/0", "nord/99999/1", "atlantis/2026/10",
     "syd/2026/10"],
)  # fmt: skip
def test_a_month_that_is_not_under_review_is_not_found(reader, address):
    assert reader.get(f"/trail/review/{address}/").status_code == 404
    assert reader.post(f"/trail/review/{address}/", {"last": "0", "is_read": "on"}).status_code == 404


def test_the_grid_shows_each_region_s_months_and_what_waits(reader, administrator):
    append("2025-12-05T12:00", region="syd")
    sign(OCTOBER, by=administrator)

    response = reader.get("/trail/review/")
    seen = texts(response)

    assert "11 monthly reviews wait for a signature." in seen  # Syd's from December on; Nord's is signed
    assert "Begin with the oldest: December 2025, Syd" in seen
    assert "Signed , Nord, 2026-10 2026-11-20 Adam Admin" in seen
    assert {"Not signed, Syd, 2026-10", "Going on, Nord, 2026-11"} <= set(links_in(response))
    assert "Not signed, Syd, 2025-12" in links_in(reader.get("/trail/review/?year=2025"))
    assert reader.get("/trail/review/?year=1066").text.count("2026-10") > 0


def test_opening_a_month_is_in_the_trail_outside_the_month(reader, administrator):
    reader.get("/trail/review/nord/2026/10/")

    latest = AuditEvent.objects.last()
    assert (latest.action, latest.object) == ("trail_read", "trail review, region nord, 2026-10")
    assert (latest.actor, latest.region) == (administrator, "")
    assert MonthInTrail(administrator, "nord", OCTOBER).events == 5


def test_a_trail_in_which_nothing_has_happened_is_no_error(client, administrator):
    client.force_login(administrator)

    assert client.get("/trail/review/").status_code == 200
    assert export_trail(TrailFilter(region="nord"), by=administrator).count(b"\n") == 1
