"""Shortcodes of emoji in messages."""

import json
from pathlib import Path

import pytest

from app.chat.markdown import render
from app.chat.reactions import emoji_of
from app.emoji_shortcodes import table, with_emoji

ROOT = Path(__file__).resolve().parents[1]
STYLES = str.maketrans("", "", "\ufe0e\ufe0f")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hi :tada: you", "<p>hi 🎉 you</p>"),
        (":+1::Tada:!", "<p>👍🎉!</p>"),
        ("真:tada:真", "<p>真🎉真</p>"),
        ("_:dog:_", "<p><em>🐶</em></p>"),
        ("`:tada:`", "<p><code>:tada:</code></p>"),
        ("```\n:tada:\n```", "<pre><code>:tada:\n</code></pre>"),
        ("\\:tada:", "<p>:tada:</p>"),
        ("a:tada:b", "<p>a:tada:b</p>"),
        ("1:100:3", "<p>1:100:3</p>"),
        (":no_such_emoji:", "<p>:no_such_emoji:</p>"),
    ],
)
def test_shortcode_is_shown_as_its_emoji(text: str, shown: str) -> None:
    assert render(text, {})[0] == shown


def test_shortcodes_in_an_address_stay() -> None:
    html = render("https://a.example/:tada:x", {})[0]
    assert 'href="https://a.example/:tada:x"' in html
    assert "🎉" not in html


def test_plain_texts_have_emoji_too() -> None:
    assert with_emoji(":tada: and :tada:, 1:100:3 :no: :") == "🎉 and 🎉, 1:100:3 :no: :"


def test_server_knows_every_shortcode_that_the_composer_completes() -> None:
    emoji = json.loads((ROOT / "static" / "vendor" / "emoji" / "en.json").read_text())
    known = {code: symbol.translate(STYLES) for code, symbol in table().items()}
    wrong = [
        (code, symbol)
        for symbol, _, _, codes, *_ in emoji
        for code in codes.split()
        if known.get(code) != symbol.translate(STYLES)
    ]
    assert wrong == []
    assert len(emoji) > 1_800


def test_everything_in_the_picker_is_a_reaction() -> None:
    emoji = json.loads((ROOT / "static" / "vendor" / "emoji" / "en.json").read_text())
    for symbol, *_, last in emoji:
        for each in (symbol, *(last if isinstance(last, list) else ())):
            assert emoji_of(each) == each
