"""Every regular expression of ours, with 50,000 hostile characters of any shape: under 50 ms each."""

import ast
import importlib
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from casereg.access import routes

ROOT = Path(__file__).resolve().parent.parent.parent
LENGTH = 50_000
MOST = 0.050  # seconds
METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
# What stands in JavaScript is met by its own browser's text alone: a host's name, a number of a table, a
# passkey's answer. A new one is to be looked at here.
IN_SCRIPTS = {r"/-/g", r"/_/g", r"/\+/g", r"/\//g", r"/=+$/", r"/^[\d.]+$|^\[/", r"/\D/g"}
_IN_SCRIPT = re.compile(r"/(?![/*])(?:\\.|[^/\n\\])+/[a-z]*(?=[,.)])")


@dataclass(frozen=True)
class Found:
    place: str
    pattern: re.Pattern[str]
    methods: frozenset[str]

    def __str__(self) -> str:
        return self.place


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("casereg", "stats"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            # Settings modules of other deployments and migrations are run by nobody's text.
            if "migrations" not in path.parts and re.search(r"\bre\.|RegexValidator|from re ", text):
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts), ast.parse(text)


@cache
def all_found() -> Sequence[Found]:
    return [found for name, tree in modules() for found in of_module(name, tree)]


def of_module(name: str, tree: ast.Module) -> Iterator[Found]:
    """What is compiled, by the name that keeps it, and what is used where it stands."""
    names = vars(importlib.import_module(name))
    calls = [(node, node.func.attr) for node in ast.walk(tree) if _is_call_of_re(node)]
    used = _methods_by_name(tree)
    kept = [(kept_as, pattern) for kept_as, value in names.items() for pattern in _in(value)]
    compiled = sum(called == "compile" for _node, called in calls)
    assert compiled <= len(kept), f"{name}: a pattern is compiled and kept where this test does not look"
    for kept_as, pattern in kept:
        methods = used.get(kept_as) or used.get("pattern")
        assert methods, f"{name}: nothing is asked of {kept_as}"
        yield Found(f"{name} {kept_as} {pattern.pattern[:30]}", pattern, frozenset(methods))
    for node, called in calls:
        if called in METHODS:
            pattern = re.compile(_value(node.args[0], names), re.DOTALL)
            yield Found(f"{name}:{node.lineno}", pattern, frozenset({called}))


def _in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _in(each)
    elif isinstance(value, dict):
        yield from _in(list(value.values()))


def _methods_by_name(tree: ast.Module) -> dict[str, set[str]]:
    """Methods by constant: of `_MONTH.fullmatch(…)`, `_OF[name].match(…)`; in a loop, of `pattern`."""
    used: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in METHODS:
            of = node.value.value if isinstance(node.value, ast.Subscript) else node.value
            if isinstance(of, ast.Name):
                used.setdefault(of.id, set()).add(node.attr)
    return used


def _value(node: ast.expr, names: dict[str, object]) -> str:
    """A pattern that is written where it is used, also with constants of its module in it."""
    written = compile(ast.Expression(node), "a pattern", "eval")
    return str(eval(written, names))  # noqa: S307 - of our own source


def _is_call_of_re(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_re(node.func.value)


def _is_re(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "re"


# --- Hostile text --------------------------------------------------------------------------------

ALWAYS = (
    "a",
    "0",
    " ",
    "-",
    ".",
    "A1",
    "ab-",
    "2023-",
    "0701-",
    "å",
    "\N{NO-BREAK SPACE}",
    "\t\n",
    "@",
    "((",
    "\\",
)


def hostile(pattern: str) -> Iterator[str]:
    """Long runs of what the pattern speaks of, alone and in twos, ending in what it does not."""
    spoken_of = sorted(set(re.findall(r"[^\W_]|[-,.;:/ @+]", pattern)) - {"P"})[:12]
    words = sorted(set(re.findall(r"[a-zåäö]{2,}", pattern)))[:6]
    pieces = [
        *ALWAYS,
        *spoken_of,
        *words,
        *(f"{word} " for word in words),
        *map("".join, pairwise(spoken_of)),
    ]
    for piece in dict.fromkeys(pieces):
        run = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
        yield run
        yield run[:-1] + "!"
        yield f"{words[0] if words else '1'} {run[:-10]}\x00"


def slowest(pattern: re.Pattern[str], methods: Iterable[str]) -> tuple[float, str, str]:
    """Seconds, method and text of the worst case; of what is not quick at once, the best of three."""
    worst = (0.0, "", "")
    of_bytes = isinstance(pattern.pattern, bytes)
    for text in hostile(pattern.pattern.decode() if of_bytes else pattern.pattern):
        sent = text.encode() if of_bytes else text
        for method in methods:
            arguments = ("", sent) if method in ("sub", "subn") else (sent,)
            taken = min(_timed(pattern, method, arguments))
            worst = max(worst, (taken, method, text[:20]))
            if taken > MOST:
                return worst
    return worst


def _timed(pattern: re.Pattern[str], method: str, arguments: tuple[str, ...]) -> Iterator[float]:
    for _attempt in range(3):
        began = time.process_time()
        found = getattr(pattern, method)(*arguments)
        if method == "finditer":
            deque(found, maxlen=0)
        taken = time.process_time() - began
        yield taken
        if not MOST < taken < 10 * MOST:  # once more only where it may have been the machine
            return


@pytest.mark.parametrize("found", all_found(), ids=str)
def test_no_pattern_takes_long(found):
    seconds, method, text = slowest(found.pattern, found.methods)

    assert seconds < MOST, f"{method} of {text!r}…"


def test_a_pattern_that_takes_long_is_found():
    seconds, _method, _text = slowest(re.compile(r"a*a*!!"), ["match"])

    assert seconds > MOST


def test_there_are_patterns_of_every_kind():
    places = " ".join(map(str, all_found()))
    for module in ("casereg.quality", "casereg.file_mapping _WRITTEN", "casereg.trail_wording _PARTS"):
        assert module in places
    assert len(all_found()) > 40


def test_patterns_are_nowhere_else():
    """No validator, no look-up in the database and no field of a page has one that is not tried here."""
    for path in [*ROOT.glob("casereg/**/*.py"), *ROOT.glob("stats/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"RegexValidator|__i?regex|from re import|import regex", text), path
    for path in ROOT.glob("templates/**/*.html"):
        assert " pattern=" not in path.read_text(encoding="utf-8"), path


def test_patterns_of_scripts_are_those_that_were_looked_at():
    scripts = [path.read_text(encoding="utf-8") for path in ROOT.glob("casereg/static/casereg/*.js")]
    assert scripts
    written = {found for text in scripts for found in _IN_SCRIPT.findall(re.sub(r"//.*", "", text))}
    assert written <= IN_SCRIPTS
    assert not any("RegExp" in text for text in scripts)


@pytest.mark.parametrize("piece", ["a", "0", "-", "a/", "0-", "cases/", "statistics/2023/", "%0A", "å"])
def test_no_address_takes_long_to_be_found(piece):
    path = "/" + (piece * LENGTH)[:LENGTH]
    began = time.process_time()
    with pytest.raises(Resolver404):
        resolve(path)

    assert time.process_time() - began < MOST * len(list(routes()))
