"""Whatever the history of a post tells, it tells in a sentence of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.journal.queries import SAID_BY_A_REVISION

ROOT = Path(__file__).parents[2]
SENTENCES = ROOT / "templates" / "journal" / "_entry.html"


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            yield node.func.id, node


def has(call: ast.Call, name: str) -> bool:
    """A keyword that is given, and not as False; one that is handed on as `**` may be any."""
    given = [each.value for each in call.keywords if each.arg == name]
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in given)


def is_told(call: ast.Call) -> bool:
    """On the page of a post, to everyone who may see it."""
    return has(call, "is_public") and (has(call, "post_id") or any(each.arg is None for each in call.keywords))


def recorders(tree: ast.Module) -> dict[str, bool]:
    """Functions that record the action that they are given, and whether all that they record is public."""
    found = {}
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for name, call in calls(function):
            first, own = call.args[0], function.args.args[:1]
            if name == "record" and isinstance(first, ast.Name) and own and first.id == own[0].arg and is_told(call):
                public = next(each.value for each in call.keywords if each.arg == "is_public")
                found[function.name] = isinstance(public, ast.Constant)
    return found


def told_actions() -> Iterator[tuple[str, str]]:
    """Where, and what; an action that is worked out has no name to look for."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text())
        passing_on = recorders(tree)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for name, call in calls(function):
                is_direct = name == "record" and function.name not in passing_on and is_told(call)
                is_passed = name in passing_on and (passing_on[name] or has(call, "is_public"))
                if is_direct or is_passed:
                    first = call.args[0]
                    yield path.name, first.value if isinstance(first, ast.Constant) else "(worked out)"


def test_every_public_action_has_its_sentence() -> None:
    told = {action for _, action in told_actions()} - {*SAID_BY_A_REVISION}
    sentences = set(re.findall(r'"(\w+)": _\(', SENTENCES.read_text()))
    assert {"team_left", "question_closed", "answer_unaccepted", "answer_endorsed"} <= told
    assert told - sentences == set(), "These need a sentence in templates/journal/_entry.html."
    assert sentences - told == set(), "Nothing records these."
