"""The trail's pages: what the list is narrowed to, its file, who is told of in it, and a case's own trail."""

import csv
import html
import io
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from casereg.actions import trail as trail_actions
from casereg.actions.trail import COLUMNS, TooManyEvents, export_trail
from casereg.inert_text import inert
from casereg.models import AuditEvent, AuditHead, Case, Offer, Outcome, Role, User
from casereg.models.audit import READINGS
from casereg.trail import (
    NONE,
    EventPage,
    TrailFilter,
    events_of,
    events_of_case,
    in_parts,
    matching,
    newest_first,
    page_of,
)
from casereg.trail_wording import KNOWN_ACTIONS, Kind, kind_of
from tests.databases import rolled_back
from tests.factories import CaseFactory, UserFactory
from tests.walls import as_owner

pytestmark = pytest.mark.usefixtures("database")

SWEDEN = ZoneInfo("Europe/Stockholm")
DAYS = [date(2026, 3, 28) + timedelta(days=number) for number in range(4)]  # the clocks go on to summer time


def event(sequence: int, **fields: object) -> AuditEvent:
    """A row as it might stand, outside the chain: the pages do not look at that."""
    usual = {"at": datetime(2026, 3, 1, tzinfo=UTC), "role": "system", "object": "it", "action": "read"}
    values = {"fields": [], "outcome": "done", "previous_hash": "", "hash": "", **usual, **fields}
    return AuditEvent(sequence=sequence, **values)


def append(**fields: object) -> AuditEvent:
    return AuditEvent.objects.append(**{"by": None, "action": "read", "object": "it"} | fields)


def texts(response) -> str:
    """The words of a page, without its tags."""
    main = response.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


# --- Narrowing, against the same in plain Python ------------------------------------------------------

ACTIONS = ["read", "case_amend", "log_in", "access_denied", "user_change", "an_action_of_long_ago"]


@pytest.fixture
def people(administrator, coordinator_nord, coordinator_syd) -> SimpleNamespace:
    return SimpleNamespace(reader=administrator, actors=[None, coordinator_nord, coordinator_syd])


@st.composite
def many_events(draw: st.DrawFn) -> list[tuple]:
    """Of a few moments, so that many are of the same one; the clock goes back now and then."""
    moments = st.integers(0, 4 * 24 * 4 - 1).map(
        lambda quarter: datetime(2026, 3, 27, 23, tzinfo=UTC) + timedelta(minutes=15 * quarter)
    )
    one = st.tuples(
        moments,
        st.sampled_from([0, 1, 2]),
        st.sampled_from(["", "nord", "syd"]),
        st.sampled_from(ACTIONS),
        st.sampled_from(list(Outcome.values)),
    )
    return draw(st.lists(one, max_size=30))


filters = st.fixed_dictionaries(
    {
        "person": st.sampled_from(["", NONE, "1", "2"]),
        "region": st.sampled_from(["", NONE, "nord", "syd"]),
        "kind": st.sampled_from(["", *Kind.values]),
        "outcome": st.sampled_from(["", *Outcome.values]),
        "first_day": st.none() | st.sampled_from(DAYS),
        "last_day": st.none() | st.sampled_from(DAYS),
    }
)


def is_wanted(one: AuditEvent, wanted: TrailFilter) -> bool:
    day = one.at.astimezone(SWEDEN).date()
    return (
        wanted.person in ("", NONE if one.actor is None else str(one.actor.pk))
        and wanted.region in ("", one.region or NONE)
        and wanted.kind in ("", kind_of(one.action))
        and wanted.outcome in ("", one.outcome)
        and (wanted.first_day is None or wanted.first_day <= day)
        and (wanted.last_day is None or day <= wanted.last_day)
    )


@settings(max_examples=150)
@given(rows=many_events(), asked=filters, size=st.integers(1, 5))
def test_every_page_together_is_what_a_plain_filter_finds(people, rows, asked, size):
    """From the newest to the oldest, and all the way back."""
    with rolled_back():
        stored = AuditEvent.objects.bulk_create(
            event(number, at=at, actor=people.actors[who], region=region, action=action, outcome=outcome)
            for number, (at, who, region, action, outcome) in enumerate(rows, start=1)
        )
        if asked["person"] not in ("", NONE):
            asked = asked | {"person": str(people.actors[int(asked["person"])].pk)}
        wanted = TrailFilter(**asked)
        expected = sorted(
            (one for one in stored if is_wanted(one, wanted)), key=lambda one: (one.at, one.sequence)
        )
        numbers = [one.sequence for one in expected][::-1]
        parts = in_parts(events_of(people.reader), wanted)
        whole = newest_first(matching(events_of(people.reader), wanted))

        pages = [page_of(parts, size=size)]
        while pages[-1].older:
            pages.append(page_of(parts, before=pages[-1].older, size=size))
        back = [pages[-1]]
        while back[-1].newer:
            back.append(page_of(parts, after=back[-1].newer, size=size))

        assert [one.sequence for page in pages for one in page.events] == numbers
        assert [one.sequence for one in whole] == numbers
        assert pages[0].newer is None
        assert all(len(page.events) == size for page in pages[:-1])
        assert back[-1] == pages[0]
        found = {one.sequence for page in back for one in page.events}
        assert found == set(numbers)


