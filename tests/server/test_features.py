"""The list of features, and what each declares."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.server.core import Core, make_core
from app.server.feature import Feature, Features
from app.server.features import FEATURES
from app.settings import Settings
from app.storage.mongo import Database
from tests.server.greetings import Greetings

APP = Path(__file__).resolve().parents[2] / "app"
NAMES = frozenset(Settings.__struct_fields__)


@pytest.fixture
def core(database: Database) -> Core:
    return make_core(Settings(secret="s" * 32), database)


class Needy(Feature):
    """A feature that is built from another one."""

    name = "needy"

    def __init__(self, _: Core, features: Features) -> None:
        self.other = features[Greetings]


async def test_a_feature_is_built_from_those_before_it(core: Core) -> None:
    features = Features(core, (Greetings, Needy))
    assert features[Needy].other is features[Greetings]
    assert [feature.name for feature in features] == ["greetings", "needy"]


async def test_a_feature_in_the_wrong_place_is_named(core: Core) -> None:
    with pytest.raises(LookupError, match="Greetings has to come earlier"):
        Features(core, (Needy, Greetings))


def test_every_feature_has_a_name_of_its_own() -> None:
    assert Counter(feature.name for feature in FEATURES).most_common(1)[0][1] == 1


def test_every_setting_belongs_to_one_feature_or_to_the_server() -> None:
    declared = Counter(name for feature in FEATURES for name in feature.setting_names)
    assert set(declared) <= NAMES
    assert set(declared.values()) == {1}


def settings_read(folder: Path) -> Iterator[str]:
    """The settings that the code of a folder reads, as `settings.name`."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in NAMES:
                owner = node.value
                owner_name = getattr(owner, "attr", None) or getattr(owner, "id", "")
                if owner_name.removeprefix("_") == "settings":
                    yield node.attr


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_feature_declares_the_settings_that_are_its_own(feature: type[Feature]) -> None:
    read = set(settings_read(APP / feature.name))
    others = {name for other in FEATURES if other is not feature for name in other.setting_names}
    assert read & others == set()
    # A name that only a nested protocol reads is found in its folder as well.
    assert set(feature.setting_names) <= read
