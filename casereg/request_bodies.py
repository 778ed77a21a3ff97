"""What a request may carry: a file is kept in memory up to its limit, and never written to a disk."""

from io import BytesIO
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from casereg.case_files import IN_BROWSER

FILE_MAX: Final = max(IN_BROWSER.csv_bytes, IN_BROWSER.xlsx_bytes)  # bytes
# A body up to here is read to its end, so that the form can say that its file is too large; one beyond it is
# refused before anything is read.
BODY_MAX: Final = 50_000_000  # bytes


class BoundedUploadHandler(FileUploadHandler):
    """Takes a file's first `FILE_MAX` bytes. The file's `size` is that of all that was sent."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        self.left = FILE_MAX
        if content_length > BODY_MAX:
            raise RequestDataTooBig("The body is larger than any form of the site sends.")

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        self.file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        part = raw_data[: self.left]
        self.left -= len(part)
        self.file.write(part)

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(
            self.file, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
