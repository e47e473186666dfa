"""Messages become HTML that can do nothing but be read."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.chat.markdown import ATTRIBUTES, HTML_CHARACTERS, TAGS, WORDS, _parsed, plain, render

NAMES = {
    "ana": ("u1", "Ana"),
    "ben.k": ("u2", 'Ben <img src=x onerror="alert(1)">'),
    "a-b": ("u3", "A&B"),
}

HARMFUL = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example>",
    "<form action=//evil.example><button>x</button></form>",
    "<style>@import '//evil.example'</style>",
    "<video src=//evil.example autoplay onloadstart=alert(1)>",
    "<audio src=x onerror=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<template><img src=x></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='//evil.example'?>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](javascript&#x3A;alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.example/1)",
    "[x](\x01javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "![x](data:image/png;base64,AAAA)",
    '[x](https://a.example "onmouseover=alert(1)")',
    "[x](https://a.example '\"><img src=x onerror=alert(1)>')",
    "[x](https://a.example/\"onmouseover=alert(1)//)",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "`<img src=x onerror=alert(1)>`",
    '```"><script>alert(1)</script>\nx\n```',
    "~~~ <img src=x onerror=alert(1)>\nx\n~~~",
    "| <script> | b |\n|-|-|\n| <img src=x onerror=alert(1)> | x |",
    "# <svg onload=alert(1)>",
    "> <iframe srcdoc='<script>alert(1)</script>'>",
    "https://a.example/<script>alert(1)</script>",
    "https://a.example/'onmouseover='alert(1)",
    "javascript:alert(1)",
    "@ben.k <b>@ben.k</b>",
    "@ana\" onmouseover=alert(1)",
    '<span class="mention" data-user="u9">@Admin</span>',
    "<span style='position:fixed;inset:0'>x</span>",
    "<p class=mention id=x>",
]  # fmt: skip


class Inspector(HTMLParser):
    """Fails on a tag, attribute or address that must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            allowed = {"rel"} | ATTRIBUTES.get(tag, set()) | ({"class"} if tag == "span" else set())
            assert name in allowed, (tag, name)
            if name == "href":
                assert re.match(r"(https?|mailto):", value or ""), value
            if name == "class":
                assert value == "mention"

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def inspected(html: str) -> str:
    """The text that a subscriber of `html` sees; fails where it could do more than be read."""
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.text


@pytest.mark.parametrize("text", HARMFUL)
def test_harmful_text_is_inert(text: str) -> None:
    inspected(render(text, NAMES)[0])
    inspected(render(f"**{text}** and\n- {text}\n\n> {text}", NAMES)[0])


@pytest.mark.parametrize("text", HARMFUL[:26])
def test_raw_html_is_shown_as_it_was_written(text: str) -> None:
    assert re.sub(r"\s", "", inspected(render(text, {})[0])) == re.sub(r"\s", "", text)


def test_link_opens_without_telling_where_from() -> None:
    html, _ = render("[docs](https://a.example/?a=1&b=2) and https://b.example", {})
    assert html.count('rel="noopener noreferrer nofollow"') == 2
    assert 'href="https://a.example/?a=1&amp;b=2"' in html
    assert ">https://b.example</a>" in html


def test_picture_elsewhere_becomes_a_link() -> None:
    html, _ = render("![a cat](https://a.example/cat.png)", {})
    assert "<img" not in html
    assert ">a cat</a>" in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("```py\nx = 1 < 2\n```", "<pre><code>x = 1 &lt; 2\n</code></pre>"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>'),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
    ],
)
def test_markdown_is_rendered(text: str, html: str) -> None:
    assert render(text, {})[0] == html


def test_mention_shows_the_display_name_as_text() -> None:
    html, _ = render("@ben.k", NAMES)
    assert inspected(html) == '@Ben <img src=x onerror="alert(1)">'


@pytest.mark.parametrize("piece", ["&", "<", "*a* ", "@ana ", "http://a.b/ ", "a|b\n-|-\n", "> "])
def test_html_takes_only_so_much_room(piece: str) -> None:
    text = (piece * 65_536)[:65_536]
    html, _ = render(text, NAMES)
    assert len(html) <= max(HTML_CHARACTERS, 6 * len(text))
    inspected(html)


@pytest.mark.parametrize(
    "text",
    ["[a]: b", "#", "## ", ">", "> >", "-", "1.", "* -", "```\n```",
     "~~~", "```py\n\n```", "[](https://a.example)", "[]()", "![]()", "&nbsp;",
     "&#8203;", "&#xFEFF;&#32;", "> [](https://a.example)", "[ ](https://a.example)", "- [](https://a.example)"],
)  # fmt: skip
def test_text_of_which_nothing_would_show_is_shown_as_typed(text: str) -> None:
    html, mentions = render(text, NAMES)
    assert html == plain(text)
    assert mentions == []
    assert re.sub(r"\s", "", inspected(html)) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    "text", ["[x]()", "![x]( )", "[x](javascript:x)", "[[a]()](https://a.example)"]
)
def test_link_without_an_address_is_none(text: str) -> None:
    assert 'href=""' not in render(text, {})[0]
    assert "[" in inspected(render(text, {})[0])


def test_what_looks_like_a_definition_is_text() -> None:
    text = "[todo]: https://example.com/list"
    assert inspected(render(text, {})[0]) == text
    assert "[todo]" in render(f"{text}\n\n[todo]", {})[0].splitlines()[-1]


def test_rule_is_something_to_see() -> None:
    assert render("---", {})[0] == "<hr>"


@given(st.from_regex(WORDS, fullmatch=True))
@example("It’s done")
@example('Don\'t say "no", (really)! Why?; well. this-one')
@example("A -b c")
@example("12 a_b and/or 3 + 4 = 7, 5% # x")
def test_words_without_any_markdown_are_not_parsed_but_come_out_the_same(text: str) -> None:
    assert render(text, NAMES) == _parsed(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "look at example.com",
        "1. one",
        "a_b_",
        "a _b_",
        "12) x",
        "//localhost",
        "a //localhost",
        "a & b",
        "x <b>",
        "@ana",
    ],
)
def test_what_may_mean_something_is_parsed(text: str) -> None:
    assert WORDS.fullmatch(text) is None
