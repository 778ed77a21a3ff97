"""What the compiled requirement files pin."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = ("requirements.txt", "requirements-oidc.txt", "requirements-dev.txt")


def requirement_lines(file: Path) -> list[str]:
    """Each requirement with its hashes, as one line."""
    lines = [
        line for line in file.read_text().splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


def pinned(name: str) -> dict[str, str]:
    """Package and version of each line of one of `FILES`, packages in the spelling of PEP 503."""
    found = (re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", line) for line in requirement_lines(ROOT / name))
    return {canonical(match[1]): match[2] for match in found if match}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
