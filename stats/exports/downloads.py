"""Files for a reader at a browser: the whole year, or one figure of it. Each leaves an event in the trail."""

import io
import zipfile
from dataclasses import dataclass

from django.db import transaction

from casereg.models import AuditEvent, User
from stats.compute import CrossFigures
from stats.cross_page import printed_cross, printed_shares
from stats.exports import csv_tables, jsonstat, svg, xlsx
from stats.exports.year_files import FORMATS, NoSuchFile
from stats.shown_year import ShownYear, shown_cross

_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "zip": "application/zip",
}
_ENDINGS = {"jsonstat": "json"}
# The earliest moment that the file format knows: the same figures give the same bytes.
_ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    content: bytes

    @property
    def content_type(self) -> str:
        return _TYPES[self.name.rpartition(".")[2]]


def year_download(shown: ShownYear, *, format: str, by: User) -> Download:
    """Every table in one file: a workbook, or the format's files packed in one. Raises `NoSuchFile`."""
    if format not in FORMATS:
        raise NoSuchFile(format)
    files = FORMATS[format](shown)
    if len(files) == 1:
        [(name, content)] = files.items()
        download = Download(f"{_name(shown)}.{name.rpartition('.')[2]}", content)
    else:
        download = Download(f"{_name(shown, format)}.zip", _packed(files))
    _record(f"{shown.year} as {format}, {shown.protected.protection}", shown, by)
    return download


def figure_download(
    shown: ShownYear, before: ShownYear | None, *, figure_id: str, format: str, by: User
) -> Download:
    """One table, or one chart as SVG. Raises `NoSuchFile`."""
    ending = _ENDINGS.get(format, format)
    lists = "" if shown.lists is None else f"lists-{shown.lists}"
    download = Download(
        f"{_name(shown, figure_id, lists)}.{ending}",
        _figure_file(shown, before, figure_id=figure_id, format=format),
    )
    what = " ".join(filter(None, [figure_id, str(shown.year), lists]))
    _record(f"{what} as {format}, {shown.protected.protection}", shown, by)
    return download


def cross_download(crossed: CrossFigures, *, format: str, by: User, along: str = "") -> Download:
    """A cross, as its page prints it or as one row a cell. Raises `NoSuchFile`.

    `along`: of what a workbook has a sheet of per cent; blank where it has none.
    """
    shown, table_id = shown_cross(crossed), crossed.table.definition.id
    if format == "xlsx":
        shares = [printed_shares(crossed, along)] if along else []
        content = xlsx.cross_file([printed_cross(crossed, None), *shares], shown)
    else:
        content = _figure_file(shown, None, figure_id=table_id, format=format)
    download = Download(f"{_name(shown, table_id.replace('.', '-'))}.{_ENDINGS.get(format, format)}", content)
    _record(f"{table_id} {shown.year} as {format}, {shown.protected.protection}", shown, by)
    return download


def _figure_file(shown: ShownYear, before: ShownYear | None, *, figure_id: str, format: str) -> bytes:
    if format == "svg":
        try:
            return svg.figure_file(figure_id, shown, before)
        except svg.NotDrawn:
            raise NoSuchFile(figure_id) from None
    if figure_id not in {table.definition.id for table in shown.protected.tables}:
        raise NoSuchFile(figure_id)
    if format == "xlsx":
        return xlsx.table_file(figure_id, shown)
    if format == "csv":
        return csv_tables.table_file(shown.table(figure_id), shown)
    if format == "jsonstat":
        notes = shown.list_notes.get(figure_id, ())
        return jsonstat.table_file(shown.table(figure_id), shown.codebook, notes=notes)
    raise NoSuchFile(format)


def _name(shown: ShownYear, *parts: str) -> str:
    return "-".join(filter(None, ["year", str(shown.year), shown.region_code, *parts]))


def _packed(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_MOMENT), data, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _record(object: str, shown: ShownYear, by: User) -> None:
    with transaction.atomic():
        AuditEvent.objects.append(
            by=by, action="year_download", object=object, region=shown.region_code or ""
        )
