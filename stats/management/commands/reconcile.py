"""`reconcile YEAR`: check that the year's numbers agree with each other; it exits non-zero where not."""

from argparse import ArgumentParser
from typing import Any

from django.utils import translation
from django.utils.translation import gettext

from casereg.management.readable import Problems, ReadableCommand
from casereg.management.readable import year as year_argument
from casereg.row_security import EVERYTHING
from stats.reconciliation import NoRecords, WordedCheck, reconciled


class Command(ReadableCommand):
    reach = EVERYTHING
    help = "Check that the numbers of a year agree with each other and with last year's definitions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=year_argument, metavar="YEAR")
        parser.add_argument("--language", choices=["sv", "en"], default="sv")

    def handle(self, *, year: int, language: str, **options: Any) -> None:
        with translation.override(language):
            try:
                checks = reconciled(year)
            except NoRecords:
                raise Problems([gettext("The register has no cases of {year}.").format(year=year)]) from None
            for check in checks:
                self.stdout.write(_line(check))
            findings = [finding.text for check in checks for finding in check.findings]
            if findings:
                raise Problems(findings)


def _line(check: WordedCheck) -> str:
    compared = f" ({check.compared})" if check.compared else ""
    return f"{check.title}: {check.outcome}{compared}"
