"""Names are found as in `name_matches.json`, which the tests of the browser's code read too."""

import json
from pathlib import Path

import pytest

from app.name_keys import CHARACTERS, folded, name_keys, words

TABLE = json.loads((Path(__file__).parent / "name_matches.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "query", "place"), TABLE)
def test_a_name_is_found_by_each_word_of_a_query(name: str, query: str, place: str | None) -> None:
    keys, sought = name_keys(name), words(query)

    def begin(field: str, word: str) -> bool:
        return any(key.startswith(word) for key in keys[field])

    assert all(begin("name_parts", word) for word in sought) is (place is not None)
    if place is not None:
        is_word = any(begin("name_starts", word) for word in sought)
        assert is_word is (place != "part")


def test_a_username_and_a_name_are_found_alike() -> None:
    assert name_keys("ana", "Ana") == {"name_starts": ["ana"], "name_parts": ["a", "ana", "na"]}


def test_keys_are_bounded() -> None:
    assert len(folded("\ufdfa" * 64)) == CHARACTERS
    assert len(name_keys("\ufdfa" * 64)["name_parts"]) <= CHARACTERS
    assert words(" ".join("abcdefgh")) == ["a", "b", "c", "d", "e"]