@pytest.mark.parametrize("place", [{"before": 99}, {"after": 99}])
def test_an_event_that_never_was_leads_to_the_first_page(administrator, place):
    append()

    assert page_of([events_of(administrator)], **place) == page_of([events_of(administrator)])


def test_only_administrators_see_events_as_such(administrator, analyst, coordinator_nord):
    append()

    assert events_of(administrator).count() == 1
    for nobody in (analyst, coordinator_nord, User(role="owner")):
        assert not events_of(nobody).exists()


# --- The page -------------------------------------------------------------------------------------


def test_the_list_shows_each_event_in_words_the_newest_first(client, administrator, coordinator_nord):
    append(by=coordinator_nord, action="case_amend", object="case 7", fields=["sex"])
    append(by=administrator, action="user_change", object=f"user {coordinator_nord.pk}", fields=["role"])
    append(action="log_in", object="an address and a password", outcome="denied")
    client.force_login(administrator)
    client.cookies["django_language"] = "en"

    seen = texts(client.get("/trail/"))

    shown = ["Somebody not logged in Tried to log in Refused", "Adam Admin Administrator Changed a user",
             f"user {coordinator_nord.pk} (Nora Nord) Fields: role", "Nora Nord Regional coordinator",
             "Amended a case case 7 Fields: sex Nord 1"]  # fmt: skip
    assert [seen.index(words) for words in shown] == sorted(seen.index(words) for words in shown)


def test_an_action_of_long_ago_is_shown_as_it_stands(client, administrator):
    append(action="a_thing_done_once", object="<b>something</b>", fields=["a_field"])
    client.force_login(administrator)

    response = client.get("/trail/?kind=other")

    assert "A_thing_done_once" in response.text
    assert "&lt;b&gt;something&lt;/b&gt;" in response.text
    assert "a_field" in response.text


def test_the_form_s_fields_narrow_the_list(client, administrator, coordinator_nord, coordinator_syd):
    append(by=coordinator_nord, object="case 1")
    append(by=coordinator_syd, object="case 2")
    append(by=coordinator_nord, action="access_denied", object="GET /users/", outcome="denied")
    client.force_login(administrator)

    client.cookies["django_language"] = "en"
    one, other, refused = "case 1", "case 2", "GET /users/"

    def objects(query: str) -> set[str]:
        words = texts(client.get(f"/trail/?{query}"))
        return {name for name in (one, other, refused) if name in words}

    assert objects(f"person={coordinator_nord.pk}") == {one, refused}
    assert objects("region=syd") == {other}
    assert objects("kind=reading") == {one, other}
    assert objects("outcome=denied") == {refused}
    assert objects("first_day=2026-11-20&last_day=2026-11-20") == {one, other, refused}
    assert objects("last_day=2026-11-19") == set()


@pytest.mark.parametrize(
    "query",
    ["person=nobody", "region=atlantis", "kind=all", "first_day=2026-13-01", "outcome=maybe",
     "first_day=2026-03-02&last_day=2026-03-01"],
)  # fmt: skip
def test_where_the_filter_is_wrong_nothing_is_shown_and_nothing_read(client, administrator, query):
    append(object="case 1")
    client.force_login(administrator)
    client.cookies["django_language"] = "en"

    response = client.get(f"/trail/?{query}")

    assert "case 1" not in texts(response)
    assert "No event matches" not in texts(response)
    assert 'role="alert"' in response.text
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("number", ["x", "-1", "9" * 40, "²"])
def test_a_page_that_is_none_is_the_first(client, administrator, number):
    client.force_login(administrator)

    assert client.get(f"/trail/?before={number}").status_code == 200
    assert client.get(f"/trail/?after={number}").status_code == 200


