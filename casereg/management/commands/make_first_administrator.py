"""`make_first_administrator`: whoever adds everybody else. For the first start of a site without users."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.core.validators import validate_email

from casereg.actions.users import AdministratorExists, UserRefused, add_first_administrator
from casereg.management.readable import Problems, ReadableCommand

NAME_MAX, EMAIL_MAX = 80, 254  # characters


class Command(ReadableCommand):
    reach = None
    help = "Make the first administrator and print the link by which that person chooses a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address with which the person logs in")
        parser.add_argument("name", help="as colleagues know the person")

    def handle(self, *, email: str, name: str, **options: Any) -> None:
        email, name = email.strip(), name.strip()
        if not _is_email(email):
            raise Problems([f"{email!r} is not an e-mail address, such as name@example.se."])
        if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
            raise Problems([f"{name!r} is not a name of 1 to {NAME_MAX} characters."])
        try:
            link = add_first_administrator(email=email, name=name)
        except AdministratorExists:
            raise Problems(
                ["There is an administrator already. That one adds everybody else on the site."]
            ) from None
        except UserRefused as refused:
            raise Problems([str(finding.problem) for finding in refused.findings]) from None
        self.stdout.write(link)
        self.stdout.write("The link holds for 24 hours and works once. Give it to nobody else.")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= EMAIL_MAX
