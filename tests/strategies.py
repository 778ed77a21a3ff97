"""Random records for property tests."""

from urllib.parse import quote

from hypothesis import strategies as st

from casereg.case_files import COLUMNS
from casereg.vocabularies import AgeGroup, Assessment, JointInspection, Sex

REGIONS = ["stockholm", "bergslagen", "nord", "mitt", "ost", "vast", "syd"]
FORMS = ["sexual", "labour", "criminality", "begging", "forced_marriage", "household",
         "organ_removal", "multiple", "other", "unknown"]  # fmt: skip
SOURCES = ["own_outreach", "migration_agency", "police", "social_services", "civil_society",
           "self_referral", "other", "unknown"]  # fmt: skip
INDUSTRIES = ["green", "construction", "hospitality", "beauty", "car_wash", "cleaning", "transport",
              "manufacturing", "other", "unknown"]  # fmt: skip
NATIONALITIES = ["TH", "RO", "SE", "NG", "XK", "stateless", "unknown"]

references = st.from_regex(r"[A-Za-zÅÄÖåäö0-9._-]{1,40}", fullmatch=True)
_children = st.sampled_from(["", "unknown"]) | st.integers(0, 50).map(str)


@st.composite
def valid_rows(draw: st.DrawFn) -> dict[str, str]:
    """A row that every rule admits, with or without reference, in November 2026 or later."""
    year, month = draw(st.integers(2018, 2026)), draw(st.integers(1, 11))

    def since(first_year: int, values: st.SearchStrategy[str]) -> str:
        return draw(values) if year >= first_year else ""

    form = draw(st.sampled_from(FORMS))
    row = {
        "reference": draw(st.just("") | references),
        "region": draw(st.sampled_from(REGIONS)),
        "month": f"{year}-{month:02}",
        "assessment": draw(st.sampled_from(Assessment.values)),
        "form": form,
        "sex": draw(st.sampled_from(Sex.values)),
        "age_group": draw(st.sampled_from(AgeGroup.values)),
        "nationality": draw(st.sampled_from(NATIONALITIES)),
        "referral_source": since(2023, st.sampled_from(["", *SOURCES])),
        "joint_inspection": since(2023, st.sampled_from(["", *JointInspection.values])),
        "industry": since(2022, st.sampled_from(["", *INDUSTRIES])) if form == "labour" else "",
        "children_in_sweden": since(2022, _children),
        "children_abroad": since(2022, _children),
        "incident": draw(st.sampled_from(["", "event-1", "event-2"]) | references),
    }
    assert tuple(row) == COLUMNS
    return row


def _reference_or_itself(row: dict[str, str]) -> object:
    return (row["region"], row["reference"]) if row["reference"] else id(row)


case_files = st.lists(valid_rows(), max_size=12, unique_by=_reference_or_itself)

# A cell may hold anything that UTF-8 can write, often something that looks nearly right.
_anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
_nearly = st.sampled_from(
    ["2023-07", "2030-01", "nord", "labour", "unknown", "-1", "=1+1", '"', "\x00", "\r", " ", "51"]
)
random_rows = st.fixed_dictionaries(dict.fromkeys(COLUMNS, _nearly | _anything))

# --- What nobody should send ---------------------------------------------------------------------

# Lone surrogates are written as `\ud800` in JSON, and come as three bytes that are no UTF-8 in a form.
LONG = 50_000  # characters
_ODD = [
    "", " ", "\x00", "a\x00b", "\r\nSet-Cookie: a=b", "\n", "\x1b[2J", "\u202e", "\ufeff", "\u2028",
    "e\u0301" * 30, "\N{PILE OF POO}", "\U0010ffff", "-1", "0", "1" * 19, "9" * 40, "1e309", "NaN",
    "Infinity", "-0", "1_000", "²", "２０２３", "٣", "0x10", "2023-13", "2023-07-32", "0000-00-00",
    "9999-12-31", "10000-01-01", "2023-07\n", "'; DROP TABLE casereg_case; --", "%", "%s", "%(x)s",
    "{0.__class__}", "{}", "{{ 7|add:7 }}", "../../etc/passwd", "=1+1", "<svg/onload=1>", "null", "[]",
    "_T", "on", "true", "00000000-0000-0000-0000-000000000000", "nord", "Xnordmarkx-standing",
    "unknown:nationality", "administrator", '{"id": "\\ud800", "rawId": "\\ud800", "response": {}}',
    '{"id": 1e999}', "[" * 20_000, '{"a":' * 20_000, "x" * LONG, "9" * LONG, " " * LONG, "å" * LONG,
    "-" * LONG, "a," * (LONG // 2), "\x00" * LONG,
]  # fmt: skip
# As they stand in a body or an address: text is quoted, the last are bytes that are no text.
hostile_values = st.one_of(
    st.sampled_from(_ODD).map(lambda text: quote(text, errors="surrogatepass")),
    st.text(max_size=30).map(lambda text: quote(text, errors="surrogatepass")),
    st.sampled_from(["%ED%A0%80", "%FF%FE", "%", "%zz", "%C0%AF"]),
)


@st.composite
def hostile_forms(draw: st.DrawFn, base: dict[str, str], names: list[str]) -> str:
    """A form's body: what is right in itself with some of it spoilt, left out, or sent twice."""
    sent = [(name, quote(value)) for name, value in base.items()]
    if draw(st.booleans()):
        sent = [pair for pair in sent if draw(st.integers(0, 3))]
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        value = draw(hostile_values)
        if not draw(st.booleans()):
            sent = [pair for pair in sent if pair[0] != name]
        sent.append((name, value))
    return "&".join(f"{quote(name)}={value}" for name, value in sent)
