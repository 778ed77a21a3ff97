"""The register as an app: what is to be heard of from its start."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class CaseregConfig(AppConfig):
    name = "casereg"

    def ready(self) -> None:
        import casereg.start_up  # noqa: F401 - registers its system check
        from casereg.sessions import begin_times

        # The one signal here: Django sends it at every log-in, by password, passkey or provider alike.
        user_logged_in.connect(begin_times, dispatch_uid="casereg.begin_times")