def test_the_pages_lead_on_and_keep_the_filter(client, administrator):
    AuditEvent.objects.bulk_create(event(number, region="nord") for number in range(1001, 1121))
    client.force_login(administrator)

    def links(address: str) -> dict[str, str]:
        found = re.findall(r'<a rel="(prev|next)" href="([^"]+)"', client.get(address).text)
        return {name: "/trail/" + html.unescape(query) for name, query in found}

    first = links("/trail/?region=nord")
    second = links(first["next"])
    third = links(second["next"])

    assert first == {"next": "/trail/?region=nord&before=1071"}
    assert second == {"prev": "/trail/?region=nord&after=1070", "next": "/trail/?region=nord&before=1021"}
    assert third == {"prev": "/trail/?region=nord&after=1020"}
    assert links(third["prev"]) == second
    assert links(second["prev"]) == first


# --- Whoever reads is read of ---------------------------------------------------------------------


def last() -> tuple[str, str]:
    latest = AuditEvent.objects.last()
    assert latest is not None
    return latest.action, latest.object


def test_each_reading_of_the_trail_is_in_the_trail(client, administrator, coordinator_nord):
    client.force_login(administrator)

    client.get("/trail/")
    assert last() == ("trail_read", "trail")
    client.get(f"/trail/?person={coordinator_nord.pk}&kind=reading&region=nord&outcome=denied&before=1")
    assert last() == (
        "trail_read",
        f"trail, user {coordinator_nord.pk}, kind reading, denied, region nord, before 1",
    )
    client.get("/trail/?person=-&region=-&first_day=2026-11-01&last_day=2026-11-30")
    assert last() == ("trail_read", "trail, 2026-11-01–2026-11-30, not logged in, no region")
    client.get("/trail/download/?last_day=2026-11-30")
    assert last() == ("trail_export", "trail, 3 events, –2026-11-30")
    assert set(AuditEvent.objects.values_list("actor", flat=True)) == {administrator.pk}


def test_what_reading_leaves_is_no_change_of_figures():
    before = AuditHead.objects.get().last_change
    for action in ("trail_read", "trail_export", "trail_review_sign"):
        assert action in READINGS
        append(action=action)

    assert AuditHead.objects.get().last_change == before


def test_the_longest_filter_fits_into_an_event(client, administrator):
    wanted = TrailFilter(
        person="1" * 18,
        region="a" * 40,
        kind="incident",
        outcome="denied",
        first_day=DAYS[0],
        last_day=DAYS[1],
    )
    export_trail(wanted, by=administrator)

    assert len(last()[1]) <= 120


# --- The file -------------------------------------------------------------------------------------


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"))))


def test_the_file_holds_what_the_list_is_narrowed_to(client, administrator, coordinator_nord):
    with_fields = append(by=coordinator_nord, action="case_amend", object="case 7", fields=["sex", "form"])
    append(action="cases_import", object="file 1, 3 cases")
    client.force_login(administrator)

    response = client.get("/trail/download/?region=nord")

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="trail.csv"'
    assert lines(response.content) == [
        list(COLUMNS),
        [str(with_fields.sequence), "2026-11-20T13:00:00+01:00", str(coordinator_nord.pk), "Nora Nord",
         "coordinator", "nord", "case_amend", "case 7", "form sex", "done"],
    ]  # fmt: skip


def test_the_file_is_named_after_its_days_and_a_wrong_filter_leads_back(client, administrator):
    client.force_login(administrator)

    named = client.get("/trail/download/?first_day=2026-11-01&last_day=2026-11-30")
    wrong = client.get("/trail/download/?first_day=never")

    assert 'filename="trail-2026-11-01-2026-11-30.csv"' in named.headers["Content-Disposition"]
    assert (wrong.status_code, wrong.headers["Location"]) == (302, "/trail/?first_day=never")


def test_more_than_a_file_takes_is_refused_with_a_way_out(client, administrator, monkeypatch):
    monkeypatch.setattr(trail_actions, "EVENTS_IN_A_FILE", 3)
    for _ in range(3):
        append()
    client.force_login(administrator)

    assert len(lines(export_trail(TrailFilter(), by=administrator))) == 4
    with pytest.raises(TooManyEvents):
        export_trail(TrailFilter(), by=administrator)
    before = AuditEvent.objects.count()
    response = client.get("/trail/download/?outcome=done")
    assert (response.status_code, response.headers["Location"]) == (302, "/trail/?outcome=done")
    assert AuditEvent.objects.count() == before
    assert "notice-error" in client.get("/trail/?outcome=done").text


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "|cmd", "%0A", "\t=1", "\r\n=1", "\ufeff=1", "\u00a0=1", "\x00=1",
            "＝1+1", "＋1", "－1", "＠x", "\u200b=1"]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_the_file_is_a_formula(administrator, text):
    name = text.replace("\x00", "\x01")  # the one that PostgreSQL stores in no text
    person = UserFactory(name=name, region_id="nord")
    AuditEvent.objects.append(by=person, action=name, object=name, fields=[name], region=name)

    [_header, cells] = lines(export_trail(TrailFilter(), by=administrator))

    assert inert(text) == f"'{text}".replace("\r", "")
    for column in ("name", "region", "action", "object", "fields"):
        assert cells[COLUMNS.index(column)].startswith("'"), column


