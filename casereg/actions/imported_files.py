"""Which files have been imported: a file without references is recognised when it comes again."""

from datetime import datetime

from casereg.keyed_hash import keyed_hash, keyed_hashes
from casereg.models import ImportedFile, User

_PURPOSE = "imported_file"


def note_imported_file(*, content_hash: str, rows: int, by: User | None, at: datetime) -> ImportedFile:
    """`content_hash` is that of the file's rows. It is stored keyed."""
    return ImportedFile.objects.create(
        content_hash=keyed_hash(_PURPOSE, content_hash), rows=rows, at=at, by=by
    )


def imported_before(content_hash: str) -> ImportedFile | None:
    """The first import of the same rows."""
    # The bare hash: files imported before hashes were keyed.
    return ImportedFile.objects.filter(
        content_hash__in=[*keyed_hashes(_PURPOSE, content_hash), content_hash]
    ).first()
