"""SQL that differs between PostgreSQL and SQLite, as one migration operation."""

from django.db.migrations.operations.base import Operation


class SQLByVendor(Operation):
    """Run a list of statements per database; both must be given, so that neither lacks a rule."""

    reversible = False

    def __init__(self, *, postgresql: list[str], sqlite: list[str]) -> None:
        self.postgresql = postgresql
        self.sqlite = sqlite

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for statement in getattr(self, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def describe(self):
        return "Run SQL written for each database"
