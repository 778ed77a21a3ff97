"""Django's own migrate, as the owner of the tables, who then says what the site's role may do with them."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from casereg.database_roles import grant_site_role, in_reach_of_session


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MIGRATION_DATABASE:
            connection.close()
            connection.settings_dict.update(settings.MIGRATION_DATABASE)
        # The owner, too, sees no row that is not in reach: a migration would pass them by in silence.
        with in_reach_of_session():
            super().handle(*args, **options)
        if connection.vendor == "postgresql" and settings.DATABASE_SITE_ROLE:
            grant_site_role(settings.DATABASE_SITE_ROLE)
