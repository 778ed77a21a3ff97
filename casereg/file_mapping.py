"""Other people's headings and words, read as the register's own: guesses, and a table rewritten by them.

Pure: what was chosen before comes in as `KeptMapping`, what is chosen now goes out in the same shape.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from casereg.case_files import CELL_MAX, COLUMNS, FORMULA, Table
from casereg.codebook import CodeBook
from casereg.quality import CHILDREN, CODED, text_findings
from casereg.vocabularies import CHILDREN_MAX, NOT_RECORDED, UNKNOWN

LEFT_OUT: Final = ""
YEAR: Final = "year"
MONTH_OF_YEAR: Final = "month_of_year"
# What a heading may stand for. Year and month may have a column each.
TARGETS: Final = (*COLUMNS[:3], YEAR, MONTH_OF_YEAR, *COLUMNS[3:])
WORDED: Final = ("region", *CODED, *CHILDREN)  # variables whose words may be others than the codes
NEEDED: Final = ("assessment", "form", "sex", "age_group", "nationality")  # beside the month
KEPT_MAX: Final = 300  # headings, and words of one variable, that are kept for the next file


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """`columns` is `{heading: target, or blank where it is left out}`, `words` `{variable: {word: code}}`.

    Headings and words stand here as `key_of` writes them. A blank code: nothing was recorded.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OddWord:
    """A word of the file that is no code: as it is first written, and in how many rows it stands."""

    word: str
    rows: int

    @property
    def key(self) -> str:
        return key_of(self.word)


def key_of(text: str) -> str:
    """Texts with the same key are one word: capitals, spacing and a full stop at the end do not matter."""
    return " ".join(text.casefold().replace("_", " ").split()).rstrip(".:;*?! ") or text.strip()


# --- Columns -------------------------------------------------------------------------------------


def is_case_file(headings: Sequence[str]) -> bool:
    """Whether the headings are the register's own; the region may be missing."""
    names = [heading.lower() for heading in headings]
    return len(names) == len(set(names)) and set(COLUMNS) - {"region"} <= set(names) <= set(COLUMNS)


def guessed_columns(headings: Sequence[str], *, codebook: CodeBook, kept: KeptMapping) -> list[str]:
    """A target for each heading, left out where nothing fits. No target is guessed twice."""
    known = _known_headings(codebook)
    known |= {key: target for key, target in kept.columns.items() if target in (LEFT_OUT, *TARGETS)}
    guessed = [known.get(key_of(heading), LEFT_OUT) for heading in headings]
    if YEAR in guessed and MONTH_OF_YEAR not in guessed and "month" in guessed:
        guessed[guessed.index("month")] = MONTH_OF_YEAR
    if YEAR in guessed and MONTH_OF_YEAR not in guessed:
        guessed[guessed.index(YEAR)] = LEFT_OUT
    return [target if target not in guessed[:place] else LEFT_OUT for place, target in enumerate(guessed)]


def _known_headings(codebook: CodeBook) -> dict[str, str]:
    known = {key_of(heading): target for target, headings in _HEADINGS.items() for heading in headings}
    for name, variable in codebook.variables.items():
        known |= {key_of(label): name for label in (variable.label_sv, variable.label_en)}
    return known | {key_of(target): target for target in TARGETS if target != YEAR}


def as_case_file(table: Table, targets: Sequence[str]) -> Table:
    """The table with the register's columns alone, in their order; what is left out is not in it.

    Months are rewritten where they can be understood; everything else stands as it stood.
    """
    place = {target: number for number, target in enumerate(targets) if target != LEFT_OUT}

    def cell(cells: Sequence[str], target: str) -> str:
        if target in place:
            return cells[place[target]]
        return _month_of(cells, place) if target == "month" else ""

    rows = [(line, tuple(cell(cells, target) for target in COLUMNS)) for line, cells in table.rows]
    return Table(COLUMNS, tuple((line, cells) for line, cells in rows if any(cells)), table.header_line)


def _month_of(cells: Sequence[str], place: Mapping[str, int]) -> str:
    if YEAR not in place or MONTH_OF_YEAR not in place:
        return ""
    year, month = cells[place[YEAR]], cells[place[MONTH_OF_YEAR]]
    return _year_and_month(year, month) or " ".join(filter(None, [year, month]))


def with_months_read(table: Table) -> Table:
    """The case file with its months as the register writes them, where another usual way was used."""
    at = COLUMNS.index("month")
    rows = [
        (line, (*cells[:at], month_of(cells[at]) or cells[at], *cells[at + 1 :]))
        for line, cells in table.rows
    ]
    return Table(table.headings, tuple(rows), table.header_line)


# --- Months --------------------------------------------------------------------------------------

