"""An administrator keeps the regions: adds, changes, retires, reopens and deletes them."""

import pytest
from django.urls import reverse

from casereg.actions.references import lock_counters
from casereg.actions.regions import RegionHasCoordinators, RegionIsInUse, delete_region, retire_region
from casereg.models import AuditEvent, Region, RegionCounty
from tests.conftest import NOW
from tests.factories import CaseFactory, UserFactory

WORDS = {"label_sv": "Norrbotten", "label_en": "Northern Sweden"}
NEW = {"code": "norrbotten", **WORDS}
PAGES = [("region_list", []), ("region_create", []), ("region_change", ["nord"]), ("region_retire", ["nord"]),
         ("region_delete", ["nord"])]  # fmt: skip


@pytest.fixture
def admin(client, administrator):
    """The administrator's browser."""
    client.force_login(administrator)
    return client


@pytest.fixture
def unused(administrator) -> Region:
    """A region to which nothing refers."""
    return Region.objects.create(code="unused", label_sv="Oanvänd", label_en="Unused", position=90)


def latest_event() -> AuditEvent:
    return AuditEvent.objects.latest("sequence")


def test_the_list_shows_each_region_in_both_languages_with_its_counties_and_state(admin):
    Region.objects.filter(code="syd").update(last_year=2024)
    RegionCounty.objects.create(region_id="syd", county="12", first_year=2018)

    admin.cookies["django_language"] = "en"
    page = admin.get(reverse("region_list")).content.decode()

    assert "Skåne County" in page
    assert "Retired since 2024" in page
    assert page.count("<td>Active</td>") == Region.objects.count() - 1


def test_an_added_region_takes_cases_from_this_year_on_and_stands_last(admin):
    answer = admin.post(reverse("region_create"), NEW)

    region = Region.objects.get(code="norrbotten")
    assert answer.url == reverse("region_list")
    assert (region.label_sv, region.label_en) == tuple(WORDS.values())
    assert (region.first_year, region.last_year) == (NOW.year, None)
    assert Region.objects.last() == region


@pytest.mark.parametrize("code", ["", "Nord", "norr botten", "norr-botten", "norrbotten1", "å", "a" * 41])
def test_a_code_is_small_letters_and_underscores(admin, code):
    answer = admin.post(reverse("region_create"), NEW | {"code": code})

    assert list(answer.context["form"].errors) == ["code"]
    assert not Region.objects.filter(label_sv=WORDS["label_sv"]).exists()


@pytest.mark.parametrize(("field", "value"), [("code", "nord"), ("label_sv", "Nord")])
def test_a_code_or_swedish_name_that_another_region_has_is_refused_in_words(admin, field, value):
    answer = admin.post(reverse("region_create"), NEW | {field: value})

    assert list(answer.context["form"].errors) == [field]
    assert not Region.objects.filter(position__gt=7).exists()


def test_a_code_and_a_name_that_another_region_has_are_both_told_of(admin):
    answer = admin.post(reverse("region_create"), NEW | {"code": "nord", "label_sv": "Nord"})

    assert set(answer.context["form"].errors) == {"code", "label_sv"}


@pytest.mark.parametrize("field", ["label_sv", "label_en"])
def test_no_text_of_a_region_may_point_to_a_person(admin, field):
    for url in (reverse("region_create"), reverse("region_change", args=["nord"])):
        answer = admin.post(url, NEW | {field: "ring 070-123 45 67"})
        assert list(answer.context["form"].errors) == [field]


def test_a_change_reaches_the_words_but_never_the_code_the_years_or_the_order(admin):
    before = Region.objects.get(code="nord")

    admin.post(
        reverse("region_change", args=["nord"]),
        WORDS | {"code": "other", "position": 1, "first_year": 2020, "last_year": 2021},
    )

    region = Region.objects.get(code="nord")
    assert (region.label_sv, region.label_en) == tuple(WORDS.values())
    assert (region.position, region.first_year, region.last_year) == (before.position, 2018, None)
    assert not Region.objects.filter(code="other").exists()


def test_a_change_is_told_by_the_names_of_what_changed(admin):
    stored = Region.objects.get(code="nord")

    admin.post(
        reverse("region_change", args=["nord"]),
        {"label_sv": stored.label_sv, "label_en": "North"},
    )

    event = latest_event()
    assert (event.action, event.object, event.region) == ("region_change", "region nord", "nord")
    assert event.fields == ["label_en"]


def test_a_change_of_nothing_leaves_no_event(admin):
    stored = Region.objects.get(code="nord")
    words = {"label_sv": stored.label_sv, "label_en": stored.label_en}

    admin.post(reverse("region_change", args=["nord"]), words)

    assert not AuditEvent.objects.exists()


