"""The functions of `app/` that look into a text, found in the source: those that use a pattern,
normalise, parse an address, a number or a date, or hand a text to a parser."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import app

ROOT = Path(app.__file__).parent
# These read files and settings of the operator's, and what Parley itself wrote.
NOT_FROM_OUTSIDE = (
    "cli/",
    "storage/",
    "settings_loader.py",
    "setting_problems.py",
)
PATTERN_METHODS = frozenset(
    {"match", "fullmatch", "search", "sub", "subn", "findall", "finditer", "split"}
)
PARSERS = frozenset(
    {
        *("normalize", "urlsplit", "urlparse", "parse_qs", "parse_qsl", "unquote", "URL"),
        *("ip_address", "ip_network", "IPv4Address", "IPv6Address"),
        *("b64decode", "urlsafe_b64decode", "loads", "fromisoformat", "parsedate_to_datetime"),
        *("casefold", "category", "decode", "parse", "emoji_list", "is_emoji"),
        *("split", "rsplit", "partition", "rpartition", "splitlines"),
    }
)


def readers() -> set[str]:
    """Their names, such as `app.text_checks:line`."""
    return {name for path in sorted(ROOT.rglob("*.py")) for name in _readers_of(path)}


def _readers_of(path: Path) -> Iterator[str]:
    inside = path.relative_to(ROOT).as_posix()
    if inside.startswith(NOT_FROM_OUTSIDE):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = "app." + inside.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for name, function in _functions(tree):
        if any(_reads(call) for call in ast.walk(function) if isinstance(call, ast.Call)):
            yield f"{module}:{name}"


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{node.name}.{each.name}", each


def _reads(call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in PARSERS
    if not isinstance(function, ast.Attribute):
        return False
    is_pattern = function.attr in PATTERN_METHODS and _is_constant(function.value)
    return is_pattern or function.attr in PARSERS


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and bool(re.fullmatch(r"_?[A-Z][A-Z0-9_]*|re", value.id))
