"""The browser tests share servers: which of them share one changes from run to run, so an account
or a room that a test makes has a name that no other test uses."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.harness.town import NAMES

MAKERS = {"settles": "account", "creates": "room", "opens": "room"}


def _texts(node: ast.expr, around: list[ast.For | ast.AsyncFor]) -> list[str]:
    """The names that an expression can stand for, as far as they are written down."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if not isinstance(node, ast.Name):
        return []
    loops = [
        loop.iter
        for loop in around
        if isinstance(loop.target, ast.Name) and loop.target.id == node.id
    ]
    return [
        each.value
        for found in loops
        if isinstance(found, ast.Tuple)
        for each in found.elts
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def made(tree: ast.AST, around: list[ast.For | ast.AsyncFor]) -> Iterator[tuple[str, str]]:
    """The accounts and rooms that are made on the shared server, each with its name."""
    for node in ast.iter_child_nodes(tree):
        within = [*around, node] if isinstance(node, ast.For | ast.AsyncFor) else around
        yield from made(node, within)
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="town"), attr=str(attr)), args=[first, *_]
            ) if attr in MAKERS:
                for text in _texts(first, within):
                    yield MAKERS[attr], text.casefold().replace(" ", "-")


def test_no_two_tests_make_an_account_or_a_room_of_one_name() -> None:
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for what in made(ast.parse(path.read_text(encoding="utf-8")), []):
            users[what].append(path.name)
    assert len(users) > 100
    # A list in which somebody is looked for by a part of the name would show both.
    alike = {name for kind, name in users if kind == "account" for n in NAMES if n in name}
    assert alike == set()
    assert {what: files for what, files in users.items() if len(files) > 1} == {}