def test_a_region_is_retired_with_this_year_as_its_last_and_can_be_reopened(admin):
    admin.post(reverse("region_retire", args=["nord"]))
    assert Region.objects.get(code="nord").last_year == NOW.year
    assert "nord" not in Region.objects.active().values_list("code", flat=True)

    admin.post(reverse("region_reopen", args=["nord"]))
    assert Region.objects.get(code="nord").last_year is None
    assert list(AuditEvent.objects.values_list("action", "object")) == [
        ("region_retire", "region nord"),
        ("region_reopen", "region nord"),
    ]


def test_retiring_or_reopening_again_changes_nothing(admin):
    Region.objects.filter(code="nord").update(last_year=2024)

    admin.post(reverse("region_retire", args=["nord"]))
    admin.post(reverse("region_reopen", args=["syd"]))

    assert Region.objects.get(code="nord").last_year == 2024
    assert not AuditEvent.objects.exists()


def test_a_region_with_an_active_coordinator_is_not_retired_and_the_page_names_who(admin, coordinator_nord):
    answer = admin.post(reverse("region_retire", args=["nord"]))

    assert "Nora Nord" in answer.content.decode()
    assert Region.objects.get(code="nord").last_year is None


def test_a_deactivated_coordinator_does_not_hold_a_region_open(admin, deactivated):
    admin.post(reverse("region_retire", args=["nord"]))

    assert Region.objects.get(code="nord").is_retired


def test_the_action_itself_refuses_to_retire_a_region_with_coordinators(administrator, coordinator_nord):
    with pytest.raises(RegionHasCoordinators):
        retire_region(code="nord", by=administrator)


def test_a_region_that_nothing_refers_to_is_deleted(admin, unused):
    answer = admin.post(reverse("region_delete", args=["unused"]))

    assert answer.url == reverse("region_list")
    assert not Region.objects.filter(code="unused").exists()
    assert (latest_event().action, latest_event().object) == ("region_delete", "region unused")


@pytest.mark.parametrize(
    "refer",
    [
        lambda region: CaseFactory(region_id=region.code),
        lambda region: UserFactory(region_id=region.code, is_active=False),
        lambda region: lock_counters([(region.code, 2023)]),
    ],
    ids=["a case", "a deactivated user", "a number given to a case"],
)
def test_a_region_in_use_is_not_deleted(admin, unused, refer):
    refer(unused)

    answer = admin.post(reverse("region_delete", args=["unused"]))

    assert answer.context["is_in_use"]
    assert reverse("region_retire", args=["unused"]) in answer.content.decode()
    assert Region.objects.filter(code="unused").exists()


def test_the_refusal_says_nothing_of_what_refers_to_the_region(admin, unused):
    def refusal() -> list[str]:
        answer = admin.post(reverse("region_delete", args=["unused"]))
        assert answer.context["is_in_use"]
        return [line for line in answer.content.decode().splitlines() if "csrfmiddlewaretoken" not in line]

    user = UserFactory(region_id="unused")
    with_user = refusal()
    user.delete()
    CaseFactory(region_id="unused")

    assert refusal() == with_user


def test_the_action_itself_refuses_to_delete_a_region_in_use(administrator, coordinator_nord):
    with pytest.raises(RegionIsInUse):
        delete_region(code="nord", by=administrator)


@pytest.mark.parametrize("name", ["region_change", "region_retire", "region_reopen", "region_delete"])
def test_a_region_that_is_not_there_is_a_page_not_found_and_leaves_a_trace(admin, name):
    answer = admin.post(reverse(name, args=["nowhere"]), WORDS)

    assert answer.status_code == 404
    assert latest_event().action == "access_denied"


@pytest.mark.parametrize(("name", "arguments"), PAGES)
def test_looking_at_the_pages_of_regions_changes_nothing(admin, name, arguments):
    before = list(Region.objects.values())

    assert admin.get(reverse(name, args=arguments)).status_code == 200

    assert list(Region.objects.values()) == before
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("who", ["coordinator_nord", "analyst"])
@pytest.mark.parametrize(("name", "arguments"), [*PAGES, ("region_reopen", ["nord"])])
def test_only_administrators_keep_regions(client, request, who, name, arguments):
    client.force_login(request.getfixturevalue(who))

    assert client.get(reverse(name, args=arguments)).status_code == 403
    assert client.post(reverse(name, args=arguments), NEW).status_code == 403


def test_the_list_takes_the_same_queries_however_many_regions_there_are(admin, django_assert_num_queries):
    admin.get(reverse("region_list"))  # the session is known from here on
    with django_assert_num_queries(5) as few:
        admin.get(reverse("region_list"))
    for number in range(30):
        Region.objects.create(code="x" * (number + 1), label_sv=f"X {number}", label_en="X", position=99)

    with django_assert_num_queries(len(few)):
        admin.get(reverse("region_list"))
