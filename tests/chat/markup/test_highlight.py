"""Colours for code: classes only, and never other code than was written."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.markdown import CLASSES, HTML_CHARACTERS, render
from app.chat.markup.highlight import CHARACTERS, Highlighter


def shown(code: str, language: str) -> str:
    # The clock stands still: the first text of a language waits for its lexer to be compiled.
    html, _ = render(f"```{language}\n{code}\n```", {}, Highlighter(lambda: 0.0).highlight)
    return html


@pytest.mark.parametrize(
    ("language", "code", "piece"),
    [
        ("py", "def f(): return 'a' # hi", '<span class="hl-keyword">def</span>'),
        ("Python", "x = 1", '<span class="hl-number">1</span>'),
        ("js", "const a = `b`;", '<span class="hl-keyword">const</span>'),
        ("json", '{"a": 1}', '<span class="hl-number">1</span>'),
        ("diff", "+a\n-b", '<span class="hl-added">+a</span>'),
        ("html", "<b>x</b>", '<span class="hl-keyword">b</span>'),
        ("sh", "echo hi # x", '<span class="hl-comment"># x'),
        ("python,linenos", "x = 1", '<span class="hl-number">1</span>'),
        ("js{1,3}", "x = 1", '<span class="hl-number">1</span>'),
        ("\tpy title=a.py", "x = 1", '<span class="hl-number">1</span>'),
        ("c++:main.cc", "x = 1;", '<span class="hl-number">1</span>'),
        ("c#", "var a = 1;", '<span class="hl-number">1</span>'),
        ("rust", "fn a() {}", '<span class="hl-function">a</span>'),
    ],
)
def test_code_of_a_named_language_has_colours(language: str, code: str, piece: str) -> None:
    assert piece in shown(code, language)


@pytest.mark.parametrize("language", ["", "nosuch", "text", "../../etc", "<script>"])
def test_other_code_has_none(language: str) -> None:
    assert shown("x = 1 < 2", language) == "<pre><code>x = 1 &lt; 2\n</code></pre>"


@given(
    st.sampled_from(["py", "js", "html", "yaml", "sql", "php", "c++", "diff", "bash", "md"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r`"), max_size=60),
)
@settings(max_examples=150, deadline=None)
def test_highlighted_code_is_the_code(language: str, code: str) -> None:
    code = f"x{code}"
    html = shown(code, language)
    assert set(re.findall(r'class="([^"]*)"', html)) <= CLASSES["span"]
    assert unescape(re.sub(r"</?(?:span|pre|code)\b[^>]*>", "", html)) == f"{code}\n"


def test_only_so_much_code_has_colours() -> None:
    assert "<span" in shown("x = 1\n" * 100, "py")
    assert "<span" not in shown("x = 1\n" * CHARACTERS, "py")


def test_only_as_much_time_is_taken_as_there_is() -> None:
    clock = iter(range(1_000))
    assert Highlighter(lambda: next(clock)).highlight("x = 1", "py") is None


def test_colours_that_take_too_much_room_are_left_out() -> None:
    html = shown("1 " * (CHARACTERS // 2 - 10), "py")
    assert len(html) <= HTML_CHARACTERS
    assert "<span" not in html
