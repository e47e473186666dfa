"""Emphasis beside Chinese, Japanese and Korean, and as ever elsewhere."""

import pytest

from app.chat.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**真。**她", "<strong>真。</strong>她"),
        ("她说**「真」**吗", "她说<strong>「真」</strong>吗"),
        ("これは**「強調」**です", "これは<strong>「強調」</strong>です"),
        ("**テスト（test）**です", "<strong>テスト（test）</strong>です"),
        ("**이 용어(This term)**를", "<strong>이 용어(This term)</strong>를"),
        ("请用**`code`**吧", "请用<strong><code>code</code></strong>吧"),
        ("*真。*她", "<em>真。</em>她"),
        ("***真。***她", "<em><strong>真。</strong></em>她"),
        ("~~真。~~她", "<s>真。</s>她"),
        ("她~~(真)~~她", "她<s>(真)</s>她"),
        ("**“真”**她", "<strong>“真”</strong>她"),
        ("价格**（¥100）**元", "价格<strong>（¥100）</strong>元"),
        ("**(a)**가", "<strong>(a)</strong>가"),
        ("**(a)**ᅡ", "<strong>(a)</strong>ᅡ"),
        ("葛\U000e0100**(a)**葛", "葛\U000e0100<strong>(a)</strong>葛"),
        ("真\ufe00**(a)**真", "真\ufe00<strong>(a)</strong>真"),
        ("a“\ufe01**(b)** c", "a“\ufe01<strong>(b)</strong> c"),
        ("**真”\ufe01**a", "<strong>真”\ufe01</strong>a"),
        # An underscore within a word is one.
        ("她_真_她", "她_真_她"),
        ("（_真_）", "（<em>真</em>）"),
        # As CommonMark has it.
        ("a**(b)**c", "a**(b)**c"),
        ("**(a).**b", "**(a).**b"),
        ("** a**", "** a**"),
        ("snake_case_name", "snake_case_name"),
        ("a**b**c", "a<strong>b</strong>c"),
        ("Привет**(мир)**нет", "Привет**(мир)**нет"),
        ("😀**(a)**", "😀<strong>(a)</strong>"),
    ],
)
def test_emphasis(text: str, html: str) -> None:
    assert render(text, {})[0] == f"<p>{html}</p>"
