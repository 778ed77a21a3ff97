"""Random records of the register, as rows of the case file, for the property tests."""

from hypothesis import strategies as st

from casereg.actions.cases import NewCase, register_from_file
from casereg.actions.references import lock_counters
from casereg.case_content import CaseContent
from tests.stats.naive import AGES, FIRST_YEARS, FORMS, INDUSTRIES, REFERRALS, REGIONS, SEXES

YEARS = (2021, 2022, 2023, 2025)
# Few of them, so that ties are common; some whose Swedish and English orders differ.
NATIONALITIES = ["SE", "NG", "AT", "TH", "AE", "AX", "EE", "XK", "stateless", "unknown"]


@st.composite
def records(draw):
    """One row: every value that the contract allows in its year, blanks included."""
    year = draw(st.sampled_from(YEARS))

    def asked(variable, values):
        collected = year >= FIRST_YEARS[variable]
        return draw(st.sampled_from(["", *values])) if collected else ""

    form = draw(st.sampled_from(FORMS[:3] + FORMS))
    children = ["0", "1", "2", "50", "unknown"]
    return {
        "region": draw(st.sampled_from(REGIONS)),
        "month": f"{year}-{draw(st.integers(1, 12)):02}",
        "assessment": draw(st.sampled_from(["trafficking", "exploitation"])),
        "form": form,
        "sex": draw(st.sampled_from(SEXES)),
        "age_group": draw(st.sampled_from(AGES)),
        "nationality": draw(st.sampled_from(NATIONALITIES)),
        "referral_source": asked("referral_source", REFERRALS),
        "joint_inspection": asked("joint_inspection", ["yes", "no", "unknown"]),
        "industry": asked("industry", INDUSTRIES) if form == "labour" else "",
        "children_in_sweden": asked("children", children),
        "children_abroad": asked("children", children),
        "incident": draw(st.sampled_from(["", "", "a", "b"])),
    }


@st.composite
def narrowings(draw, rows):
    """(codes by variable, incident or None): mostly as one of the rows has them, so that some match."""
    row = draw(st.sampled_from(rows)) if rows else None
    codes = {"region": REGIONS, "form": FORMS, "sex": SEXES, "age_group": AGES,
             "assessment": ["trafficking", "exploitation"], "month": ["01", "07", "12"]}  # fmt: skip
    only = {}
    for name in draw(st.lists(st.sampled_from(list(codes)), max_size=3, unique=True)):
        if row is not None and draw(st.integers(0, 9)):
            only[name] = row["month"][5:] if name == "month" else row[name]
        else:
            only[name] = draw(st.sampled_from(codes[name]))
    incidents = sorted({(row["region"], row["incident"]) for row in rows if row["incident"]})
    return only, draw(st.sampled_from([None, *incidents]))


def store(rows):
    """Put rows into the register as a file would."""
    cases = [
        NewCase(row["region"], "", CaseContent(**{k: v for k, v in row.items() if k != "region"}))
        for row in rows
    ]
    lock_counters((case.region_code, case.year) for case in cases)
    register_from_file(rows=cases, content_hash="0" * 64, by=None)
