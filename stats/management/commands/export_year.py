"""`export_year YEAR --format F --out DIR`: every table of a year in one format, with a manifest."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext, ngettext

from casereg.management.readable import Problems, ReadableCommand
from casereg.management.readable import year as year_argument
from casereg.row_security import EVERYTHING
from stats.compute import compute_year
from stats.disclosure.protect import Protection
from stats.exports.year_files import FORMATS, NoRecords, write_year
from stats.tabulate import PartsDoNotSum


class Command(ReadableCommand):
    reach = EVERYTHING
    help = "Write every table of a year in one format, and manifest.json, into one folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=year_argument, metavar="YEAR")
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--protection", choices=list(Protection), default=Protection.EXACT)
        parser.add_argument("--language", choices=["sv", "en"], default="sv")

    def handle(self, *, year: int, format: str, out: Path, language: str, **options: Any) -> None:
        with translation.override(language):
            try:
                names = write_year(compute_year(year), format=format, folder=out, by=None)
            except NoRecords:
                raise Problems([gettext("The register has no cases of {year}.").format(year=year)]) from None
            except PartsDoNotSum as error:
                raise Problems([error]) from None
            except OSError as error:
                text = gettext("The folder cannot be written: {reason}.")
                raise Problems([text.format(reason=error.strerror or error)]) from None
            self.stdout.write(
                ngettext(
                    "{count} file written to {out}.", "{count} files written to {out}.", len(names)
                ).format(count=len(names), out=out)
            )
