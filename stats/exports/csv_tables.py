"""Tables as CSV, one row a cell: a code and a label for each dimension, the value, SDMX status codes."""

import csv
import io

from casereg.codebook import CodeBook
from stats.disclosure.protect import ProtectedTable
from stats.labels import code_label

# SDMX confidentiality status: not for publication, or free.
_INTERNAL, _FREE = "N", "F"
# What a spreadsheet takes for the beginning of a formula, quotes or not.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_file(table: ProtectedTable, codebook: CodeBook) -> bytes:
    """UTF-8, comma, one header row. `status` is blank where there is a number; `conf_status` N: internal."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(table.codes)
    header = [column for name in names for column in ([name] if name == "year" else [name, f"{name}_label"])]
    writer.writerow([*header, "value", "status", "conf_status"])
    for key, cell in zip(table.keys_in_order(), table.in_order(), strict=True):
        row = []
        for name, code in zip(names, key, strict=True):
            row += [code] if name == "year" else [code, _no_formula(code_label(name, code, codebook))]
        writer.writerow(
            [
                *row,
                "" if cell.value is None else cell.value,
                cell.status.value if cell.status else "",
                _INTERNAL if table.internal else _FREE,
            ]
        )
    return text.getvalue().encode()


def _no_formula(label: str) -> str:
    return f"'{label}" if label.startswith(_FORMULA) else label
