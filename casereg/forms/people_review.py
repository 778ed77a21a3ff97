"""The form under the list of people: a tick, and the mark of the list that was shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casereg.forms.worded import WordedForm


class PeopleReviewForm(WordedForm):
    use_required_attribute = False  # the page says what is missing, in its own language

    right = forms.BooleanField(
        label=_(
            "I have read the list: each of these people still needs to log in, with this role and region."
        ),
        error_messages={"required": _("Tick the box once you have read the list.")},
    )
