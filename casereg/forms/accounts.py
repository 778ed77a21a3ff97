"""Forms of log-in and passwords: allauth's own, with our words and without its placeholders."""

from typing import TYPE_CHECKING, Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.passwords import change_own_password, record_wrong_password
from casereg.forms.worded import WordedForm, page_helper

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class LoginForm(AllauthLoginForm):
    # The page says what is missing, in its own language; the browser would say it in the browser's.
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("remember", None)
        _word(self, "login", label=_("E-mail address"), missing=_("Enter your e-mail address."))
        _word(self, "password", label=_("Password"), missing=_("Enter your password."))
        self.helper = page_helper()


class ChangePasswordForm(AllauthChangePasswordForm):
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "oldpassword", label=_("Current password"), missing=_("Enter your current password."))
        _word_new_password(self)
        self.helper = page_helper()

    def clean_oldpassword(self) -> str:
        try:
            password: str = super().clean_oldpassword()
        except forms.ValidationError:
            record_wrong_password(self.user, action="password_change")
            raise
        return password

    def clean_password2(self) -> str:
        return _same_again(self)

    def save(self) -> None:
        change_own_password(user=self.user, password=self.cleaned_data["password1"])


class SetPasswordForm(AllauthResetPasswordKeyForm):
    """Behind a mailed link."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_new_password(self)
        self.helper = page_helper()

    def clean_password2(self) -> str:
        return _same_again(self)


class ForgottenPasswordForm(WordedForm):
    use_required_attribute = False

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("It is not an e-mail address. It is written as name@example.se."),
        },
    )


def _word_new_password(form: forms.Form) -> None:
    _word(
        form,
        "password1",
        label=_("New password"),
        missing=_("Enter a new password."),
        hint=_("At least 12 characters. A few words of your own are easy to remember and hard to guess."),
    )
    _word(form, "password2", label=_("New password again"), missing=_("Enter the new password again."))


def _same_again(form: forms.Form) -> str:
    again: str = form.cleaned_data["password2"]
    if again != form.cleaned_data.get("password1", again):
        raise forms.ValidationError(gettext("It is not the same as the new password above."))
    return again


def _word(
    form: forms.Form,
    name: str,
    *,
    label: "_StrPromise",
    missing: "_StrPromise",
    hint: "_StrPromise | str" = "",
) -> None:
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.error_messages["required"] = missing
    field.widget.attrs.pop("placeholder", None)
