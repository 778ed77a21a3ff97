"""`purge_drafts`: delete drafts of forms and uploaded files whose time is over. For a daily timer."""

from typing import Any

from casereg.actions.drafts import purge_drafts
from casereg.management.readable import ReadableCommand


class Command(ReadableCommand):
    reach = None  # the action takes it
    help = "Delete drafts older than 7 days, and uploaded files older than a day."

    def handle(self, **options: Any) -> None:
        drafts, uploads = purge_drafts()
        self.stdout.write(f"{drafts} drafts and {uploads} uploaded files deleted.")
