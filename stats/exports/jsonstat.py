"""Tables as JSON-stat 2.0 datasets, key figures as one object. https://json-stat.org/full/"""

import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from casereg.codebook import CodeBook
from stats.definitions import YEAR
from stats.disclosure.protect import ProtectedTable, ProtectedYear
from stats.labels import SYMBOLS, code_label, dimension_label


def table_file(table: ProtectedTable, codebook: CodeBook, *, notes: Sequence[str] = ()) -> bytes:
    return _as_json(dataset(table, codebook, notes=notes))


def dataset(table: ProtectedTable, codebook: CodeBook, *, notes: Sequence[str] = ()) -> dict[str, Any]:
    """The table as a JSON-stat dataset: `value` dense, row-major; `status` by flat index.

    `notes`: those of what is shown, beside the definition's.
    """
    definition = table.definition
    cells = table.in_order()
    statuses = {str(index): cell.status.value for index, cell in enumerate(cells) if cell.status is not None}
    content: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": gettext(definition.title),
        "source": gettext("The regional coordinators' case register"),
        "id": list(table.codes),
        "size": [len(codes) for codes in table.codes.values()],
        "role": {"time": [YEAR]},
        "dimension": {
            name: {
                "label": dimension_label(name, definition.dimensions),
                "category": {
                    "index": list(codes),
                    "label": {code: code_label(name, code, codebook) for code in codes},
                },
            }
            for name, codes in table.codes.items()
        },
        "value": [cell.value for cell in cells],
    }
    if statuses:
        content["status"] = statuses
    if definition.note or notes:
        content["note"] = [*([gettext(definition.note)] if definition.note else []), *notes]
    content["extension"] = {
        "population": gettext(definition.population.label),
        "protection": table.protection.value,
        "internal": table.internal,
        **table.notes,
    }
    if statuses:
        content["extension"]["status"] = {
            status.value: str(meaning)
            for status, (_symbol, meaning) in SYMBOLS.items()
            if status.value in statuses.values()
        }
    return content


def key_figures_file(year: ProtectedYear) -> bytes:
    """`{id: {value, numerator, denominator, label, definition}}`; `status` L where it was not collected."""
    return _as_json(
        {
            figure.definition.id: {
                "value": figure.value,
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "label": gettext(figure.definition.label),
                "definition": gettext(figure.definition.definition),
                **({"status": figure.status.value} if figure.status else {}),
            }
            for figure in year.key_figures
        }
    )


def _as_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
