"""The addresses of log-in and passwords: allauth's views, and of them only what is used here."""

from allauth.account import views
from django.urls import path
from django.views.decorators.http import require_http_methods

from casereg.access import Permission, public, requires

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
        public(because="logging out twice is no error")(_form(views.logout)),
        name="account_logout",
    ),
    path(
        "inactive/",
        public(because="whoever was deactivated is told so")(_form(views.account_inactive)),
        name="account_inactive",
    ),
    path(
        "password/",
        requires(Permission.START)(_form(views.password_change)),
        name="account_change_password",
    ),
    path(
        "password/saved/",
        public(because="whoever has just chosen a password logs in next")(
            _form(views.password_reset_from_key_done)
        ),
        name="account_reset_password_from_key_done",
    ),
    path(
        "password/<slug:uidb36>/<slug:key>/",
        public(because="the mailed link is what lets one in")(_form(views.password_reset_from_key)),
        name="account_reset_password_from_key",
    ),
]
