"""What a form checks, the database refuses by itself: rows are written past every form and action."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from casereg.models import (
    AuditHead,
    Case,
    CaseHistory,
    ExploitationForm,
    Incident,
    Industry,
    ReferenceCounter,
    ReferralSource,
    Role,
    User,
    VariableRow,
)
from tests.factories import CaseFactory, IncidentFactory, UserFactory

pytestmark = pytest.mark.usefixtures("database")

EARLY = {
    "referral_source_id": None,
    "joint_inspection": None,
    "industry_id": None,
    "children_in_sweden": None,
    "children_abroad": None,
}


def refused(write, *arguments, **options) -> bool:
    """Whether the database refuses the write, at once or where the transaction would end."""
    try:
        with transaction.atomic():
            write(*arguments, **options)
            connection.check_constraints()
    except DatabaseError:
        return True
    return False


def both_ways_refused(*, of: dict | None = None, **changes) -> bool:
    """Whether a valid case with the changes can be neither inserted nor updated to."""
    valid = of or {}
    if not refused(CaseFactory, **valid | changes):
        return False
    case = CaseFactory(**valid)
    return refused(QuerySet(Case).filter(pk=case.pk).update, **changes)


def test_the_probe_itself_lets_good_rows_through():
    assert not refused(CaseFactory)
    assert not refused(CaseFactory, year=2018, **EARLY)
    assert not both_ways_refused(sex="female")


# --- Rules of one row ----------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["assessment", "sex", "age_group", "joint_inspection"])
@pytest.mark.parametrize("value", ["", "x", "Female", "not_recorded"])
def test_a_fixed_list_takes_no_other_value(column, value):
    assert both_ways_refused(**{column: value})


@pytest.mark.parametrize(
    "column", ["form_id", "nationality_id", "referral_source_id", "industry_id", "region_id"]
)
def test_a_stored_list_takes_no_other_value(column):
    assert both_ways_refused(**{column: "nothing-of-that-name"})


@pytest.mark.parametrize(
    "column", ["region_id", "reference", "year", "month", "assessment", "form_id", "sex", "age_group",
               "nationality_id"]
)  # fmt: skip
def test_what_a_record_must_have_is_never_null(column):
    assert both_ways_refused(**{column: None})


@pytest.mark.parametrize(
    "changes", [{"year": 2017, **EARLY}, {"year": 0, **EARLY}, {"month": 0}, {"month": 13}, {"month": -1}]
)
def test_a_month_is_one_of_twelve_from_2018(changes):
    assert both_ways_refused(**changes)


@pytest.mark.parametrize("column", ["children_in_sweden", "children_abroad"])
def test_children_are_from_0_to_50_or_unknown_or_blank(column):
    assert both_ways_refused(**{column: -1})
    assert both_ways_refused(**{column: 51})
    assert both_ways_refused(**{column: 3, f"{column}_unknown": True})
    assert not both_ways_refused(**{column: 0})
    assert not both_ways_refused(**{column: 50})
    assert not both_ways_refused(**{column: None, f"{column}_unknown": True})
    assert not both_ways_refused(**{column: None})


WRONG_REFERENCES = ["", "a b", "a" * 41, "é", "a/b", "=1", "a\n", "\na", "名", "a,b", "'a",
                    "a\x00 b"]  # fmt: skip


@pytest.mark.parametrize("reference", WRONG_REFERENCES)
def test_a_reference_has_1_to_40_of_its_characters(reference):
    assert both_ways_refused(reference=reference)


@pytest.mark.parametrize("reference", WRONG_REFERENCES)
def test_an_incidents_reference_has_1_to_40_of_its_characters(reference):
    incident = IncidentFactory()

    assert refused(IncidentFactory, reference=reference)
    assert refused(Incident.objects.filter(pk=incident.pk).update, reference=reference)


@pytest.mark.parametrize("reference", ["ÅÄÖåäö", "A.b_c-9", "-", "a" * 40])
def test_every_character_of_a_reference_is_taken(reference):
    assert not refused(CaseFactory, reference=reference)
    assert not refused(IncidentFactory, reference=reference)


def test_a_reference_stands_once_in_a_region():
    CaseFactory(reference="A-1")
    other = CaseFactory(reference="A-2")

    assert refused(CaseFactory, reference="A-1")
    assert refused(Case.objects.filter(pk=other.pk).update, reference="A-1")
    assert not refused(CaseFactory, reference="A-1", region_id="syd")


def test_an_incidents_reference_stands_once_in_a_region():
    IncidentFactory(reference="bär")

    assert refused(IncidentFactory, reference="bär")
    assert not refused(IncidentFactory, reference="bär", region_id="syd")


# --- Rules that look at other tables -------------------------------------------------------------


@pytest.mark.parametrize("form", ["sexual", "begging", "other", "unknown"])
def test_industry_stands_only_where_the_form_asks_for_it(form):
    assert both_ways_refused(form_id=form, industry_id="green")
    assert not both_ways_refused(form_id=form, industry_id=None)


def test_a_form_cannot_leave_its_industry_behind():
    case = CaseFactory(form_id="labour", industry_id="green")

    assert refused(Case.objects.filter(pk=case.pk).update, form_id="sexual")


@pytest.mark.parametrize(
    ("changes", "first_year"),
    [
        ({"referral_source_id": "police"}, 2023),
        ({"referral_source_id": "unknown"}, 2023),
        ({"joint_inspection": "unknown"}, 2023),
        ({"industry_id": "green"}, 2022),
        ({"children_in_sweden": 0}, 2022),
        ({"children_in_sweden_unknown": True}, 2022),
        ({"children_abroad": 0}, 2022),
        ({"children_abroad_unknown": True}, 2022),
    ],
)
def test_a_variable_has_no_value_before_it_is_collected(changes, first_year):
    assert both_ways_refused(of=EARLY | {"year": first_year - 1}, **changes)
    assert not both_ways_refused(of=EARLY | {"year": first_year}, **changes)


@pytest.mark.parametrize(
    "collected",
    [{"referral_source_id": "police"}, {"joint_inspection": "no"}, {"industry_id": "green"},
     {"children_in_sweden_unknown": True}, {"children_abroad": 1}],
)  # fmt: skip
def test_a_case_cannot_move_to_a_year_in_which_its_values_were_not_collected(collected):
    case = CaseFactory(**EARLY | collected)

    assert refused(Case.objects.filter(pk=case.pk).update, year=2021)


def test_the_year_of_a_variable_is_read_from_its_row():
    VariableRow.objects.filter(code="industry").update(first_year=2024)

    assert refused(CaseFactory, year=2023, industry_id="green")
    assert not refused(CaseFactory, year=2024, industry_id="green")


@pytest.mark.parametrize(
    ("model", "column", "others"),
    [
        (ExploitationForm, "form_id", {"industry_id": None}),
        (ReferralSource, "referral_source_id", {}),
        (Industry, "industry_id", {}),
    ],
)
def test_a_list_value_stands_only_in_its_years(model, column, others):
    model.objects.create(code="lived", first_year=2024, last_year=2025, position=99)

    for year, stands in [(2023, False), (2024, True), (2025, True), (2026, False)]:
        assert both_ways_refused(of={"year": year} | others, **{column: "lived"}) is not stands


def test_a_value_recorded_under_an_earlier_list_stays_and_the_case_can_be_changed():
    case = CaseFactory(industry_id="beauty", year=2024)
    Industry.objects.filter(code="beauty").update(last_year=2023)

    assert not refused(Case.objects.filter(pk=case.pk).update, sex="female")
    assert refused(Case.objects.filter(pk=case.pk).update, year=2025)


def test_a_case_belongs_to_an_incident_of_its_own_region():
    in_nord, in_syd = IncidentFactory(region_id="nord"), IncidentFactory(region_id="syd")

    assert both_ways_refused(incident=in_syd)
    assert not both_ways_refused(incident=in_nord)
    case = CaseFactory(incident=in_nord)
    assert refused(Case.objects.filter(pk=case.pk).update, region_id="syd")


def test_an_incident_does_not_move_away_from_its_cases():
    incident = CaseFactory(incident=IncidentFactory()).incident

    assert refused(Incident.objects.filter(pk=incident.pk).update, region_id="syd")


@pytest.mark.parametrize("model", [ExploitationForm, ReferralSource, Industry])
def test_a_list_value_has_years_that_can_be(model):
    code = model.objects.values_list("code", flat=True)[0]
    row = model.objects.filter(code=code)

    assert refused(row.update, first_year=2017)
    assert refused(row.update, last_year=row.get().first_year - 1)
    assert not refused(row.update, last_year=row.get().first_year)


def test_what_cases_use_is_not_deleted():
    case = CaseFactory(incident=IncidentFactory())
    CaseHistory.objects.create(
        case=case, region=case.region, at=case.registered_at, action="register", changes={}
    )

    for table, code in [("region", "nord"), ("exploitationform", "labour"), ("industry", "green"),
                        ("referralsource", "police"), ("nationality", "TH")]:  # fmt: skip
        assert refused(run_sql, f"DELETE FROM casereg_{table} WHERE code = '{code}'")
    for table in ("casereg_incident", "casereg_case"):
        assert refused(run_sql, f"DELETE FROM {table}")


def run_sql(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


# --- People, counters, the head ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "region", "refuses"),
    [
        (Role.COORDINATOR, None, True),
        (Role.COORDINATOR, "nord", False),
        (Role.ANALYST, "nord", True),
        (Role.ANALYST, None, False),
        (Role.ADMINISTRATOR, "nord", True),
        (Role.ADMINISTRATOR, None, False),
        ("owner", None, True),
        ("owner", "nord", True),
    ],
)
def test_exactly_a_coordinator_has_a_region(role, region, refuses):
    user = UserFactory()

    assert refused(UserFactory, role=role, region_id=region) is refuses
    assert refused(User.objects.filter(pk=user.pk).update, role=role, region_id=region) is refuses


def test_an_address_stands_once_however_it_is_spelt():
    user = UserFactory(email="Nora@Example.org")
    other = UserFactory()

    assert user.email == "nora@example.org"
    assert refused(UserFactory, email="NORA@example.org")
    assert refused(User.objects.filter(pk=other.pk).update, email="Nora@example.org")
    assert refused(User.objects.filter(pk=other.pk).update, email="nora@example.org")


def test_a_region_has_one_counter_a_year():
    ReferenceCounter.objects.create(region_id="nord", year=2023)

    assert refused(ReferenceCounter.objects.create, region_id="nord", year=2023)
    assert refused(ReferenceCounter.objects.create, region_id="nord", year=2017)


def test_there_is_one_audit_head():
    assert refused(AuditHead.objects.create, id=2)


# --- The rules stand after all migrations --------------------------------------------------------

CASE_RULES = [
    "case_industry_only_where_form_asks",
    "case_incident_in_same_region",
    "case_form_id_in_force",
    "case_referral_source_id_in_force",
    "case_industry_id_in_force",
    "case_referral_source_collected",
    "case_joint_inspection_collected",
    "case_industry_collected",
    "case_children_in_sweden_collected",
    "case_children_abroad_collected",
    "case_reference_pattern",
]
EXPECTED_TRIGGERS = {
    *((f"{rule}_{way}", "casereg_case") for rule in CASE_RULES for way in ("insert", "update")),
    *((f"incident_reference_pattern_{way}", "casereg_incident") for way in ("insert", "update")),
    ("audit_head_forward", "casereg_audithead"),
    ("audit_head_stays", "casereg_audithead"),
}
APPEND_ONLY = ["casereg_auditevent", "casereg_casehistory"]
EXPECTED_ONLY_ON = {
    "sqlite": {(f"{table}_no_{verb}", table) for table in APPEND_ONLY for verb in ("update", "delete")},
    "postgresql": {
        *((f"{table}_unchanged", table) for table in APPEND_ONLY),
        *((f"{table}_not_emptied", table) for table in APPEND_ONLY),
        ("audit_head_not_emptied", "casereg_audithead"),
    },
}
STANDING_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
    "WHERE NOT tgisinternal AND tgenabled = 'O'",
}


def test_every_trigger_stands_after_all_migrations():
    """SQLite drops a table's triggers when a migration rebuilds it: such a migration writes them again."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING_TRIGGERS[connection.vendor])
        standing = set(cursor.fetchall())

    assert EXPECTED_TRIGGERS | EXPECTED_ONLY_ON[connection.vendor] <= standing
