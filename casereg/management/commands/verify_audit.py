"""`verify_audit`: walk the audit trail and tell each place where it is not what was written."""

from typing import Any

from casereg.management.readable import Problems, ReadableCommand
from casereg.models.audit import AuditHead, chain_breaks


class Command(ReadableCommand):
    help = "Check that no event of the audit trail was changed, removed, added or moved."

    def handle(self, **options: Any) -> None:
        problems = [f"Event {found.sequence}: {found.what}." for found in chain_breaks()]
        if problems:
            raise Problems(problems)
        head = AuditHead.objects.get()
        self.stdout.write(f"{head.sequence} events, an unbroken chain. Head: {head.hash}")
