"""`verify_audit`: walk the audit trail and tell each place where it is not what was written."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from casereg.audit_anchors import AnchorFileRefused, read_anchors
from casereg.management.readable import Problems, ReadableCommand
from casereg.models.audit import AuditHead, chain_breaks


class Command(ReadableCommand):
    reach = None
    help = "Check that no event of the audit trail was changed, removed, added or moved."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor", metavar="PATH", type=Path, help="hold it against the file of anchor_audit, too"
        )

    def handle(self, *, anchor: Path | None, **options: Any) -> None:
        try:
            anchors = read_anchors(anchor) if anchor else []
        except AnchorFileRefused as refused:
            raise Problems([f"{refused} The trail was not checked."]) from None
        if anchor and not anchors:
            raise Problems([f"{anchor} is empty: there is nothing to hold the trail against."])
        problems = [f"Event {found.sequence}: {found.what}." for found in chain_breaks(anchors=anchors)]
        if problems:
            raise Problems(problems)
        head = AuditHead.objects.get()
        self.stdout.write(f"{head.sequence} events, an unbroken chain. Head: {head.hash}")
        if anchors:
            last = anchors[-1]
            self.stdout.write(
                f"{len(anchors)} anchors hold, the last of {last.moment}, event {last.sequence}."
            )
