"""`anchor_audit`: take down the trail's last number and hash in a file elsewhere. For a daily timer."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from casereg.audit_anchors import Anchor, AnchorFileRefused, anchor_file
from casereg.management.readable import Problems, ReadableCommand
from casereg.models.audit import AuditHead, chain_breaks


class Command(ReadableCommand):
    reach = None
    help = "Add the audit trail's last number and hash to a file on another host, for verify_audit --anchor."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", metavar="PATH", type=Path, required=True, help="the file to add to")
        parser.add_argument("--begin", action="store_true", help="make the file, which must not be there yet")

    def handle(self, *, file: Path, begin: bool, **options: Any) -> None:
        try:
            self._anchor(file, begin=begin)
        except AnchorFileRefused as refused:
            hint = "" if begin or file.exists() else " A new one is made with --begin."
            raise Problems([f"{refused}{hint} Nothing is anchored."]) from None

    def _anchor(self, path: Path, *, begin: bool) -> None:
        with anchor_file(path, begin=begin) as file:
            head = AuditHead.objects.filter(id=1).first()
            now = Anchor(head.sequence, head.hash, timezone.now()) if head and head.sequence else None
            # What is anchored is vouched for: only what goes on, unbroken, from what was anchored before.
            for found in chain_breaks(since=file.last):
                raise Problems(
                    [
                        f"Event {found.sequence}: {found.what}. Nothing is anchored;"
                        f" verify_audit --anchor {path} tells all that does not hold."
                    ]
                )
            if now is None:
                self.stdout.write("The trail is empty: there is nothing to anchor.")
            elif file.last and file.last.sequence == now.sequence:
                self.stdout.write(f"Event {now.sequence} is anchored already, and nothing came after it.")
            else:
                file.append(now)
                self.stdout.write(f"Event {now.sequence} is anchored: {now.hash}")
