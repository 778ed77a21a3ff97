"""docs/licences.md: the licence of each package, as the package itself says. `--check` changes nothing."""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from tests.guards.pinned import ROOT, pinned

PAGE = ROOT / "docs" / "licences.md"

# What may be used unchanged as a library beside code under this project's licence.
ALLOWED = {
    "0BSD", "Apache-2.0", "Artistic-1.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC",
    "LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
# Where the package says it only in words of its own.
SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Artistic License": "Artistic-1.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
NOT_SAID = "not said by the package"
# Read by hand in the files of the package: its own code, and axe-core, which it brings along.
READ_BY_HAND = {"axe-playwright-python": "MIT AND MPL-2.0"}
NOT_INSTALLED = "not installed on Linux"

HEAD = """# Licences
What each package says of itself, by `make licences`; `make check` fails where this page is stale or names a
licence that is not allowed (`tests/guards/licences.py` has the list). No package is changed or copied here.
"""


def licence_of(package: Distribution) -> str:
    """An SPDX expression where the package has one, else its words, brought to SPDX where they are known."""
    said = package.metadata
    if expression := said.get("License-Expression"):
        return expression
    words = (said.get("License") or "").strip()
    if words and "\n" not in words and len(words) <= 40 and words != "UNKNOWN":
        return SPELLINGS.get(words, words)
    classes = [
        name.rpartition(" :: ")[2] for name in said.get_all("Classifier") or () if name[:7] == "License"
    ]
    return " AND ".join(SPELLINGS.get(name, name) for name in classes) or NOT_SAID


def is_allowed(licence: str) -> bool:
    """Of licences that hold together all, of those that one may choose from one, is allowed."""
    return all(ALLOWED & set(choice.strip("() ").split(" OR ")) for choice in licence.split(" AND "))


def licences(name: str, stored: dict[str, str]) -> dict[str, str]:
    """Of what this platform does not install, what the page said before."""
    found = {}
    for package in pinned(name):
        try:
            said = READ_BY_HAND.get(package) or licence_of(distribution(package))
        except PackageNotFoundError:
            said = stored.get(package, NOT_INSTALLED)
        found[package] = said
    return found


def page() -> str:
    stored = stored_licences()
    site = licences("requirements.txt", stored)
    oidc = licences("requirements-oidc.txt", stored)
    dev = licences("requirements-dev.txt", stored)
    return "\n".join(
        [
            HEAD,
            *_table("What the site runs with", site),
            *_table("With log-in by the agency's provider besides", _without(oidc, site)),
            *_table("For tests and checks only", _without(dev, oidc)),
        ]
    )


def _without(packages: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    return {name: licence for name, licence in packages.items() if name not in others}


def _table(title: str, packages: dict[str, str]) -> list[str]:
    rows = [f"| {name} | {licence} |" for name, licence in sorted(packages.items())]
    return [f"## {title}", "| package | licence |", "|---|---|", *rows, ""]


def stored_licences() -> dict[str, str]:
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE) if PAGE.exists() else []
    return {name: licence for name, licence in rows if name != "package"}


def problems(written: str) -> list[str]:
    """What is stale or not allowed, in words."""
    found = (
        []
        if PAGE.exists() and PAGE.read_text() == written
        else [f"{PAGE.name} is stale: run `make licences`"]
    )
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", written, re.MULTILINE)
    return found + [
        f"{name} is under a licence that is not allowed: {licence}"
        for name, licence in rows
        if name != "package" and licence != NOT_INSTALLED and not is_allowed(licence)
    ]


def main() -> int:
    written = page()
    if "--check" not in sys.argv:
        PAGE.write_text(written)
    found = problems(written)
    sys.stdout.write("\n".join(found or ["The licences are listed and allowed."]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
