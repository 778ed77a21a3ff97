"""`reset_factors`: for the administrator who has lost the second factor, where no other can help."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from casereg.actions.factors import factors_of, reset_factors
from casereg.management.readable import Problems, ReadableCommand
from casereg.models import User


class Command(ReadableCommand):
    reach = None
    help = "Take every second factor and recovery code from a person who has lost them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the person's address in the register")

    def handle(self, *, email: str, **options: Any) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise Problems([f"Nobody has the address {email!r}."])
        if not user.is_active:
            raise Problems([f"{user.name} is deactivated. An administrator reactivates people on the site."])
        factors = factors_of(user)
        if not factors.app and not factors.passkeys:
            raise Problems([f"{user.name} has no second factor."])
        reset_factors(user_id=user.pk, by=None)
        self.stdout.write(f"{user.name} has no second factor any longer, and is logged out everywhere.")
        then = " and a new second factor" if settings.SECOND_FACTOR_REQUIRED else ""
        self.stdout.write(f"The next log-in asks for the password{then}. A mail tells the person of it.")
