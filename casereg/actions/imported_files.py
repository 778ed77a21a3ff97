"""Which files have been imported: a file without references is recognised when it comes again."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from casereg.models import ImportedFile, User


def note_imported_file(*, content_hash: str, rows: int, by: User | None, at: datetime) -> ImportedFile:
    """`content_hash` is that of the file's rows. It is stored keyed."""
    return ImportedFile.objects.create(content_hash=next(_keyed(content_hash)), rows=rows, at=at, by=by)


def imported_before(content_hash: str) -> ImportedFile | None:
    """The first import of the same rows."""
    # The bare hash: files imported before hashes were keyed.
    return ImportedFile.objects.filter(content_hash__in=[*_keyed(content_hash), content_hash]).first()


def _keyed(content_hash: str) -> Iterator[str]:
    """With the site's secret, present and earlier: nobody who reads it can try values until one fits."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        keyed = salted_hmac("casereg.imported_file", content_hash, secret=secret, algorithm="sha256")
        yield keyed.hexdigest()
