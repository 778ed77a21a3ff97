"""Debian's own browser, where it is installed."""

import shutil
from pathlib import Path


def chromium() -> str | None:
    installed = Path("/usr/bin/chromium")
    return str(installed) if installed.exists() else shutil.which("chromium")
