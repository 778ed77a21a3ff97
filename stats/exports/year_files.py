"""A year as files: every table in one format, and a manifest, in one flat folder."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import transaction

from casereg.codebook import CodeBook
from casereg.models import AuditEvent, User
from stats.compute import YearFigures
from stats.disclosure.protect import ProtectedYear, unprotected
from stats.exports import csv_tables, jsonstat

Files = dict[str, bytes]


class NoRecords(Exception):
    """The year has no standing cases: there is nothing to count."""


def _jsonstat(year: ProtectedYear, codebook: CodeBook) -> Files:
    files = {f"{table.definition.id}.json": jsonstat.table_file(table, codebook) for table in year.tables}
    return {**files, "key-figures.json": jsonstat.key_figures_file(year)}


def _csv(year: ProtectedYear, codebook: CodeBook) -> Files:
    return {f"{table.definition.id}.csv": csv_tables.table_file(table, codebook) for table in year.tables}


FORMATS: Mapping[str, Callable[[ProtectedYear, CodeBook], Files]] = {
    "jsonstat": _jsonstat,
    "csv": _csv,
}


def write_year(figures: YearFigures, *, format: str, folder: Path, by: User | None) -> list[str]:
    """Write the year's files into the folder and return their names. Labels are in the active language.

    The files are made elsewhere and then moved in, the manifest last: what cannot be made or written
    leaves the folder's files as they were. Raises `NoRecords`, and `OSError` where nothing can be written.
    """
    if not figures.persons:
        raise NoRecords
    year = unprotected(figures.tables, figures.key_figures)
    files = FORMATS[format](year, figures.codebook)
    files["manifest.json"] = _manifest(files, figures.year, year)
    folder.mkdir(parents=True, exist_ok=True)
    with transaction.atomic(), tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as made:
        for name, content in files.items():
            (Path(made) / name).write_bytes(content)
        AuditEvent.objects.append(
            by=by, action="year_export", object=f"{figures.year} as {format}, {year.protection}"
        )
        for name in files:
            (Path(made) / name).replace(folder / name)
    return list(files)


def _manifest(files: Mapping[str, bytes], year_number: int, year: ProtectedYear) -> bytes:
    content = {
        "year": year_number,
        "protection": year.protection.value,
        "internal": year.internal,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
