"""`document_tables`: write docs/tables.md from the registry; `--check` fails when it is stale."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation

from casereg.management.readable import Problems, ReadableCommand
from casereg.stored_codebook import load_codebook
from stats.documentation import document

PAGE = Path(settings.BASE_DIR) / "docs" / "tables.md"


class Command(ReadableCommand):
    reach = None
    help = "Write the documentation of every table, key figure and chart, in English."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing, fail when it is stale")
        parser.add_argument("--out", type=Path, default=PAGE, metavar="FILE")

    def handle(self, *, check: bool, out: Path, **options: Any) -> None:
        with translation.override("en"):
            text = document(load_codebook())
        if not check:
            out.write_text(text, encoding="utf-8")
        elif not out.is_file() or out.read_text(encoding="utf-8") != text:
            raise Problems([f"{out.name} is not what the registry says: run `manage.py document_tables`."])
