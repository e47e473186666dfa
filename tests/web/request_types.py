"""Every type that something from outside is decoded into, found in the source of `app/`."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct

import app
from tests.harness.described_api import EVENTS, OPERATIONS

Kind = Any

ROOT = Path(app.__file__).parent
# The functions that decode: the type is one of their arguments.
DECODERS = frozenset(
    {
        "from_json",
        "from_value",
        "from_fields",
        "convert",
        "decode",
        "form",
        "admin_form",
        "personal_form",
        "_sent",
        "query",
    }
)
DECODERS_CALLED = [f"{name}(" for name in DECODERS]


def request_types() -> dict[str, Kind]:
    """The types by where they are made, such as `app.chat.models:SendMessage`, or decoded."""
    bodies = (operation.body for operation in OPERATIONS)
    kinds = [kind for body in bodies for kind in (body, *get_args(body))]
    kinds += [event.request for table in EVENTS.values() for event in table.values()]
    found = {_name(kind): kind for kind in kinds if _is_type(kind)}
    for path in sorted(ROOT.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        # Every worker lists the tests of these types, and parsing all modules takes it a second.
        if not any(name in source for name in DECODERS_CALLED):
            continue
        module = ".".join(("app", *path.relative_to(ROOT).with_suffix("").parts))
        named = [name for call in _calls(ast.parse(source)) for name in _type_names(call)]
        if named:
            scope = vars(importlib.import_module(module.removesuffix(".__init__")))
            kinds = [scope.get(name) for name in named]
            found |= {f"{module}:{k.__name__}": k for k in kinds if k is not None and _is_type(k)}
    return found


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__name__}"


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name in DECODERS:
                yield node


def _type_names(call: ast.Call) -> list[str]:
    return [argument.id for argument in call.args if isinstance(argument, ast.Name)]


def _is_type(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, Struct) and value is not Struct


def parts(kind: Kind) -> Iterator[tuple[str, Any]]:
    """Everything that `kind` is made of, with where in it: `("members[]", StrType(…))`."""
    yield from _parts(msgspec.inspect.type_info(kind), "", ())


def _parts(
    info: msgspec.inspect.Type, path: str, within: tuple[type, ...]
) -> Iterator[tuple[str, Any]]:
    yield path, info
    match info:
        case msgspec.inspect.StructType() if info.cls not in within:
            for each in info.fields:
                name = f"{path}.{each.encode_name}".lstrip(".")
                yield from _parts(each.type, name, (*within, info.cls))
        case msgspec.inspect.UnionType():
            for one in info.types:
                yield from _parts(one, path, within)
        case msgspec.inspect.DictType():
            yield from _parts(info.key_type, f"{path}{{}}", within)
            yield from _parts(info.value_type, f"{path}{{}}", within)
        case msgspec.inspect.ListType():
            yield from _parts(info.item_type, f"{path}[]", within)
