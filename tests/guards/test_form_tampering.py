"""Every field name of every model added to every form: nothing changes but what the form is for."""

from datetime import datetime
from uuid import UUID

import pytest
from django.apps import apps
from django.db import transaction

from casereg.models import User
from tests.guards.access_world import SENT, build
from tests.guards.test_access_table import ROWS, fingerprint

pytestmark = pytest.mark.django_db

FIELD_NAMES = {
    name
    for model in apps.get_app_config("casereg").get_models()
    for field in model._meta.get_fields()
    for name in (field.name, getattr(field, "attname", field.name))
}
# What no form may decide, with values that would be felt.
WANTED = {
    "region": "syd", "region_id": "syd", "from_region": "mitt", "registered_by": "1", "registered_by_id": "1",
    "registered_at": "2020-01-01", "withdrawn_at": "2020-01-01", "is_active": "on", "role": "administrator",
    "year": "2019", "id": "1", "pk": "1", "state": "accepted", "first_year": "2018", "last_year": "2020",
    "position": "99", "hash": "0", "sequence": "9", "by": "1", "actor": "1", "password": "x", "case": "1",
}  # fmt: skip
SENDERS = [
    (row.page, row.kind, next(who for who, answer in row.answers.items() if answer == "302"))
    for row in ROWS
    if row.methods == "send" and "302" in row.answers.values() and row.page in SENT
]


def stored_by(world, page, kind, who, extra):
    """Every table after the form was sent, without what is random or the time of day."""
    known = numbers_of_users()
    with transaction.atomic():
        response = world.clients[who].post(world.address(page, kind), extra | SENT[page])
        after, added = fingerprint(), numbers_of_users() - known
        transaction.set_rollback(True)
    return response.status_code, without_chance(after, added)


def numbers_of_users():
    return set(User.objects.values_list("pk", flat=True))


def without_chance(stored, added):
    """`added`: the numbers of users who were added, by which their mails know them."""

    def kept(value, table):
        if table == "casereg_outgoingmail" and value in added:
            return "to somebody who was added"
        if isinstance(value, str):
            is_moment = value[:2] == "20" and ":" in value
            # An id, or the password of somebody who has none yet.
            is_random = len(value) in (32, 36) or value.startswith("!")
            return None if is_moment or is_random else value
        return None if isinstance(value, datetime | UUID) else value

    def rows_without(table, rows):
        # A row's own number goes on counting when a transaction is rolled back, and with it who refers to it.
        numbers = 2 if table == "casereg_submission_persons" else 1
        return sorted((tuple(kept(value, table) for value in row[numbers:]) for row in rows), key=repr)

    return {table: rows_without(table, rows) for table, rows in stored.items()}


@pytest.mark.parametrize(("page", "kind", "who"), SENDERS)
def test_added_fields_change_nothing(page, kind, who):
    world = build()
    added = {name: WANTED.get(name, "1") for name in FIELD_NAMES | WANTED.keys()}
    extra = {name: value for name, value in added.items() if name not in SENT[page]}
    # Optional fields of the form itself are no tampering.
    for own in ("reference", "children_in_sweden_unknown", "children_abroad_unknown", "note"):
        extra.pop(own, None)

    assert stored_by(world, page, kind, who, extra) == stored_by(world, page, kind, who, {})
