"""`purge_sessions`: delete sessions whose time is over, and what is told of them. For a daily timer."""

from typing import Any

from casereg.actions.sessions import purge_sessions
from casereg.management.readable import ReadableCommand


class Command(ReadableCommand):
    reach = None
    help = "Delete the sessions that have ended, idle or expired, and their users' addresses with them."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{purge_sessions()} ended sessions deleted.")
