"""`createsuperuser` is refused here: nobody stands above the roles, and nobody sets another's password."""

from typing import Any, NoReturn

from django.core.management.base import CommandParser

from casereg.management.readable import Problems, ReadableCommand


class Command(ReadableCommand):
    reach = None
    help = "Refused: use make_first_administrator EMAIL NAME."

    def add_arguments(self, parser: CommandParser) -> None:
        # Django's own, so that whoever tries them reads why.
        parser.add_argument("--noinput", "--no-input", action="store_true")
        parser.add_argument("--email")

    def handle(self, **options: Any) -> NoReturn:
        raise Problems(
            ["There is no superuser here. Use: python manage.py make_first_administrator EMAIL NAME"]
        )