_MONTH_NAMES: Final = (
    ("jan", "januari", "january"),
    ("feb", "febr", "februari", "february"),
    ("mar", "mars", "march"),
    ("apr", "april"),
    ("maj", "may"),
    ("jun", "juni", "june"),
    ("jul", "juli", "july"),
    ("aug", "augusti", "august"),
    ("sep", "sept", "september"),
    ("okt", "oktober", "oct", "october"),
    ("nov", "november"),
    ("dec", "december"),
)
_MONTHS: Final = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names}
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NAME = r"(?P<name>[a-zåäö]+)\.?"
_WRITTEN: Final = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"{_YEAR}[-/. ]{_MONTH}(?:[-/. ]{_DAY})?(?:[ t]\d\d?:\d\d(?::\d\d)?)?",
        rf"{_YEAR}(?P<month>0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?",
        rf"(?:{_DAY} ?[-/.] ?)?{_MONTH}[-/., ]+{_YEAR}",
        rf"(?:(?:den )?{_DAY}\.? )?{_NAME},?[- ]{_YEAR}",
        rf"{_YEAR}[- ,]+{_NAME}",
    )
)


def month_of(text: str) -> str:
    """A date or a month in a usual way of writing, as "2023-07"; blank where it cannot be understood.

    The day is dropped. A day stands before its month, as in Sweden.
    """
    said = key_of(text)
    for pattern in _WRITTEN:
        if found := pattern.fullmatch(said):
            parts = found.groupdict()
            month = _MONTHS.get(parts["name"]) if parts.get("name") else int(parts["month"])
            return f"{parts['year']}-{month:02}" if month else ""
    return ""


def _year_and_month(year: str, month: str) -> str:
    if not re.fullmatch(_YEAR, year):
        return ""
    said = key_of(month)
    number = _MONTHS.get(said) or (int(said) if re.fullmatch(_MONTH, said, re.ASCII) else None)
    if number is None:
        whole = month_of(month)
        return whole if whole.startswith(year) else ""
    return f"{year}-{number:02}"


# --- Words ---------------------------------------------------------------------------------------


def odd_words(table: Table, *, codebook: CodeBook) -> dict[str, list[OddWord]]:
    """The words of a case file that are no codes, by variable, in the order in which they come."""
    found: dict[str, list[OddWord]] = {}
    for variable in WORDED:
        at = COLUMNS.index(variable)
        first_written: dict[str, str] = {}
        rows: Counter[str] = Counter()
        for _line, cells in table.rows:
            if cells[at] and cells[at] != FORMULA and not _is_code(variable, cells[at], codebook):
                rows[key_of(cells[at])] += 1
                first_written.setdefault(key_of(cells[at]), cells[at])
        if rows:
            found[variable] = [OddWord(first_written[key], number) for key, number in rows.items()]
    return found


def _is_code(variable: str, text: str, codebook: CodeBook) -> bool:
    if variable in CHILDREN:
        return text == UNKNOWN or (text.isascii() and text.isdecimal())
    return text in codebook.terms[variable]


def codes_of(variable: str, codebook: CodeBook) -> list[str]:
    """What a word of the variable may stand for."""
    if variable in CHILDREN:
        return [UNKNOWN, *map(str, range(CHILDREN_MAX + 1))]
    return list(codebook.terms[variable])


def guessed_code(variable: str, word: str, *, codebook: CodeBook, kept: KeptMapping) -> str | None:
    """The code that a word stands for, blank for "not recorded"; None where nothing fits."""
    key = key_of(word)
    codes = codes_of(variable, codebook)
    code = kept.words.get(variable, {}).get(key)
    if code is not None and (code in codes or code == NOT_RECORDED):
        return code
    if variable in CHILDREN:
        return _number_of_children(key) or _other_word(variable, key, codes)
    spelled = {key_of(code): code for code in codes}
    for term in codebook.terms[variable].values():
        for label in (term.label_sv, term.label_en):
            spelled.setdefault(key_of(label), term.code)
    return spelled.get(key) or _other_word(variable, key, codes)


def _other_word(variable: str, key: str, codes: Sequence[str]) -> str | None:
    if variable == "age_group" and re.fullmatch(r"\d{1,2}(?: år)?", key, re.ASCII):
        return "adult" if int(key.removesuffix(" år")) >= 18 else "minor"
    for code, words in _WORDS.get(variable, {}).items():
        if key in words and code in codes:
            return code
    if key in _NOT_KNOWN and UNKNOWN in codes:
        return UNKNOWN
    if key in _NOTHING and variable not in NEEDED and variable != "region":
        return NOT_RECORDED
    return None


def _number_of_children(key: str) -> str | None:
    if key in _NUMBERS:
        return str(_NUMBERS.index(key))
    if key in ("inga", "inget", "nej", "none", "no"):
        return "0"
    found = re.fullmatch(r"0*(\d{1,2})(?:[.,]0+)?(?: (?:st|barn|children|child))?", key, re.ASCII)
    return found[1] if found and int(found[1]) <= CHILDREN_MAX else None


