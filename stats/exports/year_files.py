"""A year as files: every table in one format, and a manifest, in one flat folder."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import transaction

from casereg.models import AuditEvent, User
from casereg.stored_codebook import load_correspondences
from stats.compute import YearFigures
from stats.exports import csv_tables, jsonstat, svg, xlsx
from stats.list_changes import notes_as_recorded
from stats.shown_year import ShownYear, shown_year

Files = dict[str, bytes]


class NoRecords(Exception):
    """The year has no standing cases: there is nothing to count."""


class NoSuchFile(LookupError):
    """There is no file of that format, or none of that figure in it."""


def _jsonstat(shown: ShownYear) -> Files:
    files = {
        f"{table.definition.id}.json": jsonstat.table_file(
            table, shown.codebook, notes=shown.list_notes.get(table.definition.id, ())
        )
        for table in shown.protected.tables
    }
    return {**files, "key-figures.json": jsonstat.key_figures_file(shown.protected)}


def _csv(shown: ShownYear) -> Files:
    return {
        f"{table.definition.id}.csv": csv_tables.table_file(table, shown) for table in shown.protected.tables
    }


def _xlsx(shown: ShownYear) -> Files:
    return {"tables.xlsx": xlsx.year_file(shown)}


FORMATS: Mapping[str, Callable[[ShownYear], Files]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "jsonstat": _jsonstat,
    "svg": svg.table_files,
}


def write_year(figures: YearFigures, *, format: str, folder: Path, by: User | None) -> list[str]:
    """Write the year's files into the folder and return their names. Labels are in the active language.

    The files are made elsewhere and then moved in, the manifest last: what cannot be made or written
    leaves the folder's files as they were. Raises `NoRecords`, and `OSError` where nothing can be written.
    """
    if not figures.persons:
        raise NoRecords
    shown = shown_year(figures, list_notes=notes_as_recorded(figures, load_correspondences()))
    files = FORMATS[format](shown)
    files["manifest.json"] = _manifest(files, shown)
    folder.mkdir(parents=True, exist_ok=True)
    with transaction.atomic(), tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as made:
        for name, content in files.items():
            (Path(made) / name).write_bytes(content)
        AuditEvent.objects.append(
            by=by, action="year_export", object=f"{figures.year} as {format}, {shown.protected.protection}"
        )
        for name in files:
            (Path(made) / name).replace(folder / name)
    return list(files)


def _manifest(files: Mapping[str, bytes], shown: ShownYear) -> bytes:
    content = {
        "year": shown.year,
        "protection": shown.protected.protection.value,
        "internal": shown.protected.internal,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
