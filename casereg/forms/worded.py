"""What the site's forms share: text fields that the rules judge, and findings put to fields in words."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from casereg.codebook import CodeBook
from casereg.quality import Finding


def page_helper() -> FormHelper:
    """For a form whose page draws the form tag, the token, the buttons and the error summary."""
    helper = FormHelper()
    helper.form_tag = False
    helper.form_show_errors = False  # the page's error summary says what no field says
    helper.disable_csrf = True
    return helper


class Text(forms.CharField):
    """Text that `quality` will judge: never required here, so that there is one message for one fault."""

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
