"""The trail in words: no action is appended without, and what is unknown stands as it is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from casereg.models import AuditEvent, User
from casereg.stored_codebook import load_codebook
from casereg.trail_wording import KNOWN_ACTIONS, EventInWords, events_in_words

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = [
    path
    for app in ("casereg", "stats")
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
]

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Actions:
    """The actions that the code hands to `AuditEvent.objects.append`, also through functions of its own.

    Where it cannot tell which, it says where, so that no action goes by unseen.
    """

    def __init__(self) -> None:
        self.modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
        self.parents = {
            child: node
            for tree in self.modules.values()
            for node in ast.walk(tree)
            for child in ast.iter_child_nodes(node)
        }

    def appended(self) -> Iterator[str]:
        """Each action; of one that is put together, a pattern."""
        for path, call in self._calls():
            if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "AuditEvent.objects.append":
                [action] = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
                yield from self._values(action, path)

    def _calls(self) -> Iterator[tuple[Path, ast.Call]]:
        for path, tree in self.modules.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    yield path, node

    def _values(self, value: ast.expr, path: Path) -> Iterator[str]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield re.escape(value.value)
        elif isinstance(value, ast.IfExp):
            yield from self._values(value.body, path)
            yield from self._values(value.orelse, path)
        elif isinstance(value, ast.JoinedStr):
            yield "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z_]+"
                for part in value.values
            )
        elif isinstance(value, ast.Name) and (function := self._function_of(value, value.id)):
            yield from self._handed_in(function, value.id, path)
        else:
            raise AssertionError(f"{path}:{value.lineno}: which action is {ast.unparse(value)}?")

    def _function_of(self, node: ast.AST, parameter: str) -> Function | None:
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, Function):
                names = [each.arg for each in [*node.args.args, *node.args.kwonlyargs]]
                return node if parameter in names else None
        return None

    def _handed_in(self, function: Function, parameter: str, path: Path) -> Iterator[str]:
        arguments = function.args
        positional = [each.arg for each in arguments.args if each.arg not in ("self", "cls")]
        defaults = dict(
            zip([each.arg for each in arguments.args][::-1], arguments.defaults[::-1], strict=False)
        )
        defaults |= {
            each.arg: default
            for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        }
        if parameter in defaults:
            yield from self._values(defaults[parameter], path)
        for place, call in self._calls():
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name != function.name or (name.startswith("_") and place != path):
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            given |= dict(zip(positional, call.args, strict=False))
            if parameter in given:
                yield from self._values(given[parameter], place)


def test_every_action_that_the_code_appends_has_words():
    appended = set(Actions().appended())

    assert {"case_register", "user_add", "trail_read", "log_in"} <= appended  # they are found at all
    assert not [
        action for action in appended if not any(re.fullmatch(action, known) for known in KNOWN_ACTIONS)
    ]


def in_words(reader: User, **fields: object) -> EventInWords:
    usual = {"by": None, "action": "read", "object": "it"}
    event = AuditEvent.objects.append(**usual | fields)
    with translation.override("en"):
        [shown] = events_in_words([event], load_codebook(), reader=reader)
    return shown


@pytest.mark.parametrize(
    ("object", "words"),
    [
        ("case 0f", "case 0f"),
        ("incident 0f, 1 cases", "incident 0f, 1 case"),
        ("incident 0f, 12 cases", "incident 0f, 12 cases"),
        ("offer 1 of case 2", "offer 1 of case 2"),
        ("pair 1 2", "pair 1 2"),
        ("3 pairs like 1 2", "3 pairs like 1 2"),
        ("2 pairs, pair 1 2", "2 pairs, pair 1 2"),
        ("judged pairs page 2", "the judged pairs, page 2"),
        ("cases page 2", "the list of cases, page 2"),
        ("cases to mend page 3", "the cases to mend, page 3"),
        ("upload 7, 1 rows", "upload 7, 1 row"),
        ("all years, 2 cases", "all years, 2 cases"),
        ("7 users, 1 published counts", "7 users, 1 published total"),
        ("form-by-person 2023 as csv, exact", "form-by-person 2023 as csv, exact"),
        ("cell form-by-person 2023 sex=male", "the cases behind a number: form-by-person 2023 sex=male"),
        ("region nord", "region Nord"),
        ("region atlantis", "region atlantis"),
        ("form labour", "form of exploitation: labour"),
        ("form a_value_of_once", "form of exploitation: a_value_of_once"),
        ("variable sex 2027", "sex, from 2027"),
        ("user 9999999", "user 9999999"),
        ("user 99999999999999999999", "user 99999999999999999999"),
        ("trail, 2026-10-01–, kind people, denied, no region, before 7",
         "the trail, 2026-10-01–, People and rights, refused only, no region, before event 7"),
        ("trail review, no region, 2026-10", "the monthly review, no region, 2026-10"),
        ("something of long ago, {with} %s", "something of long ago, {with} %s"),
    ],
)  # fmt: skip
def test_an_object_is_put_in_words_part_by_part(database, administrator, object, words):
    assert in_words(administrator, object=object).object == words


def test_users_are_named_and_the_address_of_a_refusal_stands_as_it_was(database, administrator):
    user = f"user {administrator.pk}"

    assert in_words(administrator, object=user).object == f"{user} (Adam Admin)"
    assert (
        in_words(administrator, object=f"{user}, second factor").object
        == f"{user} (Adam Admin), second factor"
    )
    assert in_words(administrator, object=f"cover 3 of {user}").object == f"cover 3, {user} (Adam Admin)"
    refused = in_words(administrator, action="access_denied", object=f"GET /x, {user}")
    assert refused.object == f"GET /x, {user}"


def test_fields_stand_with_their_labels(database, administrator):
    shown = in_words(administrator, fields=["joint_inspection", "role", "a_field_of_once"])

    assert shown.fields == "a_field_of_once, identified in a joint inspection, role"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("into industry beauty", "into “beauty and body care”"),
        ("of form labour", "of “labour”"),
        ("of form a_value_of_once", "of “a_value_of_once”"),
        ("instead of form labour", "instead of “labour”"),
        ("into sex male", "into sex male"),
        ("county 12", "Skåne County"),
        ("county 99", "county 99"),
        ("from 2027", "from 2027 on"),
        ("until 2026", "until 2026"),
        ("until 20267", "until 20267"),
    ],
)
def test_what_came_and_went_in_a_list_or_a_region_is_named(database, administrator, field, words):
    assert in_words(administrator, fields=[field]).fields == words


@pytest.mark.parametrize(
    ("fields", "who", "action"),
    [
        ({"action": "cases_import"}, "The system", "Imported a case file"),
        ({"action": "log_in", "outcome": "denied"}, "Somebody not logged in", "Tried to log in"),
        ({"action": "link_ask"}, "Somebody not logged in", "Asked for a link to choose a password"),
        ({"action": "did_something_once"}, "The system", "Did_something_once"),
    ],
)
def test_whoever_is_no_user_is_told_apart(database, administrator, fields, who, action):
    shown = in_words(administrator, **fields)

    assert (shown.who, shown.action, shown.role) == (who, action, "")
