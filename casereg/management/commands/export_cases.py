"""`export_cases FILE [--year Y]`: the case file out, as `import_cases` takes it back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, ngettext

from casereg.exports import export_case_file
from casereg.management.readable import Problems, ReadableCommand
from casereg.management.readable import year as year_argument
from casereg.row_security import EVERYTHING


class Command(ReadableCommand):
    reach = EVERYTHING
    help = "Export the standing cases as a case file (.csv or .xlsx)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--year", type=year_argument, help="only the cases of this year")

    def handle(self, *, file: Path, year: int | None, **options: Any) -> None:
        if file.suffix.lower() not in (".csv", ".xlsx"):
            raise Problems([gettext("The file's name ends neither in .csv nor in .xlsx.")])
        try:
            written = export_case_file(file, by=None, year=year)
        except OSError as error:
            raise Problems(
                [gettext("The file cannot be written: {reason}.").format(reason=error.strerror or error)]
            ) from None
        if year is not None and not written:
            text = gettext("There are no cases of {year}: the file has its header only.")
            self.stdout.write(text.format(year=year))
        self.stdout.write(
            ngettext("{count} case exported.", "{count} cases exported.", written).format(count=written)
        )
