"""Tables as CSV, one row a cell: a code and a label for each dimension, then

`value`, blank where there is none; `status`, SDMX's, why there is none; `conf_status`, N for internal;
`source`, `counted` from records or `published` before there were any; `note`, what to know of the number.
"""

import csv
import io

from casereg.inert_text import inert
from stats.disclosure.protect import ProtectedTable
from stats.labels import code_label
from stats.pages import persons_without_number
from stats.shown_year import ShownYear

# SDMX confidentiality status: not for publication, or free.
_INTERNAL, _FREE = "N", "F"
_COUNTED, _PUBLISHED = "counted", "published"


def table_file(table: ProtectedTable, shown: ShownYear) -> bytes:
    """UTF-8 with a byte-order mark, without which spreadsheets misread å, ä and ö; comma, one header row."""
    text, codebook, basis = io.StringIO(), shown.codebook, shown.published_basis
    of_table = [*shown.list_notes.get(table.definition.id, ()), *persons_without_number(table.notes)]
    writer = csv.writer(text, lineterminator="\n")
    names = list(table.codes)
    header = [column for name in names for column in ([name] if name == "year" else [name, f"{name}_label"])]
    writer.writerow([*header, "value", "status", "conf_status", "source", "note"])
    for key, cell in zip(table.keys_in_order(), table.in_order(), strict=True):
        row = []
        published = key[0] in table.published_years
        note = " ".join([*([basis[key[0]]] if published and key[0] in basis else []), *of_table])
        for name, code in zip(names, key, strict=True):
            row += [code] if name == "year" else [code, inert(code_label(name, code, codebook))]
        writer.writerow(
            [
                *row,
                "" if cell.value is None else cell.value,
                cell.status.value if cell.status else "",
                _INTERNAL if table.internal else _FREE,
                _PUBLISHED if published else _COUNTED,
                inert(note),
            ]
        )
    return text.getvalue().encode("utf-8-sig")
