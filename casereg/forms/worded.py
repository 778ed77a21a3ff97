"""What the site's forms share: text fields that the rules judge, and findings put to fields in words."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict

from casereg.codebook import CodeBook
from casereg.forms.field_help import FieldHelp
from casereg.quality import Finding
from casereg.remarks import Remark


def page_helper() -> FormHelper:
    """For a form whose page draws the form tag, the token, the buttons and the error summary."""
    helper = FormHelper()
    helper.form_tag = False
    helper.form_show_errors = False  # the page's error summary says what no field says
    helper.disable_csrf = True
    return helper


class Text(forms.CharField):
    """Text that `quality` will judge: never required here, so that there is one message for one fault."""

    help: FieldHelp | None = None  # what the code book says of it

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, **options)


class WordedForm(forms.Form):
    """A form whose page draws the form tag and the buttons."""

    codebook: CodeBook | None = None  # where a field holds one of its lists

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = page_helper()

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Put each finding to its field, in words; one message a field."""
        for finding in findings:
            field = finding.variable if finding.variable in self.fields else None
            if field is None or field not in self.errors:
                words = finding.in_words(self.codebook) if self.codebook else str(finding.problem)
                self.add_error(field, words)


class RegionalForm(WordedForm):
    """A form that stores something in the region in which it was opened, and keeps no draft.

    `here` is the region where its author works. `opened_elsewhere` is the one that was sent along, if it
    is another: then the page says so instead of storing anything, and what it shows again is for `here`.
    """

    opened_in = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, files: Any = None, *, here: str) -> None:
        self.opened_elsewhere = ""
        if data is not None and data.get("opened_in", here) != here:
            self.opened_elsewhere = str(data["opened_in"])
            data = data.copy()
            data["opened_in"] = here
        super().__init__(data, files, initial={"opened_in": here})


class FormNumber(forms.CharField):
    """A form's own number. What is none counts as none: the form is then taken as a new one."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid.uuid4)

    def to_python(self, value: Any) -> Any:
        try:
            return uuid.UUID(str(value))
        except ValueError:
            return None


class NumberedForm(WordedForm):
    """A form that is stored once however often it is sent, and that asks to confirm what is unusual.

    Its page draws `form.asked` with `components/confirmations.html`, inside the form tag.
    """

    # Made when the form is drawn; whoever sends it again sends the same.
    number = FormNumber()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: Sequence[Remark] = ()

    @property
    def sent_number(self) -> uuid.UUID:
        """The number that came with the form; a new one where none did, or none that is one."""
        return self.cleaned_data.get("number") or uuid.uuid4()

    @property
    def confirmed(self) -> list[str]:
        """The keys of the remarks that the person has ticked."""
        ticked: list[str] = self.data.getlist("confirmed") if hasattr(self.data, "getlist") else []
        return ticked

    def ask_for(self, remarks: Sequence[Remark]) -> None:
        """Show the form again with what must be confirmed; what was ticked before stays ticked."""
        self.asked = remarks
