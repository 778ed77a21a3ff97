"""Writes to uploads: a file is kept for a day while its author says how it is read, and checks it.

What a region says of its headings and words is remembered for its next file. casereg.imports imports it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from casereg.case_files import COLUMNS, Table, as_table, written
from casereg.codebook import CodeBook
from casereg.file_mapping import (
    LEFT_OUT,
    KeptMapping,
    as_case_file,
    columns_to_keep,
    is_case_file,
    odd_words,
    with_months_read,
    with_words,
    words_to_keep,
)
from casereg.models import AuditEvent, FileMapping, Upload, User
from casereg.models.upload import UPLOAD_KEPT_FOR
from casereg.quality import text_findings
from casereg.row_security import EVERYTHING, within

KEPT_AT_ONCE = 5  # uploads of one person; the oldest go


class UploadStep(StrEnum):
    """What has to be done next with an upload."""

    COLUMNS = "columns"
    WORDS = "words"
    CHECK = "check"


def store_upload(*, name: str, table: Table, by: User, region_code: str) -> Upload:
    """Keep a file for its author. One that has the register's own headings is kept as a case file at once."""
    if is_case_file(table.headings):
        table = as_case_file(table, [heading.lower() for heading in table.headings])
    purge_uploads()
    with transaction.atomic():
        mine = Upload.objects.filter(author=by, imported_at__isnull=True).order_by("-uploaded_at")
        Upload.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[KEPT_AT_ONCE - 1 :])).delete()
        upload = Upload.objects.create(
            author=by,
            region_id=region_code,
            name=_anonymous(name)[:120],
            content=written(table),
            uploaded_at=timezone.now(),
        )
        AuditEvent.objects.append(
            by=by, action="case_file_upload", object=f"upload {upload.pk}, {len(table.rows)} rows"
        )
    return upload


def purge_uploads() -> int:
    """Delete anybody's files whose time is over, which nobody sees any more; how many."""
    with within(EVERYTHING):
        uploads, _of_each = Upload.objects.expired().delete()
    return uploads


def _anonymous(name: str) -> str:
    """The file's name, unless it points to a person."""
    return gettext("a file") if text_findings("name", name) else name


def kept_until(upload: Upload) -> datetime:
    """When it is deleted, imported or not."""
    return upload.uploaded_at + UPLOAD_KEPT_FOR


def table_of(upload: Upload) -> Table:
    """What is kept of the file, on the lines that it has there."""
    return as_table(bytes(upload.content))


def step_of(upload: Upload, *, codebook: CodeBook) -> UploadStep:
    if upload.imported_at is not None:
        return UploadStep.CHECK
    table = table_of(upload)
    if table.headings != COLUMNS:
        return UploadStep.COLUMNS
    if upload.words is None and odd_words(table, codebook=codebook):
        return UploadStep.WORDS
    return UploadStep.CHECK


def kept_mapping(region_code: str) -> KeptMapping:
    """How the region's earlier files were read."""
    kept = FileMapping.objects.filter(region=region_code).first()
    return KeptMapping(columns=kept.columns, words=kept.words) if kept else KeptMapping()


def choose_columns(*, upload: Upload, targets: Sequence[str], by: User) -> None:
    """Read the upload's columns as said. What is left out is deleted from it."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        table = table_of(upload)
        if upload.imported_at is not None or table.headings == COLUMNS:
            return  # said already, in another tab or by a second click
        upload.content = written(with_months_read(as_case_file(table, targets)))
        upload.columns = {
            heading: target
            for heading, target in zip(table.headings, targets, strict=True)
            if target != LEFT_OUT
        }
        upload.save(update_fields=["content", "columns"])
        kept = kept_mapping(upload.region_id)
        _keep(upload, columns=columns_to_keep(kept, table.headings, targets), words=kept.words, by=by)


def choose_words(*, upload: Upload, words: Mapping[str, Mapping[str, str]], by: User) -> None:
    """Replace the upload's words by codes, `{variable: {word: code}}`; others stay, for the check to find."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.imported_at is not None or upload.words is not None:
            return
        upload.content = written(with_words(table_of(upload), words))
        upload.words = words
        upload.save(update_fields=["content", "words"])
        kept = kept_mapping(upload.region_id)
        _keep(upload, columns=kept.columns, words=words_to_keep(kept, words), by=by)


def discard_upload(*, upload: Upload, by: User) -> None:
    """Delete it at once; what it was imported as stays."""
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).delete()
        AuditEvent.objects.append(by=by, action="case_file_discard", object=f"upload {upload.pk}")


def _keep(
    upload: Upload, *, columns: Mapping[str, str], words: Mapping[str, Mapping[str, str]], by: User
) -> None:
    FileMapping.objects.update_or_create(
        region_id=upload.region_id,
        defaults={"columns": columns, "words": words, "at": timezone.now(), "by": by},
    )