def with_words(table: Table, words: Mapping[str, Mapping[str, str]]) -> Table:
    """The case file with each word replaced by its code; a word without one stands as it stood."""
    by_column = [words.get(column, {}) for column in COLUMNS]

    def replaced(cells: Iterable[str]) -> Iterator[str]:
        for cell, codes in zip(cells, by_column, strict=True):
            yield codes.get(key_of(cell), cell) if cell and codes else cell

    rows = ((line, tuple(replaced(cells))) for line, cells in table.rows)
    return Table(COLUMNS, tuple(rows), table.header_line)


# --- An example ------------------------------------------------------------------------------------

_EXAMPLES: Final = (
    ("exploitation", "labour", "male", "adult", "TH", "police", "yes", "green", "0", "2", "example-1"),
    ("trafficking", "sexual", "female", "minor", "RO", "social_services", "no", "", "0", "unknown", ""),
)


def example_file(*, region_code: str, month: str, codebook: CodeBook, with_codes: bool) -> Table:
    """Two fictional persons, as codes or as the reader's own words would have them."""
    rows = [("", region_code, month, *cells) for cells in _EXAMPLES]
    if with_codes:
        return Table(COLUMNS, tuple(enumerate(rows, start=2)))
    in_words = [
        tuple(
            codebook.label(column, cell) if cell in codebook.terms.get(column, {}) else cell
            for column, cell in zip(COLUMNS, row, strict=True)
        )
        for row in rows
    ]
    # Neither reference nor region: an old spreadsheet of one region has none.
    headings = tuple(codebook.variables[column].label for column in COLUMNS[2:])
    return Table(headings, tuple(enumerate((row[2:] for row in in_words), start=2)))


# --- For the next file ---------------------------------------------------------------------------


def columns_to_keep(kept: KeptMapping, headings: Sequence[str], targets: Sequence[str]) -> dict[str, str]:
    """What is known of headings after this file. None that may point to a person is remembered."""
    chosen: dict[str, str] = {}
    for heading, target in zip(headings, targets, strict=True):
        if _may_be_kept(heading):
            chosen.setdefault(key_of(heading), target)
    return _latest(kept.columns, chosen)


