"""Every address of the site. A view without an access rule stops the start (casereg.access)."""

from allauth.account import views as allauth_views
from django.urls import include, path
from django.views.i18n import set_language

from casereg.access import public
from casereg.views import cases, errors, start

urlpatterns = [
    path("", start.start, name="start"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/register/", cases.case_register, name="case_register"),
    path("cases/<uuid:case_id>/", cases.case_read, name="case_read"),
    path("statistics/", include("stats.urls")),
    path(
        "account/login/",
        public(because="nobody is logged in before it")(allauth_views.login),
        name="account_login",
    ),
    path(
        "account/logout/",
        public(because="logging out twice is no error")(allauth_views.logout),
        name="account_logout",
    ),
    path(
        "account/inactive/",
        public(because="whoever was deactivated is told so")(allauth_views.account_inactive),
        name="account_inactive",
    ),
    path(
        "language/",
        public(because="the log-in page has a language too")(set_language),
        name="language_choose",
    ),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
