"""`send_mails`: send the mails that wait. The site sends them itself; this is for when it could not."""

import logging
import signal
import threading
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser
from django.db import DatabaseError, connections

from casereg.actions.mails import send_due_mails
from casereg.management.readable import ReadableCommand

log = logging.getLogger(__name__)


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 86_400:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to 86400")
    return int(text)


class Command(ReadableCommand):
    reach = None
    help = "Send the mails that wait, once or again and again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", metavar="SECONDS", type=_seconds, help="go on, with so long a pause, until SIGTERM"
        )

    def handle(self, *, every: int | None, **options: Any) -> None:
        if every is None:
            self.stdout.write(f"{send_due_mails()} mails sent.")
            return
        ended = threading.Event()
        # In a container it is the first process, which SIGTERM does not end by itself.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: ended.set())
        while not ended.is_set():
            try:
                send_due_mails()
            except DatabaseError as error:  # it comes back, and the mails are still there
                log.warning("Mails wait, since the database does not answer: %s", type(error).__name__)
            finally:
                connections.close_all()
            ended.wait(every)
