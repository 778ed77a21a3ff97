"""`import_cases FILE [--dry-run] [--again]`: the case file in, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, ngettext

from casereg.case_files import CaseFileRefused
from casereg.imports import import_case_file
from casereg.management.readable import Problems, ReadableCommand
from casereg.row_security import EVERYTHING


class Command(ReadableCommand):
    reach = EVERYTHING
    help = "Import a case file (.csv or .xlsx), all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument(
            "--again",
            action="store_true",
            help="import a file without references although it was imported before",
        )

    def handle(self, *, file: Path, dry_run: bool, again: bool, **options: Any) -> None:
        try:
            result = import_case_file(
                file, by=None, again=again, dry_run=dry_run, progress=self.tell_progress
            )
        except CaseFileRefused as refused:
            raise Problems(refused.findings) from None
        if dry_run:
            self.stdout.write(gettext("Nothing has been changed. The import would do this:"))
        self.stdout.write(
            ngettext("{count} case registered.", "{count} cases registered.", result.registered).format(
                count=result.registered
            )
        )
        self.stdout.write(
            ngettext(
                "{count} row was stored already and is left alone.",
                "{count} rows were stored already and are left alone.",
                result.unchanged,
            ).format(count=result.unchanged)
        )

    def tell_progress(self, stage: str, rows: int) -> None:
        stages = {
            "checked": gettext("{count} rows checked …"),
            "stored": gettext("{count} rows stored …"),
        }
        self.stdout.write(stages[stage].format(count=rows))
        self.stdout.flush()
