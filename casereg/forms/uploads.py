"""The forms of an upload: the file, what its columns are, what its words mean, and importing it once more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, cast

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.html import escape
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from casereg.case_files import IN_BROWSER, CaseFileRefused, FileFinding, Table, read_table
from casereg.codebook import CodeBook
from casereg.file_mapping import (
    LEFT_OUT,
    MONTH_OF_YEAR,
    NEEDED,
    TARGETS,
    YEAR,
    KeptMapping,
    OddWord,
    as_case_file,
    codes_of,
    guessed_code,
    guessed_columns,
    odd_words,
)
from casereg.forms.worded import RegionalForm, WordedForm
from casereg.quality import MAY_BE_BLANK_IN_FILES
from casereg.request_bodies import FILE_MAX
from casereg.vocabularies import NOT_RECORDED, UNKNOWN, swedish_order

SAMPLES = 3  # values of a column that are shown, each so long:
SAMPLE_MAX = 30
WORDS_MAX = 80  # words of one variable that are asked about: a column with more is not what it is said to be
_BLANK = "_blank"  # what a choice of "not recorded" is sent as


class UploadForm(RegionalForm):
    """Once it is valid, `table` is the file, and `file_name` what it is called.

    `findings` are the lines whose cells are not those of the header.
    """

    table: Table
    file_name: str

    file = forms.FileField(
        label=_("Case file"),
        help_text=format_lazy(
            _("CSV (UTF-8) or Excel (.xlsx), at most {megabytes} megabytes and {rows} rows."),
            megabytes=FILE_MAX // 1_000_000,
            rows=f"{IN_BROWSER.rows:,}".replace(",", "\N{NO-BREAK SPACE}"),
        ),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": _("Choose a file."), "invalid": _("Choose a file.")},
    )

    def __init__(self, data: QueryDict | None = None, files: Any = None, *, here: str) -> None:
        super().__init__(data, files, here=here)
        self.findings: Sequence[FileFinding] = ()

    def clean_file(self) -> UploadedFile:
        sent: UploadedFile = self.cleaned_data["file"]
        assert sent.file is not None  # casereg.request_bodies made it
        if (sent.size or 0) > FILE_MAX:
            text = gettext("The file is larger than {megabytes} megabytes.")
            raise forms.ValidationError(text.format(megabytes=FILE_MAX // 1_000_000))
        self.file_name = sent.name or ""
        try:
            self.table = read_table(cast(BinaryIO, sent.file), name=self.file_name, limits=IN_BROWSER)
        except CaseFileRefused as refused:
            if len(refused.findings) == 1:
                raise forms.ValidationError(str(refused.findings[0])) from None
            self.findings = refused.findings
            raise forms.ValidationError(
                gettext("Some lines have another number of cells than the header.")
            ) from None
        return sent


class ColumnsForm(WordedForm):
    """A choice for each column of the file. Once it is valid, `targets` are what they are, in their order."""

    def __init__(
        self, *args: Any, table: Table, codebook: CodeBook, kept: KeptMapping, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codebook: CodeBook = codebook
        self.table = table
        choices = [(LEFT_OUT, gettext("Leave out"))]
        choices += [(target, capfirst(_target_label(target, codebook))) for target in TARGETS]
        guessed = guessed_columns(table.headings, codebook=codebook, kept=kept)
        for place, (heading, target) in enumerate(zip(table.headings, guessed, strict=True)):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading or gettext("(column {number})").format(number=place + 1),
                help_text=_samples(table, place),
                choices=choices,
                initial=target,
                required=False,
            )

    @property
    def targets(self) -> list[str]:
        return [self.cleaned_data[name] for name in self.fields]

    def clean(self) -> None:
        first: dict[str, str] = {}
        for name in self.fields:
            target = self.cleaned_data.get(name, LEFT_OUT)
            if target != LEFT_OUT and first.setdefault(target, name) != name:
                text = gettext("You have said that “{heading}” is this already. Leave one of them out.")
                self.add_error(name, text.format(heading=self.fields[first[target]].label))
        if self.errors:
            return
        chosen = set(first)
        if "month" in chosen and chosen & {YEAR, MONTH_OF_YEAR}:
            text = gettext("Choose either one column for the month, or a year and a month.")
            self.add_error(first["month"], text)
        missing = [name for name in NEEDED if name not in chosen]
        if "month" not in chosen and not {YEAR, MONTH_OF_YEAR} <= chosen:
            missing.insert(0, "month")
        if missing:
            labels = ", ".join(self.codebook.variables[name].label for name in missing)
            text = gettext("Say which column holds: {labels}. Every row needs them.")
            self.add_error(None, text.format(labels=labels))
        if self.errors:
            return
        words = odd_words(as_case_file(self.table, self.targets), codebook=self.codebook)
        for variable in words:
            if len(words[variable]) > WORDS_MAX:
                text = gettext("The column has more than {count} different words. Is it really {label}?")
                label = self.codebook.variables[variable].label
                self.add_error(first[variable], text.format(count=WORDS_MAX, label=label))


class WordsForm(WordedForm):
    """A choice for each word that is no code. Once it is valid, `words` is `{variable: {word: code}}`."""

    def __init__(
        self,
        *args: Any,
        odd: Mapping[str, Sequence[OddWord]],
        codebook: CodeBook,
        kept: KeptMapping,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asked: dict[str, tuple[str, str]] = {}  # by field: the variable and the word's key
        parts = []
        for variable, words in odd.items():
            choices = _word_choices(variable, codebook)
            names = []
            # Those that are left over stay as they are, and the check finds them.
            for place, word in enumerate(words[:WORDS_MAX]):
                name = f"{variable}_{place}"
                names.append(name)
                self.asked[name] = (variable, word.key)
                guess = guessed_code(variable, word.word, codebook=codebook, kept=kept)
                self.fields[name] = forms.ChoiceField(
                    label=word.word,
                    help_text=ngettext("{count} row", "{count} rows", word.rows).format(count=word.rows),
                    choices=choices,
                    initial=_BLANK if guess == NOT_RECORDED else guess or "",
                    required=False,
                )
            parts.append(Fieldset(_legend(capfirst(codebook.variables[variable].label)), *names))
        self.helper.layout = Layout(*parts)

    @property
    def words(self) -> dict[str, dict[str, str]]:
        said: dict[str, dict[str, str]] = {}
        for name, (variable, key) in self.asked.items():
            chosen = self.cleaned_data[name]
            if chosen:
                said.setdefault(variable, {})[key] = NOT_RECORDED if chosen == _BLANK else chosen
        return said


class ImportForm(WordedForm):
    """Asks once more where the same rows were imported before: they have no references to be known by."""

    again = forms.BooleanField(required=False)

    def __init__(self, *args: Any, imported_before: datetime | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if imported_before is None:
            del self.fields["again"]
            return
        self.fields["again"].label = gettext("Import the rows once more")
        self.fields["again"].required = True
        self.fields["again"].error_messages["required"] = gettext(
            "Tick the box if the same rows are to be registered once more."
        )


def _legend(text: str) -> str:
    """Crispy Forms takes a legend for a template: this one says the text and nothing else."""
    return escape(text).replace("{", "&#123;")


def _target_label(target: str, codebook: CodeBook) -> str:
    own = {
        "reference": gettext("reference"),
        "month": gettext("month, or a date"),
        YEAR: gettext("year, in a column of its own"),
        MONTH_OF_YEAR: gettext("month of the year, in a column of its own"),
    }
    return own.get(target) or codebook.variables[target].label


def _samples(table: Table, place: int) -> str:
    """The column's first values that differ."""
    found: list[str] = []
    for _line, cells in table.rows:
        value = cells[place]
        if value and value not in found:
            found.append(value)
        if len(found) == SAMPLES:
            break
    if not found:
        return gettext("Empty.")
    shown = [value if len(value) <= SAMPLE_MAX else value[: SAMPLE_MAX - 1] + "…" for value in found]
    return gettext("In the file: {values}").format(values=" · ".join(shown))


def _word_choices(variable: str, codebook: CodeBook) -> list[tuple[str, str]]:
    labelled = [(code, _code_label(variable, code, codebook)) for code in codes_of(variable, codebook)]
    if variable == "nationality":
        labelled.sort(key=lambda pair: (len(pair[0]) == 2, swedish_order(pair[1])))
    blank = [(_BLANK, gettext("Not recorded"))] if variable in MAY_BE_BLANK_IN_FILES else []
    return [("", gettext("Leave as it is")), *blank, *labelled]


def _code_label(variable: str, code: str, codebook: CodeBook) -> str:
    if variable in codebook.terms:
        return capfirst(codebook.label(variable, code))
    return gettext("Not known") if code == UNKNOWN else code
