"""SQL that differs between PostgreSQL and SQLite, as one migration operation."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class SQLByVendor(Operation):
    """Run a list of statements per database; both must be given, so that neither lacks a rule."""

    reversible = False

    def __init__(self, *, postgresql: list[str], sqlite: list[str]) -> None:
        self.postgresql = postgresql
        self.sqlite = sqlite

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing that Django keeps a record of."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in getattr(self, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return "Run SQL written for each database"
