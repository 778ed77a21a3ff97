"""The project's programs as other programs call them: a process, its environment, its exit status."""

import os
import subprocess
import sys
from pathlib import Path

from tests.databases import database_url

ROOT = Path(__file__).resolve().parent.parent


def python(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python beside manage.py with nothing of ours set but `environment`."""
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=own | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def manage(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command on the test database, as a script would call it. Needs `committed_db`."""
    return python("manage.py", *arguments, DATABASE_URL=database_url())