@pytest.mark.parametrize("text", ["", "case 7", "GET /cases/", "Nora = Nord", "åäö", "2026-10", "'=1"])
def test_other_text_stays_as_it_is(text):
    assert inert(text) == text


# --- The trail of one case ------------------------------------------------------------------------


@pytest.fixture
def case() -> Case:
    return CaseFactory(region_id="nord")


def trail_of(client, reader: User, case_id: UUID):
    client.force_login(reader)
    client.cookies["django_language"] = "en"
    return client.get(f"/cases/{case_id}/trail/")


def test_a_case_s_trail_holds_its_own_events_and_those_of_its_offers(case, analyst, coordinator_nord):
    other = CaseFactory()
    offer = Offer.objects.create(
        case=case, reference="x", from_region_id="nord", to_region_id="syd", reason="there", state="open",
        offered_at=datetime(2026, 11, 1, tzinfo=UTC), offered_by=coordinator_nord,
    )  # fmt: skip
    own = [append(object=f"case {case.pk}"), append(object=f"offer {offer.pk} of case {case.pk}")]
    for about in (f"case {other.pk}", f"pair {case.pk} {other.pk}", f"offer {uuid4()} of case {other.pk}",
                   f"GET /cases/{case.pk}/"):  # fmt: skip
        append(object=about)

    assert list(newest_first(events_of_case(analyst, case))) == own[::-1]


def test_a_coordinator_of_another_region_finds_no_case_there(client, case, coordinator_syd, administrator):
    foreign = trail_of(client, coordinator_syd, case.pk)
    absent = trail_of(client, coordinator_syd, uuid4())

    assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert trail_of(client, administrator, case.pk).status_code == 403
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"access_denied"}


def test_a_withdrawn_case_has_its_trail_as_it_has_its_page(client, coordinator_nord):
    withdrawn = CaseFactory(withdrawn_at=datetime(2026, 11, 1, tzinfo=UTC))

    assert trail_of(client, coordinator_nord, withdrawn.pk).status_code == 200


def test_reading_a_case_s_trail_is_in_it(client, case, coordinator_nord):
    trail_of(client, coordinator_nord, case.pk)

    assert last() == ("trail_read", f"case {case.pk}")
    assert "Nora Nord" in texts(trail_of(client, coordinator_nord, case.pk))


def test_who_has_a_name_for_whom(client, case, analyst, coordinator_nord, coordinator_syd):
    """A coordinator of the region sees the own people, one who covered, and of others the role."""
    colleague = UserFactory(name="Nils Nord", region_id="nord")
    helper = UserFactory(name="Hilma Helper", region_id="syd")
    for by in (colleague, analyst, coordinator_syd):
        append(by=by, object=f"case {case.pk}")
    helper.work_in("nord")
    append(by=helper, object=f"case {case.pk}")

    seen = texts(trail_of(client, coordinator_nord, case.pk))
    assert ("Nils Nord" in seen, "Hilma Helper" in seen) == (True, True)
    assert ("Anna" in seen, "Sixten" in seen) == (False, False)
    assert "Analyst Read" in seen
    assert "Regional coordinator Read Syd" in seen

    seen = texts(trail_of(client, analyst, case.pk))
    assert all(name in seen for name in ("Nils Nord", "Hilma Helper", "Anna Analys", "Sixten Syd"))


def test_a_case_s_page_leads_to_its_trail(client, case, coordinator_nord):
    client.force_login(coordinator_nord)

    assert f'href="/cases/{case.pk}/trail/"' in client.get(f"/cases/{case.pk}/").text


# --- However long the trail is --------------------------------------------------------------------


def test_a_page_takes_as_many_queries_with_ten_events_as_with_a_thousand(client, administrator):
    """Three write the trail; the person, the region and the session are the frame's."""
    client.force_login(administrator)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    people = UserFactory.create_batch(3)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    def fill(numbers: Sequence[int]) -> None:
        AuditEvent.objects.bulk_create(
            event(number, at=start + timedelta(minutes=number), actor=people[number % 3], region="nord",
                  object=f"user {people[number % 3].pk}")
            for number in numbers
        )  # fmt: skip

    fill(range(10_001, 10_011))
    addresses = ("/trail/", "/trail/?kind=reading&region=nord", "/trail/?before=10005", "/trail/review/",
                 "/trail/review/nord/2026/1/")  # fmt: skip
    few = {address: queries(address) for address in addresses}
    fill(range(10_011, 11_011))
    many = {address: queries(address) for address in addresses}

    assert many == few
    assert max(many.values()) <= 16, many


