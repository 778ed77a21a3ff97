"""The page for a municipality: one region, its own words, nobody else's numbers."""

import pytest

from tests.factories import CaseFactory

pytestmark = pytest.mark.django_db


def sheet(client, user, query: str = "", year: int = 2024):
    client.force_login(user)
    return client.get(f"/statistics/{year}/sheet/{query}")


def test_a_coordinator_s_sheet_is_of_the_own_region(client, coordinator_nord):
    CaseFactory.create_batch(2, year=2024, region_id="nord", sex="male", age_group="adult")
    CaseFactory.create_batch(5, year=2024, region_id="syd", form_id="begging", industry_id=None)
    CaseFactory(region_id="nord", year=2023)

    page = sheet(client, coordinator_nord).content.decode()

    assert '<small class="scope">Nord</small>' in page
    assert '<dd class="value">2</dd>' in page
    assert "<dd>2023: 1</dd>" in page
    assert page.count("<figure") == 3
    assert "Syd" not in page
    assert "Intern" in page
    assert "De visar inte problemets omfattning" in page


def test_a_coordinator_has_no_other_region_s_sheet(client, coordinator_nord):
    CaseFactory(year=2024, region_id="nord")
    CaseFactory(year=2024, region_id="syd")

    assert sheet(client, coordinator_nord, "?region=syd").status_code == 404
    assert sheet(client, coordinator_nord, "?region=nord").status_code == 200


def test_an_analyst_chooses_among_the_regions_with_cases(client, analyst):
    CaseFactory.create_batch(3, year=2024, region_id="syd")
    CaseFactory(region_id="nord", year=2023)

    choice = sheet(client, analyst).content.decode()
    chosen = sheet(client, analyst, "?region=syd").content.decode()

    assert '<option value="syd">' in choice
    assert 'value="nord"' not in choice
    assert "<figure" not in choice
    assert '<small class="scope">Syd</small>' in chosen
    assert sheet(client, analyst, "?region=nord").status_code == 404
    assert sheet(client, analyst, "?region=nowhere").status_code == 404
