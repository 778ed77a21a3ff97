"""The addresses of the agency's log-in. They exist only where OIDC_ISSUER is set."""

from django.urls import path

from casereg.access import public
from casereg.views import provider

urlpatterns = [
    path(
        "",
        public(because="nobody is logged in before it")(provider.provider_log_in),
        name="provider_log_in",
    ),
    path(
        "answer/",
        public(because="the provider's answer is what lets one in")(provider.provider_answer),
        name="provider_answer",
    ),
]
