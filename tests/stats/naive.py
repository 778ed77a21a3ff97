"""The contract's tables counted a second time, by loops over records in plain Python.

It shares no code with the product: codes, order and populations are written out again from the contract.
"""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

FORMS = (
    "sexual labour criminality begging forced_marriage household organ_removal multiple other unknown"
).split()
SEXES = "female male other unknown".split()
AGES = "adult minor unknown".split()
PERSON_GROUPS = (
    "adult_female adult_male girl boy female_age_unknown male_age_unknown other_sex unknown_sex_adult "
    "unknown_sex_minor unknown_sex_age_unknown"
).split()
REFERRALS = (
    "own_outreach migration_agency police social_services civil_society self_referral other unknown"
).split()
INDUSTRIES = (
    "green construction hospitality beauty car_wash cleaning transport manufacturing other unknown"
).split()
REGIONS = "stockholm bergslagen nord mitt ost vast syd".split()
FIRST_YEARS = {
    "referral_source": 2023,
    "joint_inspection": 2023,
    "industry": 2022,
    "children": 2022,
}


def person_group(record):
    sex, age = record["sex"], record["age_group"]
    if sex == "other":
        return "other_sex"
    if sex == "unknown":
        return {
            "adult": "unknown_sex_adult",
            "minor": "unknown_sex_minor",
            "unknown": "unknown_sex_age_unknown",
        }[age]
    return {
        ("female", "adult"): "adult_female",
        ("male", "adult"): "adult_male",
        ("female", "minor"): "girl",
        ("male", "minor"): "boy",
        ("female", "unknown"): "female_age_unknown",
        ("male", "unknown"): "male_age_unknown",
    }[sex, age]


def column(name):
    return lambda record: record[name] or "not_recorded"


def month(record):
    return record["month"][5:]


def nationalities(records, names):
    counted = Counter(record["nationality"] for record in records)
    countries = [code for code in counted if len(code) == 2]
    countries.sort(key=lambda code: (-counted[code], names[code]))
    return countries + [code for code in ("stateless", "unknown") if counted[code]]


def dimension(codes, of_record, *, blanks=False):
    return ([*codes, *(["not_recorded"] if blanks else []), "_T"], of_record)


def narrowed(records, only, without=None):
    """The records that have each of the codes, but for those of one incident: (region, reference)."""
    return [
        record
        for record in records
        if all((month(record) if name == "month" else record[name]) == code for name, code in only.items())
        and (record["region"], record["incident"]) != without
    ]


def breakdowns(in_year, year, names, only):
    """Every dimension of persons; one that is narrowed lists the code that it is narrowed to."""

    def listed(name, codes):
        return [code for code in codes if only.get(name, code) == code]

    def since(variable, codes):
        return codes if year >= FIRST_YEARS[variable] else []

    groups = {
        person_group({"sex": sex, "age_group": age})
        for sex in listed("sex", SEXES)
        for age in listed("age_group", AGES)
    }
    return {
        "region": dimension(listed("region", REGIONS), column("region")),
        "month": dimension(listed("month", [f"{m:02}" for m in range(1, 13)]), month),
        "assessment": dimension(listed("assessment", ["trafficking", "exploitation"]), column("assessment")),
        "form": dimension(listed("form", FORMS), column("form")),
        "sex": dimension(listed("sex", SEXES), column("sex")),
        "age_group": dimension(listed("age_group", AGES), column("age_group")),
        "person_group": dimension([group for group in PERSON_GROUPS if group in groups], person_group),
        "nationality": dimension(nationalities(in_year, names), column("nationality")),
        "referral_source": dimension(
            since("referral_source", REFERRALS), column("referral_source"), blanks=True
        ),
        "joint_inspection": dimension(
            since("joint_inspection", ["yes", "no", "unknown"]), column("joint_inspection"), blanks=True
        ),
        "industry": dimension(since("industry", INDUSTRIES), column("industry"), blanks=True),
    }


def cross(records, year, wanted, names, only=None):
    """A cross of breakdowns; with industry among them: of those whose form asks for it."""
    in_year = [record for record in records if record["month"].startswith(f"{year}-")]
    if "industry" in wanted:
        in_year = [record for record in in_year if record["form"] == "labour"]
    of_name = breakdowns(in_year, year, names, only or {})
    collected = all(year >= FIRST_YEARS.get(name, 2018) for name in wanted)
    return counted(in_year, {name: of_name[name] for name in wanted}, year, collected=collected)


