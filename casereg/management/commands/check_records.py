"""`check_records`: hold every stored record against today's rules, and list anew what is to mend."""

from typing import Any

from django.utils.translation import gettext, ngettext

from casereg.actions.remarks import check_records
from casereg.management.readable import ReadableCommand


class Command(ReadableCommand):
    reach = None  # the check takes it for each batch, and holds no case longer
    help = "Check every stored record against the rules of today. What is to mend stands on the site."

    def handle(self, **options: Any) -> None:
        checked, left = check_records()
        records = ngettext("{count} record checked", "{count} records checked", checked)
        remarks = ngettext("{count} open remark", "{count} open remarks", left)
        self.stdout.write(
            gettext("{records}, {remarks}.").format(
                records=records.format(count=checked), remarks=remarks.format(count=left)
            )
        )
