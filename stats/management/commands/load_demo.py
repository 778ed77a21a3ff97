"""`load_demo`: the fictional cases and the people to log in as, into an empty register."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from casereg.management.readable import Problems, ReadableCommand
from casereg.row_security import EVERYTHING
from stats.demo.loading import DemoRefused, load_demo
from stats.demo.people import DEMO_PASSWORD, demo_users


class Command(ReadableCommand):
    reach = EVERYTHING
    help = "Load the demo: fictional cases, published totals, and people to log in as."

    def handle(self, **options: Any) -> None:
        try:
            is_first = load_demo()
        except DemoRefused as refused:
            raise Problems(refused.reasons) from None
        outcome = (
            gettext("The demo is loaded.")
            if is_first
            else gettext("The demo was loaded already; nothing has been changed.")
        )
        self.stdout.write("\n".join([outcome, "", *_log_in_lines()]))


def _log_in_lines() -> Iterator[str]:
    rows = [(gettext("Name"), gettext("E-mail address"), gettext("Role"))]
    rows += [(user.name, user.email, user.get_role_display()) for user in demo_users()]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()
    yield ""
    yield gettext("Password of all: {password}").format(password=DEMO_PASSWORD)