def words_to_keep(kept: KeptMapping, words: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What is known of words after this file."""
    known = {variable: dict(codes) for variable, codes in kept.words.items()}
    for variable, codes in words.items():
        chosen = {key: code for key, code in codes.items() if _may_be_kept(key)}
        known[variable] = _latest(known.get(variable, {}), chosen)
    return known


def _may_be_kept(text: str) -> bool:
    return bool(text) and len(text) <= CELL_MAX and not text_findings("heading", text)


def _latest(before: Mapping[str, str], chosen: Mapping[str, str]) -> dict[str, str]:
    together = {key: value for key, value in before.items() if key not in chosen} | dict(chosen)
    return dict(list(together.items())[-KEPT_MAX:])


# --- What people usually write ---------------------------------------------------------------------
# Keys, as `key_of` writes them. The code book's own labels need not stand here.

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "reference": ("referens", "ref", "kod"),
    "month": (
        "mån", "datum", "date", "kännedom", "månad för kännedom", "kännedom månad", "när", "aktualiserad",
        "inkom", "inkommen", "tidpunkt",
    ),
    YEAR: ("år", "årtal"),
    MONTH_OF_YEAR: ("månadsnummer",),
    "assessment": ("rubricering", "brott", "brottsrubricering", "brottstyp", "mh/me", "offence"),
    "form": (
        "form", "typ av exploatering", "exploatering", "ändamål", "syfte", "typ", "form av exploatering",
    ),
    "sex": ("gender", "kvinna/man", "juridiskt kön"),
    "age_group": ("ålder", "vuxen/barn", "barn/vuxen", "age", "vuxen/minderårig"),
    "nationality": (
        "land", "medborgarskap", "ursprungsland", "hemland", "country", "citizenship", "ursprung",
        "medborgare i",
    ),
    "referral_source": (
        "hänvisad av", "hänvisning", "hänvisande aktör", "inkom via", "kontaktväg", "aktualiserad av",
        "anmäld av", "källa", "referred by", "referral source", "identifierad av",
    ),
    "joint_inspection": (
        "myndighetsgemensam", "myndighetsgemensam kontroll", "gemensam kontroll", "gemensam inspektion",
        "arbetslivskriminalitet", "a-krim", "akrim", "joint inspection", "myndighetsgemensam samverkan",
    ),
    "industry": ("sektor", "näring", "arbetsområde", "sector"),
    "children_in_sweden": ("barn i sverige", "antal barn i sverige", "barn sverige", "barn (sverige)"),
    "children_abroad": (
        "barn i annat land", "barn utomlands", "barn i hemlandet", "barn i andra länder",
        "antal barn utomlands", "antal barn i annat land", "barn (annat land)",
    ),
    "incident": ("händelse", "händelse-id", "sammanhållet", "gemensamt ärende", "insats", "grupp"),
}  # fmt: skip

_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "assessment": {
        "trafficking": ("mh", "thb", "trafficking", "människohandel (4:1a)", "brb 4:1 a"),
        "exploitation": ("me", "exploatering", "människoexpl", "brb 4:1 b"),
    },
    "form": {
        "sexual": (
            "sex", "sexuell", "sexuellt", "sexuell exploatering", "sexuellt ändamål", "prostitution",
            "sexhandel", "sexual exploitation",
        ),
        "labour": (
            "arbete", "arbetskraftsexploatering", "tvångsarbete", "arbetsexploatering", "forced labour",
            "labour exploitation",
        ),
        "criminality": ("brott", "kriminella handlingar", "stöld", "stölder", "kriminell verksamhet"),
        "begging": ("tigger", "påtvingat tiggeri"),
        "forced_marriage": ("äktenskap", "tvångsgifte"),
        "household": ("hushåll", "hushållsnära", "hembiträde", "au pair", "domestic work"),
        "organ_removal": ("organ", "organdonation"),
        "multiple": ("flera", "flera former", "blandat", "multipla"),
        "other": ("övrigt", "annan", "övriga"),
    },
    "sex": {
        "female": ("k", "f", "kv", "kvinnor", "kvinnlig", "kvinnligt", "flicka", "flickor", "girl", "women"),
        "male": ("m", "män", "manlig", "manligt", "pojke", "pojkar", "boy", "men"),
        "other": ("annat", "icke-binär", "ickebinär"),
    },
    "age_group": {
        "adult": ("vuxna", "18+", "över 18", "över 18 år", "18 år eller äldre", "kvinna", "man", "adults"),
        "minor": (
            "barn", "under 18", "under 18 år", "<18", "underårig", "flicka", "pojke", "child", "mindreårig",
        ),
    },
    "nationality": {
        "SE": ("svensk", "svenskt"),
        "RO": ("rumänsk",),
        "TH": ("thailändsk", "thai"),
        "NG": ("nigeriansk",),
        "UA": ("ukrainsk",),
        "BG": ("bulgarisk",),
        "GB": ("england", "uk", "storbritannien och nordirland"),
        "US": ("usa", "amerikansk"),
        "BA": ("bosnien",),
        "MK": ("makedonien",),
        "stateless": ("statslösa", "utan medborgarskap"),
    },
    "referral_source": {
        "own_outreach": ("uppsökande", "egen uppsökande", "eget uppsökande arbete", "uppsökande verksamhet"),
        "migration_agency": ("migrationsverket", "migration", "miv", "mig"),
        "police": ("polis", "polisen", "pm"),
        "social_services": ("soc", "socialtjänst", "socialen", "kommunen"),
        "civil_society": ("ideell organisation", "ideella organisationer", "frivilligorganisation", "ngo"),
        "self_referral": ("själv", "eget initiativ", "personen själv", "sökte själv", "egen hänvändelse"),
        "other": ("övrigt", "annat", "övriga", "annan aktör"),
    },
    "joint_inspection": {"yes": ("j", "y", "sant", "true"), "no": ("n", "falskt", "false")},
    "industry": {
        "green": ("bärplockning", "bär", "jordbruk", "skogsbruk", "skog", "lantbruk", "trädgård"),
        "construction": ("byggbranschen", "byggnad", "byggnation"),
        "hospitality": ("restaurang", "hotell", "hotell/restaurang", "restaurang/hotell"),
        "beauty": ("skönhet", "nagelsalong", "nagelvård", "massage", "kroppsvård", "skönhetsvård"),
        "car_wash": ("biltvätt", "bilverkstad", "biltvättar", "bil"),
        "cleaning": ("städning", "städbranschen", "lokalvård"),
        "transport": ("åkeri", "bud", "taxi", "transporter"),
        "manufacturing": ("tillverkning", "fabrik", "tillverkningsindustri"),
        "other": ("övrigt", "annan", "övriga"),
    },
}  # fmt: skip
_NOT_KNOWN: Final = (
    "okänt", "okänd", "okända", "vet ej", "vet inte", "ej känt", "unknown", "not known", "oklart", "oklar",
    "framgår ej", "?",
)  # fmt: skip
_NOTHING: Final = (
    "-", "–", "—", "saknas", "uppgift saknas", "ej angivet", "ej angiven", "inte angivet", "not recorded",
    "n/a", "ej aktuellt",
)  # fmt: skip
_NUMBERS: Final = ("noll", "ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio")
