"""The arrows between folders: imports point one way, nobody reaches into another's store."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# What a folder may import from; everything may use COMMON too.
ALLOWED = {
    "streams": {"streams", "storage", "telemetry"},
    "storage": {"storage", "telemetry"},
    "security": {"security"},
    "telemetry": {"telemetry", "security", "storage"},
    "realtime": {"realtime", "accounts", "security", "storage", "telemetry", "web", "settings"},
    "accounts": {"accounts", "audit", "security", "storage", "telemetry", "web"},
    "chat": {"chat", "audit", "accounts", "realtime", "streams", "storage", "telemetry", "web"},
    "notifications": {
        "notifications",
        "audit",
        "accounts",
        "chat",
        "outbound",
        "realtime",
        "security",
        "settings",
        "storage",
        "streams",
        "telemetry",
        "topics",
        "web",
    },
    "outbound": {"outbound", "storage", "telemetry"},
    "hooks": {
        "hooks",
        "audit",
        "accounts",
        "chat",
        "outbound",
        "settings",
        "storage",
        "streams",
        "telemetry",
        "topics",
        "web",
    },
    "admin": {"admin", "accounts", "audit", "chat", "realtime", "web"},
    "audit": {"audit", "accounts", "security", "storage", "web"},
    "topics": {
        "topics",
        "audit",
        "accounts",
        "realtime",
        "security",
        "settings",
        "storage",
        "streams",
        "telemetry",
        "web",
    },
    # Sources listen to what runs; nobody that is listened to knows analytics.
    "analytics": {
        "analytics",
        "accounts",
        "realtime",
        "security",
        "settings",
        "storage",
        "streams",
        "telemetry",
        "web",
    },
    "web": {"web", "security", "accounts"},
}
COMMON = {"errors", "ids", "lengths", "pace", "text", "times"}


def imports(path: Path) -> Iterator[str]:
    """The modules of the project that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("app"):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("app"))


@pytest.mark.parametrize("folder", sorted(ALLOWED))
def test_imports_point_one_way(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((ROOT / "app" / folder).rglob("*.py"))
        for module in imports(path)
        if module != "app" and module.split(".")[1] not in ALLOWED[folder] | COMMON
    ]
    assert wrong == []


def test_no_feature_imports_another_features_store() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        for module in imports(path)
        if ".store" in module
        and not module.startswith("app.streams")  # the core, which all features stand on
        and module.split(".")[1] != path.relative_to(ROOT / "app").parts[0]
        and path.parent.name != "server"
    ]
    assert wrong == []


DRIVER = {"motor", "pymongo", "bson", "gridfs"}


def drivers(path: Path) -> Iterator[str]:
    """The packages of the database driver that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (module for module in modules if module.split(".")[0] in DRIVER)


def may_know_the_driver(path: Path) -> bool:
    return (
        path.is_relative_to(ROOT / "app/storage")
        or path.is_relative_to(ROOT / "app/streams")
        or "store" in (path.stem, path.parent.name)
    )


def test_only_storage_streams_and_stores_import_the_database_driver() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        if not may_know_the_driver(path)
        for module in drivers(path)
    ]
    assert wrong == []