def year_tables(records, year, names, only=None):
    """`{table id: (ids, [codes of each dimension], [values row-major])}`; value None: not collected."""
    in_year = [record for record in records if record["month"].startswith(f"{year}-")]
    minors = [record for record in in_year if record["age_group"] == "minor"]
    labour = [record for record in in_year if record["form"] == "labour"]
    of_name = breakdowns(in_year, year, names, only or {})
    sex, age, form = of_name["sex"], of_name["age_group"], of_name["form"]
    group, region, nationality = of_name["person_group"], of_name["region"], of_name["nationality"]
    since = FIRST_YEARS
    plan = {
        "persons": (in_year, {"sex": sex, "age_group": age}, 2018),
        "form-by-person": (in_year, {"form": form, "person_group": group}, 2018),
        "minors-by-form": (minors, {"form": form, "sex": sex}, 2018),
        "assessment-by-form": (
            in_year,
            {"form": form, "assessment": of_name["assessment"]},
            2018,
        ),
        "joint-by-form": (
            in_year,
            {"form": form, "joint_inspection": of_name["joint_inspection"]},
            since["joint_inspection"],
        ),
        "referral": (
            in_year,
            {"referral_source": of_name["referral_source"], "age_group": age},
            since["referral_source"],
        ),
        "industry": (
            labour,
            {"industry": of_name["industry"], "sex": sex},
            since["industry"],
        ),
        "nationality": (in_year, {"nationality": nationality, "age_group": age}, 2018),
        "nationality-by-form": (in_year, {"nationality": nationality, "form": form}, 2018),
        "region-by-form": (in_year, {"region": region, "form": form}, 2018),
        "months": (
            in_year,
            {"month": of_name["month"], "region": region},
            2018,
        ),
    }
    tables = {
        table_id: counted(population, dimensions, year, collected=year >= first_year)
        for table_id, (population, dimensions, first_year) in plan.items()
    }
    tables["children"] = children(in_year, year)
    tables["incidents"] = incidents(in_year, year)
    return tables


def counted(records, dimensions, year, *, collected):
    codes = [dimension_codes for dimension_codes, _of_record in dimensions.values()]
    values = []
    for key in product(*codes):
        number = sum(
            all(
                code in ("_T", of_record(record))
                for code, (_codes, of_record) in zip(key, dimensions.values(), strict=True)
            )
            for record in records
        )
        values.append(number if collected else None)
    return ["year", *dimensions], [[str(year)], *codes], values


def children(records, year):
    sums = [
        sum(int(record[name]) for record in records if record[name].isdigit())
        for name in ("children_in_sweden", "children_abroad")
    ]
    values = [*sums, sum(sums)] if year >= FIRST_YEARS["children"] else [None] * 3
    return ["year", "whereabouts"], [[str(year)], ["in_sweden", "abroad", "_T"]], values


def incidents(records, year):
    sizes = Counter(
        (record["region"], record["incident"]) if record["incident"] else ("alone", number)
        for number, record in enumerate(records)
    )
    bounds = {"1": (1, 1), "2-4": (2, 4), "5-9": (5, 9), "10+": (10, 10**9), "_T": (1, 10**9)}
    values = []
    for low, high in bounds.values():
        within = [size for size in sizes.values() if low <= size <= high]
        values += [len(within), sum(within)]
    return (
        ["year", "incident_size", "unit"],
        [[str(year)], list(bounds), ["incidents", "persons"]],
        values,
    )


def series_tables(records, names, only=None, without=None):
    """The series, of records alone: no published totals. Narrowed, a year with other records is 0."""
    years = sorted({record["month"][:4] for record in records})
    records = narrowed(records, only or {}, without)
    minors = [record for record in records if record["age_group"] == "minor"]
    of_name = breakdowns(records, 2018, names, only or {})
    plan = {
        "persons-by-year": (records, "person_group"),
        "form-by-year": (records, "form"),
        "minors-by-year": (minors, "form"),
        "nationality-by-year": (records, "nationality"),
    }
    tables = {}
    for table_id, (population, name) in plan.items():
        codes, of_record = of_name[name]
        values = [
            sum(record["month"][:4] == year and code in ("_T", of_record(record)) for record in population)
            for year in years
            for code in codes
        ]
        tables[table_id] = (["year", name], [years, codes], values)
    return tables


def key_figures(records, year):
    """`{id: (value, numerator, denominator)}`."""
    in_year = [record for record in records if record["month"].startswith(f"{year}-")]

    def number(**wanted):
        return sum(all(record[name] == value for name, value in wanted.items()) for record in in_year)

    def whole_per_cent(part, whole):
        if not whole:
            return None
        return int((Decimal(100) * part / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def total_children(name):
        return sum(int(record[name]) for record in in_year if record[name].isdigit())

    men = number(sex="male", age_group="adult")
    adults = men + number(sex="female", age_group="adult")
    labour = number(form="labour")
    shares = {
        "men_share_of_adults": (men, adults),
        "men_and_boys_share": (number(sex="male"), len(in_year)),
        "women_share_of_labour": (number(sex="female", form="labour"), labour),
    }
    counts = {
        "persons": len(in_year),
        "adults": number(age_group="adult"),
        "minors": number(age_group="minor"),
        "age_unknown": number(age_group="unknown"),
        "women_and_girls": number(sex="female"),
        "men_and_boys": number(sex="male"),
        "trafficking": number(assessment="trafficking"),
        "exploitation": number(assessment="exploitation"),
        "joint_inspection": number(joint_inspection="yes") if year >= 2023 else None,
        "children_in_sweden": total_children("children_in_sweden") if year >= 2022 else None,
        "children_abroad": total_children("children_abroad") if year >= 2022 else None,
    }
    return {name: (value, None, None) for name, value in counts.items()} | {
        name: (whole_per_cent(part, whole), part, whole) for name, (part, whole) in shares.items()
    }
