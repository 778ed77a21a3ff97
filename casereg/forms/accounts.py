"""Forms of log-in and passwords: allauth's own, with our words and without its placeholders."""

from typing import TYPE_CHECKING, Any

from allauth.account.forms import ChangePasswordForm as AllauthChangePasswordForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordKeyForm as AllauthResetPasswordKeyForm
from allauth.account.utils import user_pk_to_url_str
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.users import LinkIsSpent, change_own_password, set_password_by_link
from casereg.forms.worded import page_helper

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

    def save(self) -> None:
        try:
            set_password_by_link(
                user_id=self.user.pk, key=self.temp_key, password=self.cleaned_data["password1"]
            )
        except LinkIsSpent:
            # Somebody else used it since this page asked. The link's own page says so.
            spent = {"uidb36": user_pk_to_url_str(self.user), "key": self.temp_key}
            raise ImmediateHttpResponse(redirect("account_reset_password_from_key", **spent)) from None


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
