"""`unlink_from_provider`: for a person who got another identity at the agency's provider."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from casereg.management.readable import Problems, ReadableCommand
from casereg.models import User


class Command(ReadableCommand):
    reach = None
    help = "Forget which identity at the agency's provider is the person's; the next log-in links anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's address in the register")

    def handle(self, *, email: str, **options: Any) -> None:
        if not settings.OIDC_ISSUER:
            raise Problems(["OIDC_ISSUER is not set: nobody is linked to a provider."])
        from casereg.actions.provider_links import unlink_person

        try:
            was_linked = unlink_person(email=email)
        except User.DoesNotExist:
            raise Problems([f"Nobody has the address {email!r}."]) from None
        self.stdout.write("The next log-in links anew." if was_linked else "There was no link.")