LONG = 50_000
# As many of one person, region, kind, outcome and day as there may be in a long trail.
COLUMNS_OF_MANY = """
    sequence, at, role, region, action, object, fields, outcome, previous_hash, hash, actor_id
"""
POSTGRESQL = f"""
    INSERT INTO casereg_auditevent ({COLUMNS_OF_MANY})
    SELECT n, timestamptz '2023-01-01' + n * interval '25 minutes', 'coordinator',
        (array['nord', 'syd', 'mitt', 'ost', ''])[n % 5 + 1],
        CASE WHEN n % 997 = 0 THEN 'user_change' WHEN n % 10 = 0 THEN 'case_amend' ELSE 'read' END,
        'case ' || n % 900, '[]', CASE WHEN n % 499 = 0 THEN 'denied' ELSE 'done' END, '', '',
        (SELECT id FROM casereg_user ORDER BY id LIMIT 1 OFFSET n % 8)
    FROM generate_series(1, {LONG}) AS n
"""
SQLITE = f"""
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {LONG})
    INSERT INTO casereg_auditevent ({COLUMNS_OF_MANY})
    SELECT n, datetime('2023-01-01', '+' || (n * 25) || ' minutes'), 'coordinator',
        CASE n % 5 WHEN 0 THEN 'nord' WHEN 1 THEN 'syd' WHEN 2 THEN 'mitt' WHEN 3 THEN 'ost' ELSE '' END,
        CASE WHEN n % 997 = 0 THEN 'user_change' WHEN n % 10 = 0 THEN 'case_amend' ELSE 'read' END,
        'case ' || n % 900, '[]', CASE WHEN n % 499 = 0 THEN 'denied' ELSE 'done' END, '', '',
        (SELECT min(id) FROM casereg_user) + n % 8
    FROM numbers
"""


@pytest.fixture
def long_trail(administrator) -> User:
    UserFactory.create_batch(8)
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL if connection.vendor == "postgresql" else SQLITE)
        with as_owner():
            cursor.execute("ANALYZE casereg_auditevent")
    return administrator


def test_every_way_to_narrow_a_long_trail_is_read_off_an_index(long_trail):
    person = str(AuditEvent.objects.get(pk=4).actor_id)
    day = {"first_day": date(2024, 2, 1), "last_day": date(2024, 2, 1)}
    asked = [
        TrailFilter(),
        TrailFilter(person=person),
        TrailFilter(person=NONE),
        TrailFilter(region="nord"),
        TrailFilter(region=NONE),
        TrailFilter(region="atlantis"),
        *(TrailFilter(kind=kind) for kind in Kind.values),
        TrailFilter(outcome="denied"),
        TrailFilter(**day),
        TrailFilter(region="nord", kind="reading", **day),
        TrailFilter(person=person, outcome="denied"),
        TrailFilter(region="syd", kind="people"),
    ]
    anchor = AuditEvent.objects.get(pk=LONG // 2)
    for wanted in asked:
        for part in in_parts(events_of(long_trail), wanted):
            for page in (newest_first(part)[:51], newest_first(part.filter(at__lte=anchor.at))[:51]):
                assert_read_off_an_index(page.explain(), wanted)
    rare = {
        "events_of_region": TrailFilter(region="atlantis"),
        "events_of_action": TrailFilter(kind="people"),
        "events_of_outcome": TrailFilter(outcome="denied"),
    }
    for index, wanted in rare.items():
        for part in in_parts(events_of(long_trail), wanted):
            assert index in newest_first(part)[:51].explain(), wanted
    of_case = events_of_case(UserFactory(role=Role.ANALYST), Case(pk=UUID(int=1)))
    assert "events_of_object" in newest_first(of_case)[:51].explain()


def assert_read_off_an_index(plan: str, asked: object) -> None:
    if connection.vendor == "postgresql":
        assert "Seq Scan on casereg_auditevent" not in plan, (asked, plan)
        return
    [line] = [line for line in plan.splitlines() if "casereg_auditevent" in line]
    assert " INDEX " in line, (asked, plan)


def test_known_actions_are_of_a_kind_each():
    assert {kind_of(action) for action in KNOWN_ACTIONS} == set(Kind) - {Kind.OTHER}
    assert isinstance(page_of([AuditEvent.objects.none()]), EventPage)
