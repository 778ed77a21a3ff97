"""How the fictional persons of 2023 spread where nothing was printed. What was printed is in stats/data."""

from collections.abc import Mapping

from stats.demo.incidents import PlannedIncident

# Each row fills one cell of form × person group. Nationalities that were not printed stay below 23,
# and Swedish citizens in the three forms that were named.
NATIONALITIES: Mapping[tuple[str, str], Mapping[str, int]] = {
    ("sexual", "adult_female"): {
        "NG": 18, "CO": 16, "RO": 13, "BR": 11, "SE": 10, "UA": 10, "TH": 8, "UG": 8, "VE": 8,
        "CM": 6, "HU": 6, "DO": 5, "PL": 5, "CN": 4, "ES": 4, "GH": 4, "IR": 3, "KE": 3, "MD": 3,
        "BG": 2, "CU": 2, "ET": 2, "SY": 2, "VN": 2, "stateless": 1, "unknown": 1,
    },
    ("sexual", "adult_male"): {"BR": 1, "RO": 1, "VE": 1},
    ("sexual", "girl"): {"RO": 3, "NG": 2, "SE": 1, "UG": 1},
    ("sexual", "boy"): {"AF": 1, "MA": 1, "SY": 1},
    ("sexual", "female_age_unknown"): {"BR": 1, "CM": 1, "CO": 1, "unknown": 2},
    ("sexual", "other_sex"): {"BR": 1, "CO": 1},
    ("sexual", "unknown_sex_adult"): {"CO": 1, "unknown": 3},
    ("sexual", "unknown_sex_minor"): {"unknown": 1},
    ("labour", "adult_female"): {
        "TH": 16, "VN": 7, "UA": 6, "CN": 3, "MN": 3, "PH": 3, "BY": 2, "IN": 2, "MD": 2, "SE": 2,
        "UZ": 2, "GE": 1, "NG": 1, "NP": 1, "RO": 1, "RS": 1, "UG": 1, "unknown": 1,
    },
    ("labour", "adult_male"): {
        "TH": 38, "UZ": 14, "UA": 11, "IN": 9, "PK": 7, "VN": 7, "BD": 6, "RS": 5, "GE": 4, "RO": 4,
        "SE": 4, "TR": 4, "BY": 3, "MD": 2, "NG": 2, "NP": 2, "PL": 2, "AL": 1, "stateless": 1,
        "unknown": 2,
    },
    ("labour", "girl"): {"VN": 2},
    ("labour", "boy"): {"AF": 1, "SO": 1, "UA": 1, "VN": 1},
    ("criminality", "adult_male"): {"SE": 3, "MA": 1, "RO": 1},
    ("criminality", "boy"): {"RO": 4, "SE": 3, "MA": 2, "SY": 1, "stateless": 1},
    ("begging", "adult_male"): {"BG": 1},
    ("begging", "girl"): {"RO": 4},
    ("begging", "boy"): {"RO": 2, "SK": 1},
    ("forced_marriage", "adult_female"): {"AF": 2, "SO": 2, "SY": 2, "IQ": 1, "PK": 1},
    ("household", "adult_female"): {"PH": 2, "ET": 1, "IN": 1, "KE": 1},
    ("organ_removal", "adult_male"): {"BD": 1},
    ("multiple", "adult_female"): {"RO": 1, "UA": 1},
    ("multiple", "adult_male"): {"VN": 1},
    ("other", "adult_female"): {"CM": 1, "UZ": 1},
}  # fmt: skip

REGIONS = {
    "stockholm": 118, "bergslagen": 28, "nord": 58, "mitt": 22, "ost": 30, "vast": 82, "syd": 76,
}  # fmt: skip
MONTHS = {
    "2023-01": 29, "2023-02": 31, "2023-03": 38, "2023-04": 30, "2023-05": 36, "2023-06": 28,
    "2023-07": 17, "2023-08": 70, "2023-09": 41, "2023-10": 37, "2023-11": 35, "2023-12": 22,
}  # fmt: skip

# The rest of labour is men and boys, who get what the printed industries leave.
INDUSTRIES_OF_WOMEN = {"green": 13, "beauty": 16, "cleaning": 7, "other": 1, "unknown": 8}
JOINT_INSPECTION = {"unknown": 28, "": 12}
REFERRAL_OF_MINORS = {
    "social_services": 17, "police": 10, "migration_agency": 6, "civil_society": 2,
}  # fmt: skip
REFERRAL_OF_JOINT_INSPECTIONS = {"own_outreach": 58, "police": 22, "social_services": 4}
REFERRAL_WITHOUT_PRINTED_COUNT = {"social_services": 66, "civil_society": 30, "self_referral": 17}
CHILDREN_IN_SWEDEN = {"1": 5, "2": 2, "unknown": 21, "": 16}
CHILDREN_ABROAD = {"1": 9, "2": 6, "3": 4, "unknown": 38, "": 16}

_INSPECTED = {
    "assessment": "exploitation",
    "joint_inspection": "yes",
    "referral_source": "own_outreach",
}
INCIDENTS = [
    PlannedIncident(
        reference="bar-2023-1",
        region="nord",
        month="2023-08",
        form="labour",
        persons={("adult_male", "TH"): 36, ("adult_female", "TH"): 4},
        shared=_INSPECTED | {"industry": "green"},
    ),
    PlannedIncident(
        reference="bygg-2023-1",
        region="vast",
        month="2023-03",
        form="labour",
        persons={("adult_male", "UZ"): 6},
        shared=_INSPECTED | {"industry": "construction"},
    ),
    PlannedIncident(
        reference="tvatt-2023-1",
        region="syd",
        month="2023-10",
        form="labour",
        persons={("adult_male", "GE"): 4},
        shared=_INSPECTED | {"industry": "car_wash"},
    ),
    PlannedIncident(
        reference="salong-2023-1",
        region="stockholm",
        month="2023-05",
        form="labour",
        persons={("adult_female", "VN"): 3},
        shared=_INSPECTED | {"industry": "beauty", "referral_source": "police"},
    ),
    PlannedIncident(
        reference="grupp-2023-1",
        region="stockholm",
        month="2023-02",
        form="sexual",
        persons={("adult_female", "RO"): 3},
        shared={"referral_source": "police"},
    ),
    PlannedIncident(
        reference="grupp-2023-1",
        region="ost",
        month="2023-11",
        form="sexual",
        persons={("adult_female", "CO"): 2},
        shared={"referral_source": "police"},
    ),
    PlannedIncident(
        reference="grupp-2023-1",
        region="syd",
        month="2023-09",
        form="begging",
        persons={("girl", "RO"): 2, ("boy", "RO"): 1},
        shared={"assessment": "trafficking", "referral_source": "social_services"},
    ),
    PlannedIncident(
        reference="grupp-2023-1",
        region="bergslagen",
        month="2023-06",
        form="criminality",
        persons={("boy", "RO"): 2},
        shared={"referral_source": "police"},
    ),
]
