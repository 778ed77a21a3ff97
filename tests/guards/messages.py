"""Translations: collect the texts of the source, and compile what is translated. `--check` changes nothing.

Collecting needs GNU gettext's programs; compiling does not.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUE = Path("locale/sv/LC_MESSAGES/django.po")
SOURCES = ("casereg", "stats", "templates", "locale", "manage.py")


def compiled(po_file: Path) -> bytes:
    return polib.pofile(str(po_file)).to_binary()


def collect(folder: Path) -> None:
    """Bring the catalogue in a copy of the sources up to date with their texts."""
    options = ["--locale=sv", "--no-location", "--no-obsolete", "--verbosity=0"]
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", *options],
        cwd=folder,
        env={**os.environ, "CASEREG_ENV": "development", "DJANGO_SETTINGS_MODULE": "casereg.settings"},
        check=True,
    )


def texts(po_file: Path) -> set[tuple[str, str, str]]:
    return {(e.msgctxt or "", e.msgid, e.msgid_plural) for e in polib.pofile(str(po_file))}


def problems() -> list[str]:
    """What is stale or missing, in words."""
    catalogue = polib.pofile(str(ROOT / CATALOGUE))
    found = [f"not translated: {entry.msgid!r}" for entry in catalogue.untranslated_entries()]
    found += [f"translation to be confirmed (fuzzy): {entry.msgid!r}" for entry in catalogue.fuzzy_entries()]
    if (ROOT / CATALOGUE).with_suffix(".mo").read_bytes() != compiled(ROOT / CATALOGUE):
        found.append("django.mo is not what django.po compiles to: run `make messages`")
    if shutil.which("xgettext") is None:
        print("GNU gettext was not found: the texts of the source were not compared with django.po.")
        return found
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in SOURCES:
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, folder / source)
        collect(folder)
        fresh, stored = texts(folder / CATALOGUE), texts(ROOT / CATALOGUE)
    found += [f"missing from django.po: {text[1]!r}" for text in sorted(fresh - stored)]
    found += [f"in django.po, but nowhere in the source: {text[1]!r}" for text in sorted(stored - fresh)]
    return found


def main() -> int:
    if "--check" in sys.argv:
        found = problems()
        print("\n".join(found) or "The translations are complete and compiled.")
        return 1 if found else 0
    collect(ROOT)
    (ROOT / CATALOGUE).with_suffix(".mo").write_bytes(compiled(ROOT / CATALOGUE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
