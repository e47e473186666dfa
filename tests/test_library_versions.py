"""Parley refuses other versions of the libraries that it overrides parts of.

The modules that do so are found in the code: they make a class of a library's class, name what is
private in a library, or set an attribute of one.
"""

import ast
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import pytest

from app import library_versions

ROOT = Path(__file__).parents[1]
LIBRARIES = {
    "aiohttp": "aiohttp",
    "engineio": "python-engineio",
    "pymongo": "pymongo",
    "redis": "redis",
    "socketio": "python-socketio",
}
# Public classes whose only purpose is that one makes classes of them.
MADE_FOR_IT = {"AbstractResolver", "socketio.AsyncNamespace"}


def names_of_libraries(tree: ast.Module) -> dict[str, str]:
    """The names that a module imports from the libraries, with the library of each."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                found[alias.asname or package] = package
        elif isinstance(node, ast.ImportFrom):
            package = (node.module or "").partition(".")[0]
            found |= {alias.asname or alias.name: package for alias in node.names}
    return {name: LIBRARIES[package] for name, package in found.items() if package in LIBRARIES}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def overridden(source: str) -> set[str]:
    """The libraries that a module overrides or uses private parts of.

    An object's class is not known here, so that a private attribute of another object counts for
    all libraries that the module imports.
    """
    tree = ast.parse(source)
    names = names_of_libraries(tree)
    parts = [part for node in ast.walk(tree) for part in touched(node)]
    found = {names[part.id] for part in map(origin, parts) if part.id in names}
    if any(isinstance(node, ast.Attribute) and is_of_another(node) for node in ast.walk(tree)):
        found |= set(names.values())
    return found | {
        LIBRARIES[module.partition(".")[0]]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (module := node.module or "")
        if module.partition(".")[0] in LIBRARIES
        if any(is_private(name) for name in [*module.split("."), *(a.name for a in node.names)])
    }


def touched(node: ast.AST) -> list[ast.expr]:
    """The bases of a class, or the attributes that an assignment sets."""
    if isinstance(node, ast.ClassDef):
        return [base for base in node.bases if ast.unparse(base) not in MADE_FOR_IT]
    if isinstance(node, ast.Assign):
        return [target for target in node.targets if isinstance(target, ast.Attribute)]
    return []


def origin(part: ast.expr) -> ast.Name:
    """`web` of `web.Server`."""
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
    return part if isinstance(part, ast.Name) else ast.Name("")


def is_of_another(node: ast.Attribute) -> bool:
    return is_private(node.attr) and ast.unparse(node.value) not in {"self", "cls", "super()"}


@cache
def overrides() -> list[tuple[Path, str]]:
    """Each module with each library that it overrides a part of."""
    sources = {
        path.relative_to(ROOT): path.read_text(encoding="utf-8")
        for path in (ROOT / "app").rglob("*.py")
    }
    return sorted(
        (path, library)
        for path, source in sources.items()
        # Every worker lists these tests, and parsing all modules takes it seconds.
        if any(library in source for library in LIBRARIES)
        for library in overridden(source)
    )


def test_the_versions_are_those_of_the_requirements() -> None:
    text = (ROOT / "requirements.in").read_text(encoding="utf-8")
    named = dict(re.findall(r"^([\w-]+)(?:\[[\w,]+\])?==([\w.]+)", text, flags=re.MULTILINE))
    pinned = library_versions.PINNED
    assert {name: named.get(name) for name in pinned} == pinned


@pytest.mark.parametrize(
    "source",
    [
        "from aiohttp import web\nclass Mine(web.Server): ...",
        "from aiohttp.web_protocol import RequestHandler as Handler\nclass Mine(Handler): ...",
        "from aiohttp._websocket import reader",
        "import aiohttp\ndef f(site: aiohttp.web.TCPSite): return site._server",
        "import aiohttp\naiohttp.helpers.DEFAULT = 1",
    ],
)
def test_an_override_is_found(source: str) -> None:
    assert overridden(source) == {"aiohttp"}


def test_overrides_of_all_three_libraries_are_found() -> None:
    assert {library for _, library in overrides()} == set(LIBRARIES.values())


@pytest.mark.parametrize(("path", "library"), overrides(), ids=str)
def test_another_version_is_refused_at_import(
    path: Path, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ".".join(path.with_suffix("").parts)
    import_module(name)  # Loads its imports too, so that only its own check can refuse.
    pinned = library_versions.PINNED
    monkeypatch.setattr(
        library_versions, "version", lambda of: "99.0" if of == library else pinned[of]
    )
    spec = find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    with pytest.raises(ImportError, match=rf"parts of {library} .* but 99\.0 is installed"):
        spec.loader.exec_module(module_from_spec(spec))


@pytest.mark.parametrize("path", sorted({path for path, _ in overrides()}), ids=str)
def test_each_override_stands_in_the_table(path: Path) -> None:
    table = (ROOT / "docs/upstream/README.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{re.escape(str(path))}` \|", table, flags=re.MULTILINE)
