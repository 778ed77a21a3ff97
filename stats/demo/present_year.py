"""Some sixty fictional cases of the present year, up to the present month."""

from collections.abc import Mapping

from casereg.actions.cases import NewCase
from casereg.months import this_month
from casereg.vocabularies import NOT_RECORDED
from stats.demo.incidents import PlannedIncident, gather
from stats.demo.persons import Dealer, Person, as_cases, new_persons, only_trafficking, those

SEED = 60

NATIONALITIES: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("sexual", "adult_female"): {
        "CO": 4, "RO": 3, "BR": 2, "NG": 2, "SE": 2, "UA": 2, "HU": 1, "TH": 1, "UG": 1, "VE": 1,
        "unknown": 1,
    },
    ("sexual", "girl"): {"RO": 1, "SE": 1},
    ("sexual", "other_sex"): {"BR": 1},
    ("sexual", "female_age_unknown"): {"unknown": 1},
    ("labour", "adult_female"): {"TH": 2, "VN": 2, "MN": 1, "PH": 1, "UA": 1},
    ("labour", "adult_male"): {
        "UZ": 6, "IN": 2, "UA": 2, "VN": 2, "GE": 1, "PK": 1, "RO": 1, "unknown": 1,
    },
    ("labour", "boy"): {"VN": 1},
    ("criminality", "adult_male"): {"SE": 1},
    ("criminality", "boy"): {"SE": 2, "MA": 1, "RO": 1},
    ("begging", "adult_male"): {"BG": 1},
    ("begging", "girl"): {"RO": 1},
    ("forced_marriage", "adult_female"): {"AF": 1, "SY": 1},
    ("household", "adult_female"): {"PH": 1},
    ("multiple", "adult_female"): {"RO": 1},
    ("unknown", "unknown_sex_adult"): {"stateless": 1},
}  # fmt: skip
REGIONS = {
    "stockholm": 16, "bergslagen": 5, "nord": 6, "mitt": 5, "ost": 5, "vast": 12, "syd": 11,
}  # fmt: skip
INDUSTRIES = {
    "construction": 8, "green": 4, "beauty": 3, "hospitality": 2, "car_wash": 2, "cleaning": 2,
    "transport": 1, "unknown": 2,
}  # fmt: skip
REFERRAL = {
    "own_outreach": 18, "police": 13, "migration_agency": 12, "social_services": 10,
    "civil_society": 4, "self_referral": 1, "other": 1, "unknown": 1,
}  # fmt: skip
CHILDREN_IN_SWEDEN = {"1": 3, "2": 1, "unknown": 4}
CHILDREN_ABROAD = {"1": 5, "2": 4, "3": 1, "unknown": 6}


def cases_of_present_year() -> list[NewCase]:
    """The same cases each time within one month. Every variable is filled in, some as unknown."""
    month, dealer = this_month(), Dealer(SEED)
    persons = _persons(dealer)
    gather(_incident(month), persons)
    dealer.deal(persons, "incident", {}, rest=NOT_RECORDED)
    dealer.deal(persons, "region", REGIONS)
    _deal_months(persons, month, dealer)
    dealer.deal(only_trafficking(persons), "assessment", {}, rest="trafficking")
    dealer.deal(persons, "assessment", {}, rest="exploitation")
    dealer.deal(those(persons, form="labour"), "industry", INDUSTRIES)
    dealer.deal(persons, "industry", {}, rest=NOT_RECORDED)
    dealer.deal(those(persons, form="labour"), "joint_inspection", {"yes": 11})
    dealer.deal(persons, "joint_inspection", {"unknown": 3}, rest="no")
    swedish = those(persons, nationality="SE")
    dealer.deal(swedish, "referral_source", {"police": 3}, rest="social_services")
    dealer.deal(persons, "referral_source", REFERRAL)
    _deal_children(persons, dealer)
    return as_cases(persons)


def _persons(dealer: Dealer) -> list[Person]:
    persons: list[Person] = []
    for (form, group), nationalities in NATIONALITIES.items():
        cell = new_persons(form, group, sum(nationalities.values()))
        dealer.deal(cell, "nationality", nationalities)
        persons += cell
    dealer.shuffle(persons)
    return persons


def _incident(month: str) -> PlannedIncident:
    return PlannedIncident(
        reference=f"bygg-{month[:4]}-1",
        region="vast",
        month=month,
        form="labour",
        persons={("adult_male", "UZ"): 6},
        shared={
            "assessment": "exploitation",
            "industry": "construction",
            "joint_inspection": "yes",
            "referral_source": "own_outreach",
        },
    )


def _deal_months(persons: list[Person], last: str, dealer: Dealer) -> None:
    """Spread the persons over the year's months so far, as evenly as it goes."""
    waiting = [person for person in persons if "month" not in person]
    year, number = last[:4], int(last[5:])
    each, over = divmod(len(waiting), number)
    counts = {f"{year}-{month:02}": each + (month <= over) for month in range(1, number + 1)}
    dealer.deal(waiting, "month", counts)


def _deal_children(persons: list[Person], dealer: Dealer) -> None:
    for variable, counts in [
        ("children_in_sweden", CHILDREN_IN_SWEDEN),
        ("children_abroad", CHILDREN_ABROAD),
    ]:
        dealer.deal(those(persons, age_group="minor"), variable, {}, rest="0")
        dealer.deal(persons, variable, counts, rest="0")
