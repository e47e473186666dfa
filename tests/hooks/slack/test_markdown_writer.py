"""Escaped text comes through Markdown unchanged."""

import html
import random
import re
from typing import Any

import msgspec
import pytest

from app.chat.markdown import Names, render
from app.emoji_shortcodes import with_emoji
from app.hooks.incoming_payload import room_message
from app.hooks.slack import markdown_writer

NAMES: Names = {"ben": ("b", "ben")}
UNITS = [
    *"*_~`[]()<>!@#&|\\.-+=:1 a b", "ben", "&lt;", "https://a.example/_x_", "__", "\n", "\n- ",
    "1. ", "www.x.example", "é", "，",
]  # fmt: skip
ROUNDS = 600


def shown(markdown: str) -> str:
    """All words that the page shows."""
    rendered, mentions = render(markdown, NAMES)
    assert mentions == []
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", rendered)).split())


def text(chance: random.Random, units: int) -> str:
    return "".join(chance.choice(UNITS) for _ in range(chance.randint(1, units)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_text_is_shown_as_it_is(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        some = text(chance, 9)
        assert shown(markdown_writer.literal(some)) == " ".join(some.split()), repr(some)
        words = markdown_writer.label(some)
        if words:
            link = markdown_writer.link("https://a.example/", words)
            assert shown(link) == " ".join(some.split()), repr(some)
            assert render(link, {})[0].count("<a ") == 1, repr(some)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pieces_of_rich_text_keep_every_character_in_any_style(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        pieces = [piece(chance) for _ in range(chance.randint(1, 4))]
        wanted = " ".join("".join(each["text"] for each in pieces).split())
        # A shortcode is shown as its emoji, as Slack shows it.
        texts = [wanted, *(each["text"] for each in pieces)]
        if wanted and all(with_emoji(each) == each for each in texts):
            section = {"type": "rich_text_section", "elements": pieces}
            block = {"type": "rich_text", "elements": [section]}
            made = room_message(msgspec.json.encode({"blocks": [block]})).text
            assert shown(made) == wanted, pieces


def piece(chance: random.Random) -> dict[str, Any]:
    names = ("bold", "italic", "strike", "code")
    style = {name: True for name in names if chance.random() < 0.25}
    words = text(chance, 4).replace("\n", " ")
    return {"type": "text", "text": words, "style": style}
