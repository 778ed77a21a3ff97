"""The addresses of log-in and passwords: allauth's views, and of them only what is used here."""

from allauth.account import views
from allauth.mfa.base import views as mfa_views
from django.urls import path
from django.views.decorators.http import require_http_methods

from casereg.access import Permission, public, requires
from casereg.proving import Proof, demands
from casereg.views import account, links, sessions

# allauth's class-based views answer OPTIONS too: a form is read and sent, and nothing else.
_form = require_http_methods(["GET", "HEAD", "POST"])

urlpatterns = [
    path(
        "login/",
        public(because="nobody is logged in before it")(_form(views.login)),
        name="account_login",
    ),
    path(
        "logout/",
        public(because="logging out twice is no error")(sessions.leaves_nothing_behind(_form(views.logout))),
        name="account_logout",
    ),
    path("session/keep/", sessions.session_keep, name="session_keep"),
    path("sessions/", sessions.session_list, name="session_list"),
    path("sessions/end-others/", sessions.session_end_others, name="session_end_others"),
    path("sessions/<int:session_id>/end/", sessions.session_end, name="session_end"),
    path(
        "password/",
        # Its form asks for the password itself.
        requires(Permission.START)(_form(demands(Proof.FACTOR)(views.password_change))),
        name="account_change_password",
    ),
    path(
        "second-factor/prove/",
        public(because="the password was right, and nobody is logged in before the second factor")(
            _form(mfa_views.authenticate)
        ),
        name="mfa_authenticate",
    ),
    path(
        "prove/password/",
        requires(Permission.START)(_form(account.or_log_in_anew(views.reauthenticate))),
        name="account_reauthenticate",
    ),
    path("prove/second-factor/", account.factor_prove, name="mfa_reauthenticate"),
    path("", account.account_read, name="account_read"),
    path("second-factor/", account.factor_choose, name="factor_choose"),
    path("second-factor/app/add/", account.totp_add, name="totp_add"),
    path("second-factor/app/remove/", account.totp_remove, name="totp_remove"),
    path("second-factor/passkeys/add/", account.passkey_add, name="passkey_add"),
    path(
        "second-factor/passkeys/<int:factor_id>/remove/",
        account.passkey_remove,
        name="passkey_remove",
    ),
    path("second-factor/codes/", account.recovery_codes_read, name="recovery_codes_read"),
    path("second-factor/codes/make/", account.recovery_codes_make, name="recovery_codes_make"),
    path("password/forgotten/", links.password_forgotten, name="password_forgotten"),
    path("link/", links.password_choose, name="password_choose"),
    path("link/saved/", links.password_saved, name="password_saved"),
    path("link/<slug:key>/", links.account_link, name="account_link"),
]
