"""Forms of the second factor and of proving again who one is: allauth's own, with our words."""

import logging
import struct
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import ReauthenticateForm as AllauthPasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm as AllauthCodeForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthCodeProofForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm
from django import forms
from django.core.cache import cache
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casereg.actions.factors import APP, factors_of, record_wrong_factor
from casereg.browser_marks import is_known_to
from casereg.forms.worded import WordedForm, page_helper
from casereg.models import User
from casereg.sealed_text import SealIsForeign
from casereg.throttling import consume_of_the_day, count_failure, forget_wrong_factors, may_try

log = logging.getLogger(__name__)

_CREDENTIAL_MAX = 20_000  # characters: ten times what any passkey answers
_CODE_FIELD = {"autocomplete": "one-time-code", "inputmode": "numeric"}


class PasswordProofForm(AllauthPasswordForm):
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password"]
        field.label, field.help_text = _("Your password"), ""
        field.error_messages["required"] = _("Enter your password.")
        field.widget.attrs.pop("placeholder", None)
        self.helper = page_helper()


def _may_try(user: User) -> bool:
    return is_known_to(context.request, user) or may_try(context.request)


def _too_many() -> forms.ValidationError:
    refused: forms.ValidationError = get_account_adapter().validation_error("too_many_login_attempts")
    return refused


def _too_many_that_day() -> forms.ValidationError:
    text = gettext(
        "Too many wrong codes. None is taken until tomorrow. An administrator can help before that, by "
        "resetting your second factor."
    )
    return forms.ValidationError(text, code="too_many_login_attempts")


def _count_wrong_factor(user: User) -> None:
    record_wrong_factor(user, is_logged_in=context.request.user.is_authenticated)
    count_failure(context.request)


# --- A code: of the app, or a recovery code ------------------------------------------------------


class _OurCodeForm(forms.Form):
    """Over allauth's: each code once, few tries a day, and what fails is in the trail."""

    use_required_attribute = False
    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        factors = factors_of(self.user)
        self.has_passkey = bool(factors.passkeys)
        field = self.fields["code"]
        field.label = _("Code") if factors.app else _("Recovery code")
        field.help_text = (
            _("Six digits from your authenticator app, or one of your recovery codes.")
            if factors.app
            else _("One of the codes that you kept when you set up the passkey.")
        )
        field.error_messages["required"] = _("Enter a code.")
        field.widget = forms.TextInput(attrs=_CODE_FIELD)
        self.helper = page_helper()

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not _may_try(self.user):
            raise _too_many()
        if not consume_of_the_day(context.request, self.user.pk, dry_run=True):
            raise _too_many_that_day()
        if _is_used_up(self.user, code):
            check_rate_limit(self.user)
            self._fail()
        try:
            code = super().clean_code()  # type: ignore[misc]
        except SealIsForeign:
            log.error("A second factor is sealed under another SECRET_KEY. Add it to SECRET_KEY_FALLBACKS.")
            self._count()
            raise forms.ValidationError(
                gettext("The site can no longer read this factor. Ask an administrator to reset it.")
            ) from None
        if self.authenticator.type == APP:  # type: ignore[attr-defined]
            _use_up(self.user, code)
        forget_wrong_factors(self.user.pk)
        return code

    def _count(self) -> None:
        consume_of_the_day(context.request, self.user.pk)
        _count_wrong_factor(self.user)

    def _fail(self) -> None:
        self._count()
        raise get_adapter().validation_error("incorrect_code")

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        self._count()  # in place of allauth's signal, which nobody hears


class CodeForm(_OurCodeForm, AllauthCodeForm):
    """At log-in, after the password."""


class CodeProofForm(_OurCodeForm, AllauthCodeProofForm):
    """Where somebody who is logged in proves it again."""


class AppForm(WordedForm):
    """The first code of an authenticator app, which shows that the app has the secret."""

    use_required_attribute = False
    code = forms.CharField(
        label=_("Code from the app"),
        help_text=_("Six digits. The app shows new ones every 30 seconds."),
        widget=forms.TextInput(attrs=_CODE_FIELD),
        error_messages={"required": _("Enter the code that the app shows.")},
    )

    def __init__(self, data: Any = None, *, user: User, secret: str) -> None:
        super().__init__(data)
        self.user, self.secret = user, secret

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        forget_failures = check_rate_limit(self.user)
        if not validate_totp_code(self.secret, code):
            raise forms.ValidationError(
                gettext("The code is wrong. Check that the clock of your telephone is right, and try again.")
            )
        forget_failures()
        _use_up(self.user, code)
        return code


def _is_used_up(user: User, code: str) -> bool:
    return bool(cache.get(_key_of_used(user, code)))


def _use_up(user: User, code: str) -> None:
    # Allauth remembers a code for one step. It is right for longer, since clocks may differ by a step.
    steps = 1 + 2 * app_settings.TOTP_TOLERANCE
    cache.add(_key_of_used(user, code), True, timeout=steps * app_settings.TOTP_PERIOD)


def _key_of_used(user: User, code: str) -> str:
    return f"casereg.used_code.{user.pk}.{normalize_user_code(code)[:40]}"


# --- A passkey -----------------------------------------------------------------------------------


class _CredentialField(forms.JSONField):
    """What a browser answers for a passkey: neither long nor deep, and not repeated on the page."""

    def to_python(self, value: Any) -> Any:
        refused = forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if len(value or "") > _CREDENTIAL_MAX:
            raise refused
        try:
            return super().to_python(value)
        except (RecursionError, ValueError):  # too deep, or a number of too many digits
            raise refused from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class _OurPasskeyForm(forms.Form):
    """Over allauth's. What is wrong with an answer that nobody has typed is said of the form."""

    use_required_attribute = False
    credential = _CredentialField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages |= {
            "required": _("The browser sent no passkey. Try again."),
            "invalid": _("The browser sent no passkey. Try again."),
        }
        self.helper = page_helper()

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(None if field == "credential" else field, error)


class PasskeyForm(_OurPasskeyForm, AuthenticateWebAuthnForm):
    """At log-in, after the password."""

    def clean_credential(self) -> Authenticator:
        if not _may_try(self.user):
            raise _too_many()
        try:
            return super().clean_credential()
        except forms.ValidationError as refused:
            if getattr(refused, "code", "") != "incorrect_code":
                raise  # too many tries
        _count_wrong_factor(self.user)
        raise forms.ValidationError(gettext("The passkey was not accepted. Try again, or use a code."))


class PasskeyProofForm(PasskeyForm):
    """Where somebody who is logged in proves it again."""

    reauthenticated = True


# What the libraries raise of an answer that no browser has made.
_UNREADABLE = (AssertionError, AttributeError, LookupError, TypeError, ValueError, struct.error)


class AddPasskeyForm(_OurPasskeyForm, AddWebAuthnForm):
    name = forms.CharField(
        label=_("Name of the passkey"),
        help_text=_("By which you know it again, such as My telephone."),
        max_length=60,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean() or {}
        except (*_UNREADABLE, forms.ValidationError):
            raise forms.ValidationError(gettext("The passkey could not be added. Try again.")) from None
