"""The anchor file: the trail's last number and hash, a line for each day, kept where nobody who can rewrite
the trail can write. A line is the moment in UTC, the number, the hash, a space between them:
`2026-11-20T01:30:00Z 4711 9f86d081…`. Lines are only ever added."""

import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

_LINE: Final = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([1-9][0-9]{0,18}) ([0-9a-f]{64})\n")
_LONGEST_LINE: Final = 120  # bytes; no line of ours is as long
_MOMENT: Final = "%Y-%m-%dT%H:%M:%SZ"


class AnchorFileRefused(Exception):
    """The file cannot be read or written, or is not what was written to it. Says which and where."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """An event's number and hash, and when they were taken down."""

    sequence: int
    hash: str
    at: datetime

    @property
    def moment(self) -> str:
        return self.at.astimezone(UTC).strftime(_MOMENT)

    @property
    def line(self) -> str:
        return f"{self.moment} {self.sequence} {self.hash}\n"


class AnchorFile:
    """The file, open for adding to it and locked: no two programs anchor at once."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        anchors = list(_anchors_in(path, file))
        self.last = anchors[-1] if anchors else None

    def append(self, anchor: Anchor) -> None:
        """On the disk when it returns. What was half written stays: nothing is ever cut off here."""
        line = anchor.line.encode()
        with _in_words(self._path):
            if os.write(self._file.fileno(), line) != len(line):
                raise AnchorFileRefused(f"{self._path}: only half of the line was written. Is the disk full?")
            os.fsync(self._file.fileno())
        self.last = anchor


@contextmanager
def anchor_file(path: Path, *, begin: bool = False) -> Iterator[AnchorFile]:
    """The file to add to. One that is not there is made on request only: its disk may not be mounted."""
    flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT | os.O_EXCL if begin else 0)
    with _opened(path, flags) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnchorFileRefused(f"{path}: another program is adding to it.") from None
        except OSError as error:
            raise AnchorFileRefused(f"{path} cannot be locked: {error.strerror}.") from None
        if begin:
            _keep_the_name(path)
        yield AnchorFile(path, file)


def read_anchors(path: Path) -> list[Anchor]:
    """Every anchor of the file, the oldest first. There is a line a day: ten years fit into memory."""
    with _opened(path, os.O_RDONLY) as file:
        return list(_anchors_in(path, file))


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[BinaryIO]:
    with _in_words(path):
        # Nobody is waited for, whatever stands at the address.
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o640)
        file = os.fdopen(descriptor, "r+b" if flags & os.O_RDWR else "rb", buffering=0)
    with file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AnchorFileRefused(f"{path} is not a file.")
        yield file


def _anchors_in(path: Path, file: BinaryIO) -> Iterator[Anchor]:
    number, before = 0, 0
    with _in_words(path), os.fdopen(os.dup(file.fileno()), "rb") as lines:
        while line := lines.readline(_LONGEST_LINE):
            number += 1
            anchor = _anchor_in(line)
            if anchor is None and not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
                raise AnchorFileRefused(f"{path}, line {number}: the last line is only half written.")
            if anchor is None:
                raise AnchorFileRefused(f"{path}, line {number}: that is no moment, number and hash.")
            if anchor.sequence <= before:
                raise AnchorFileRefused(f"{path}, line {number}: it does not go on from the line before it.")
            before = anchor.sequence
            yield anchor


def _anchor_in(line: bytes) -> Anchor | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    moment, sequence, its_hash = (part.decode() for part in found.groups())
    try:
        at = datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC)
    except ValueError:  # such as a month 13
        return None
    return Anchor(int(sequence), its_hash, at)


def _keep_the_name(path: Path) -> None:
    """That the file is there has to outlive a power cut too. Some disks of other hosts cannot say so."""
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise AnchorFileRefused(f"{path} is not there. Is its disk mounted?") from None
    except FileExistsError:
        raise AnchorFileRefused(f"{path} is there already: it is added to without --begin.") from None
    except OSError as error:
        raise AnchorFileRefused(f"{path}: {error.strerror}.") from None
