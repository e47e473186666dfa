"""Mentions are found as in `mentions.json`, which the composer's tests read too."""

import json
from pathlib import Path

import pytest

from app.chat.markdown import render
from app.chat.markup.mentions import named_in

TABLE = json.loads((Path(__file__).parent / "mentions.json").read_text(encoding="utf-8"))
NAMES = {username: (username, username.upper()) for username in TABLE["usernames"]}


@pytest.mark.parametrize(("text", "mentioned"), TABLE["texts"])
def test_mention_is_a_name_on_its_own(text: str, mentioned: list[str]) -> None:
    assert render(text, NAMES)[1] == mentioned


@pytest.mark.parametrize(("text", "mentioned"), TABLE["texts"])
def test_renderer_is_told_all_names_that_it_may_need(text: str, mentioned: list[str]) -> None:
    known = named_in(text, NAMES)
    assert set(mentioned) <= known.keys()
    assert render(text, known) == render(text, NAMES)
