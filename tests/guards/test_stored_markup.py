"""Markup in every text that can be stored: it is escaped on every page, and in every file that is markup."""

import re
import uuid

import pytest

from casereg.actions.case_changes import withdraw_case
from casereg.actions.drafts import save_draft
from casereg.actions.uploads import store_upload
from casereg.case_files import Table
from casereg.models import (
    Case,
    ExploitationForm,
    Industry,
    Nationality,
    Offer,
    ReferralSource,
    Region,
    User,
    VariableRow,
)
from casereg.quality import reference_findings
from tests.guards.access_world import build
from tests.guards.crawler import text_of
from tests.guards.test_access_table import ROWS
from tests.records import PERSON

pytestmark = pytest.mark.django_db

MARKUP = '{{7}}"><svg/onload=1><img src=x onerror=1>'
ESCAPED = "&lt;svg/onload=1&gt;&lt;img src=x onerror=1&gt;"
RAW = ("<svg/onload", "<img src=x", "'><svg", '"><svg/')


def marked(place: str) -> str:
    return f"{MARKUP}{place}"


@pytest.fixture
def world(db):
    """Where a rule would refuse the text, it stands there nevertheless, past the rule."""
    world = build()
    nora = world.users["of the region"]
    for model in _LABELLED:
        name = model.__name__.lower()
        words = {"label_sv": marked(f"label-{name}"), "label_en": marked(f"label-{name}")}
        if hasattr(model, "definition_sv"):
            words |= {"definition_sv": marked(f"definition-{name}"), "definition_en": "x"}
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(
                **{
                    k: v if "definition" in k or model is Nationality else f"{v}{row.pk}"[:80]
                    for k, v in words.items()
                }
            )
    User.objects.update(name=marked("person"))
    Offer.objects.update(reason=marked("offer"))
    withdrawn = Case.objects.standing().get(reference__endswith="-remarked")
    withdraw_case(case_id=withdrawn.pk, reason="other", note=marked("note"), by=nora)
    table = Table((marked("heading"), "b"), ((2, (marked("cell"), "x")),))
    headings = store_upload(name=f"{marked('file')}.csv", table=table, by=nora, region_code="nord")
    person = PERSON | {"sex": marked("word"), "reference": "x"}
    words = store_upload(
        name="b.csv", table=Table(tuple(person), ((2, tuple(person.values())),)), by=nora, region_code="nord"
    )
    wrong = PERSON | {"month": marked("month")}
    ready = store_upload(
        name="c.csv", table=Table(tuple(wrong), ((2, tuple(wrong.values())),)), by=nora, region_code="nord"
    )
    world.objects["headings"]["upload_id"] = headings.pk
    world.objects["words"]["upload_id"] = words.pk
    world.objects["ready"]["upload_id"] = ready.pk
    world.objects["withdrawn"]["case_id"] = withdrawn.pk
    number = uuid.uuid4()
    fields = {"reference": [marked("draft")], "incident": [marked("draft")]}
    save_draft(by=nora, number=number, page="case_register", about=None, fields=fields, region_code="nord")
    world.draft = number
    return world


# Where each of the texts is read.
_LABELLED = (ExploitationForm, Industry, Nationality, ReferralSource, VariableRow, Region)
PLACES = {
    "person", "offer", "note", "heading", "file", "word", "month", "draft",
    "definition-variablerow", "definition-industry",
    *(f"label-{model.__name__.lower()}" for model in _LABELLED),
}  # fmt: skip


def test_no_text_that_is_stored_is_markup_anywhere(world):
    met = set()
    for row in ROWS:
        for who in ("of the region", "of another", "analyst", "administrator"):
            if row.methods == "read" and row.answers[who] == "200":
                address = world.address(row.page, row.kind)
                address += f"?draft={world.draft}" if row.page == "case_register" else ""
                met |= places_met(world.clients[who].get(address), address)

    assert PLACES - met == set()


def places_met(response, address) -> set[str]:
    kind = response.headers["Content-Type"].partition(";")[0]
    content = b"".join(response) if response.streaming else response.content
    text = text_of(content)
    if kind in ("text/csv", "application/json"):
        # No markup: a browser keeps it as a file, whatever it holds.
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith("attachment"), address
        return set()
    for raw in RAW:
        assert raw not in text, address
    # Nor is any a template: what stands between braces stays as it is.
    assert text.count(ESCAPED) == len(re.findall(rf'7}}}}(?:&quot;|")&gt;{re.escape(ESCAPED)}', text)), (
        address
    )
    return {place for place in PLACES if f"{ESCAPED}{place}" in text}


def test_what_is_a_reference_takes_no_markup(world):
    for text in (MARKUP, "<svg>", "a<b", 'a"b', "a'b", "a&b"):
        assert list(reference_findings("reference", text))
