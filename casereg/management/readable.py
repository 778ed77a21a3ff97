"""How every command fails: one readable line per problem on standard error, a non-zero exit, no traceback."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from casereg.row_security import Reach, within


class Problems(CommandError):
    """What went wrong, one line each. Put into words one by one: there may be a million."""

    def __init__(self, lines: Sequence[object]) -> None:
        super().__init__(lines)
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))


def year(text: str) -> int:
    """A year as an argument: four digits."""
    if len(text) != 4 or not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is not a year, such as 2023")
    return int(text)


class ReadableCommand(BaseCommand):
    """A command says which rows of cases it needs: `reach` is `EVERYTHING`, or None where it needs none.

    On PostgreSQL what it reaches is one transaction, and without it there are no rows.
    """

    reach: ClassVar[Reach | None]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "reach" not in vars(cls):
            raise TypeError(f"{cls.__module__} does not say which rows of cases it reaches")

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **options)
        # One line says what is wrong; --help shows the rest.
        parser.print_usage = lambda *_arguments: None  # type: ignore[method-assign]
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with within(self.reach) if self.reach else nullcontext():
                return super().execute(*args, **options)
        except DatabaseError as error:
            first_line = str(error).strip().splitlines()[0]
            problems = Problems(
                [f"The database refused: {first_line}. Is it reachable, and has `migrate` been run?"]
            )
        except Problems as raised:
            problems = raised
        if not getattr(self, "_called_from_command_line", False):
            raise problems
        for line in problems.lines:
            self.stderr.write(str(line))
        sys.exit(1)
