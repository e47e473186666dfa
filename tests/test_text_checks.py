"""Text from people: invisible text, hidden characters in names, and names that look alike."""

import time

import pytest

from app import text_checks
from app.errors import Invalid

INVISIBLE = [
    *["\u200b", "\u2800", "\u3164", "\u115f", "\uffa0", "\u180e", "\u2060", "\ufeff", "\u00ad"],
    *["\ufe0f", "\ufe0e\ufe0f", "\U000e0041\U000e0042", "\U000e0100", "\u034f", "\u200d\u200d"],
    *["\u0301\u0302", "\u20e3", "\u17b4", "\u061c", "\U0001d159", "\ufff9", "\u00a0\u3000 \u200b"],
]


@pytest.mark.parametrize("blank", INVISIBLE, ids=ascii)
def test_text_of_invisible_characters_shows_nothing(blank: str) -> None:
    assert not text_checks.is_visible(blank)
    assert text_checks.is_visible(f"{blank}a")
    for refuses in (text_checks.line, text_checks.name):
        with pytest.raises(Invalid) as refused:
            refuses(blank, "name", 80)
        assert refused.value.field == "name"


@pytest.mark.parametrize("shown", ["a", "👍", "❤️", "1️⃣", "की", "⠓⠊", "…", "◌́", "\U0001fae8", "🏴"])
def test_anything_that_has_a_shape_shows(shown: str) -> None:
    assert text_checks.is_visible(shown)


AT_HOME = [
    *["👩‍💻", "👩🏽‍💻 Ana", "❤️‍🔥", "🏳️‍🌈", "👨‍👩‍👧‍👦", "❤️ Ana", "☎︎", "1️⃣ first", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"],
    *["می‌خواهم", "علی‌رضا", "क्‍ष", "ശ്രീ", "അവന്‍", "హైదరాబాద్‌", "শ্রী র‍্যাব", "ශ්‍රී ලංකා"],
    *["葛󠄀城", "ᠮᠣᠩᠭᠣᠯ", "ᠭᠠᠯᠠᠭᠤᠨ᠎ᠠ", "Ana 田中", "Zoë", "אנה", "أنا"],
]


@pytest.mark.parametrize("typed", AT_HOME)
def test_joiners_and_variants_stay_where_scripts_and_emoji_need_them(typed: str) -> None:
    assert text_checks.name(typed, "name", 80) == typed


HIDING = [
    *["an\u200ba", "an\u200da", "an\u200ca", "ana\u200d", "\u200dana", "ana\ufe0f", "a\u2060na"],
    *["ana\ufeff", "an\u00ada", "ana\u3164b", "a\u115fna", "a\u034fna", "ana\u061c", "ana\u200e"],
    *["👍\u200da", "👍\u200d", "a\u200d👍", "👍\u200b👍", "👍\ufe0f\ufe0f", "ana\U000e0061"],
    *["🏴" + "\U000e0061" * 7 + "\U000e007f", "🏴\U000e0061", "مي\u200c\u200cخ", "م\u200b"],
    *["م\u200c", "م\u200ca", "1\u200c2", "א\u200cב", "1\ufe0f", "a\U000e0100", "ana\u180eb"],
]


@pytest.mark.parametrize("typed", HIDING, ids=ascii)
def test_what_hides_in_a_name_is_refused_in_words(typed: str) -> None:
    with pytest.raises(Invalid, match="nobody can see") as refused:
        text_checks.name(typed, "name", 80)
    assert refused.value.field == "name"


def test_line_is_trimmed_composed_and_refused_where_it_cannot_be_shown() -> None:
    assert text_checks.line(" a \n b\u2800 ", "name", 80) == "a b"
    assert text_checks.line("e\u0301" * 80, "name", 80) == "é" * 80
    assert text_checks.line("\u2800 ", "topic", 80, may_be_empty=True) == ""
    for wrong in ("", "\0", "\x1b[31m", "a\u202eb", "a\u2066b", "\ue000", "\uffff", "x" * 81):
        with pytest.raises(Invalid) as refused:
            text_checks.line(wrong, "name", 80)
        assert refused.value.field == "name"


def test_long_text_is_refused_before_it_is_composed() -> None:
    """160 KB of marks took twelve seconds to bring into order."""
    began = time.process_time()
    for refuses in (text_checks.line, text_checks.name):
        with pytest.raises(Invalid, match="1 to 80 characters"):
            refuses("a" + "\u0315\u0300" * 40_000, "name", 80)
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize(
    ("one", "other"),
    [("Alpha", "aLPHA"), ("é", "e\u0301"), ("Straße", "STRASSE"), ("❤️", "❤"), ("Ǆ", "ǆ")],
)
def test_names_that_read_the_same(one: str, other: str) -> None:
    assert text_checks.comparable(one) == text_checks.comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("เก่า", "เก้า"), ("C", "C++"), ("a b", "a.b"), ("e", "é"), ("👍🏻", "👍🏿"), ("की", "कि")],
)
def test_names_that_read_differently(one: str, other: str) -> None:
    assert text_checks.comparable(one) != text_checks.comparable(other)
