"""The house, floor by floor: what may import what, and how one feature may use another."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the ground up. A room is a folder or a module of app/; its parts may stand on a lower floor
# as rooms of their own. Every import leads to a lower floor, or stays within its room.
FLOORS: tuple[set[str], ...] = (
    # Words and measures: no I/O, no other module.
    {
        "",
        "errors",
        "ids",
        "emoji_shortcodes",
        "lengths",
        "library_versions",
        "loop_pacing",
        "settings",
        "signals",
        "times",
        "translation_marks",
        "accounts.scopes",
        "audit.actor",
    },
    {
        "accounts.models",
        "accounts.preference_table",
        "name_keys",
        "outbound.public_addresses",
        "security",
        "text_checks",
    },
    {
        "accounts.rights",
        "audit.refusals",
        "bus.bus",
        "chat.models",
        "setting_problems",
        "telemetry",
    },
    {"chat.reactions", "storage", "web"},
    # The core: streams, and transports that know no feature.
    {
        "audit.store",
        "bus",
        "chat.payload_types",
        "outbound",
        "realtime",
        "settings_loader",
        "streams",
    },
    # The audit trail, and the interface that chat notifies through.
    {"audit.trail", "chat.message_notifier"},
    # The face that every feature has, and what it is built from.
    {"server.core", "server.feature"},
    # The features. One uses another through its face, see below.
    {"accounts", "health", "nodes"},
    {"analytics", "audit", "notifications", "server_name", "topics"},
    {"chat"},
    {"admin", "hooks"},
    # The list of features, the application and the process.
    {"server"},
    {"cli", "__main__"},
)
# Rooms with two names.
SAME_ROOM = [{"server.core", "server.feature"}, {"cli", "__main__"}]

FEATURES = (
    *("accounts", "admin", "analytics", "audit", "chat", "health", "hooks", "nodes"),
    *("notifications", "server_name", "topics"),
)
# Modules of features that others may import, besides `feature.py`, `models.py` and the services
# that the face hands out: types and rules without I/O, and the audit trail.
OFFERED = {
    "accounts.names",
    "accounts.pages.forms",
    "accounts.rights",
    "accounts.secrets",
    "audit.actor",
    "audit.trail",
    "chat.markup.quote_colours",
    "chat.message_notifier",
    "chat.payload_types",
    "topics.permissions",
    "topics.serializer",
}


@cache
def modules() -> Mapping[str, Path]:
    """Every module below `app` by its name without `app.`, which itself has none."""
    paths = sorted((ROOT / "app").rglob("*.py"))
    return {_name(path.relative_to(ROOT / "app").with_suffix("")): path for path in paths}


def _name(path: Path) -> str:
    parts = path.parts[:-1] if path.name == "__init__" else path.parts
    return ".".join(parts)


@cache
def imports(module: str) -> frozenset[str]:
    """The modules of the project that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "app":
            source = (node.module or "").removeprefix("app").removeprefix(".")
            names = [f"{source}.{alias.name}".removeprefix(".") for alias in node.names]
            found |= {name if name in modules() else source for name in names}
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.split(".")[0] == "app"]
            found |= {name.removeprefix("app").removeprefix(".") for name in names}
    return frozenset(found - {module})


def room(module: str) -> str:
    """The room of a module: the longest name in FLOORS that it begins with; "" without one."""
    named = [
        r for floor in FLOORS for r in floor if f"{module}.".startswith(f"{r}.") or r == module
    ]
    return max(named, key=len, default="")


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def test_every_module_has_a_room() -> None:
    assert [m for m in modules() if m and not room(m)] == []


def test_every_room_is_there() -> None:
    rooms = {room(module) for module in modules()}
    assert [name for rooms_of in FLOORS for name in rooms_of if name not in rooms] == []


def test_every_import_leads_to_a_lower_floor() -> None:
    wrong = [
        f"{module} (floor {floor(here)}) imports {other} (floor {floor(there)})"
        for module in modules()
        for other in imports(module)
        for here, there in [(room(module), room(other))]
        if here != there and {here, there} not in SAME_ROOM and floor(there) >= floor(here)
    ]
    assert wrong == []


def test_the_house_has_no_floor_too_many() -> None:
    """Fewer than the 14 that it once had; and none could be left out."""
    assert len(FLOORS) == 13
    idle = [
        number
        for number in range(1, len(FLOORS))
        if not any(
            floor(room(other)) == number - 1
            for module in modules()
            if floor(room(module)) == number
            for other in imports(module)
        )
    ]
    assert idle == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    done: set[str] = set()

    def circle(module: str, way: tuple[str, ...]) -> tuple[str, ...] | None:
        if module in way:
            return way[way.index(module) :]
        if module in done:
            return None
        found = [circle(other, (*way, module)) for other in sorted(imports(module))]
        done.add(module)
        return next(filter(None, found), None)

    assert [way for module in modules() if (way := circle(module, ()))] == []


# One feature and another.


@cache
def handed_out(feature: str) -> frozenset[str]:
    """The modules of the services that a feature's face has under a public name."""
    tree = ast.parse(modules()[f"{feature}.feature"].read_text(encoding="utf-8"))
    if feature == "accounts":  # They are put together in a file of their own.
        services = modules()["accounts.account_services"].read_text(encoding="utf-8")
        tree.body += ast.parse(services).body
    origins = {
        alias.name: (node.module or "").removeprefix("app.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    made = {
        call.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(map(_is_public, node.targets))
        for call in ast.walk(node.value)
        if isinstance(call, ast.Name)
    }
    return frozenset(origins[name] for name in made if name in origins)


def _is_public(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and not target.attr.startswith("_")


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_uses_others_through_their_face(feature: str) -> None:
    wrong = [
        f"{module} imports {other}"
        for module in modules()
        if module.split(".")[0] == feature
        for other in imports(module)
        for owner in [other.split(".")[0]]
        if owner in FEATURES and owner != feature
        if other not in {f"{owner}.feature", f"{owner}.models"} | OFFERED
        if other not in handed_out(owner)
    ]
    assert wrong == []


def test_everything_that_is_offered_is_used() -> None:
    used = {
        other
        for module in modules()
        for other in imports(module)
        if module.split(".")[0] in FEATURES and other.split(".")[0] != module.split(".")[0]
    }
    assert OFFERED - used == set()


def test_the_server_knows_only_faces() -> None:
    """Identity is what every transport asks for, so the face of accounts is known by name."""
    allowed = {f"{feature}.feature" for feature in FEATURES}
    known = {
        module: {other for other in imports(module) if other.split(".")[0] in FEATURES}
        for module in modules()
        if module.split(".")[0] == "server"
    }
    assert known.pop("server.features") == allowed
    assert known.pop("server.core") == {"audit.trail"}
    assert set().union(*known.values()) == {"accounts.feature", "accounts.models"}


def test_only_faces_know_the_server() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in modules()
        if module.split(".")[0] in FEATURES
        for other in imports(module)
        if other.split(".")[0] == "server"
        if not module.endswith(".feature") or other not in ("server.core", "server.feature")
    ]
    # Web Push is a part of notifications that is built like a feature.
    assert wrong == ["notifications.push.wiring imports server.core"]


# The database.

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
