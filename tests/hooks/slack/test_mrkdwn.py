"""Slack's way of writing as Markdown, and as it is shown."""

import pytest

from app.chat.markdown import Names, render
from app.hooks.slack.mrkdwn import markdown

NAMES: Names = {"ben": ("b", "Ben"), "here": ("@here", "here"), "everyone": ("@everyone", "all")}


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("*bold* _it_ ~gone~ `code`", "**bold** _it_ ~~gone~~ `code`"),
        ("**bold** __bold__ ~~gone~~ [a](https://b.example/*c*)", None),
        ("(*a*), *b*: *c*.", "(**a**), **b**: **c**."),
        ("*真*她", "**真**她"),
        ("2*3*4 and *open", r"2\*3\*4 and \*open"),
        ("*not\nclosed*", "\\*not\nclosed\\*"),
        ("*a *b*", r"**a \*b**"),
        ("* item\n* *bold* item", "* item\n* **bold** item"),
        ("~5 min", None),
        ("| a | b |\n|---|---|\n| 1 | 2 |", None),
        ("# head\n- a\n    - b\n1. c", None),
        ("<https://a.example>", "[https://a.example](https://a.example)"),
        ("*<https://a.example|Build #1>*", "**[Build #1](https://a.example)**"),
        ("`<https://a.example|abc123>` fixed", "[`abc123`](https://a.example) fixed"),
        ("<https://a.example|*TypeError*>", "**[TypeError](https://a.example)**"),
        ("Wow!<https://a.example|b>", r"Wow\![b](https://a.example)"),
        ("<mailto:a@b.example|write>", "[write](mailto:a@b.example)"),
        ("<mailto:a@b.example>", "[a@b.example](mailto:a@b.example)"),
        ("<tel:+49|call> <javascript:x|y>", "call (tel:+49) y (javascript:x)"),
        ("<https://a.example/?a=1&amp;b=2|c>", "[c](https://a.example/?a=1&b=2)"),
        ("<https://a.example/x y|c>", "[c](https://a.example/x%20y)"),
        ("<https://a.example/x)|c>", r"[c](https://a.example/x\))"),
        ("<#C1|general> <#C1> <@U1|bob> <@U1>", r"#general #C1 @bob \@U1"),
        ("<@U1|Ben Smith>", r"\@Ben Smith"),
        ("<!subteam^S1|@ops> <!subteam^S1>", r"\@ops \@S1"),
        ("<!here> <!channel> <!everyone|everyone>", "@here @everyone @everyone"),
        ("a<!here>b", "a @here b"),
        ("<!date^0^{date}|1 Jan> <!date^0^{date}>", "1 Jan 1970-01-01 00:00 UTC"),
        ("<!date^0^{date}^https://a.example/|1 Jan>", "[1 Jan](https://a.example/)"),
        ("<!unknown|word>", "word"),
        ("a < b, <c> and <d|e", None),
        ("&lt;b&gt; &amp;lt; 1 &lt; 2 &amp; 3", r"\<b> \&lt; 1 < 2 & 3"),
        ("`a &lt;b&gt; &amp;&amp; <https://c.example|d>`", "`a <b> && d`"),
        ("```a &lt;b&gt;\n  *c*```d", "```\na <b>\n  *c*\n```\nd"),
        ("see ```a\nb```", "see \n```\na\nb\n```"),
        ("see ```a``` b", "see `a` b"),
        ("```python\nx = '*a*'\n```\nb", None),
        ("- a\n  ```\n  *b*\n  ```\n- c", None),
        ("> ```\n> *b*\n> ```", None),
        ("a ` tick and ``` fence", r"a \` tick and \`\`\` fence"),
        ("&gt; quoted\nnot quoted", "> quoted\n\nnot quoted"),
        ("&gt;&gt;&gt; all\nof *it*\n\nrest", "> all\n> of **it**\n>\n> rest"),
        # Templates of alerts are often indented, which does not make them code.
        ("a\n\n    *Alert:* b\n      • *c:* `d`", "a\n\n**Alert:** b\n• **c:** `d`"),
        (":tada: 12:30:45 a:tada:b :no_such_name:", "🎉 12:30:45 a:tada:b :no_such_name:"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_slacks_marks_become_markdown_and_markdown_stays(written: str, made: str | None) -> None:
    assert markdown(written) == (written if made is None else made)


@pytest.mark.parametrize(
    "words",
    ["[a] (b)", "__init__.py", "2*3*4", "`x` ``y``", "a | b", "\\", "<b>", "@ben", "a_b_",
     "![a](b)", "https://b.example/[x", "&copy; &amp;", "# a", "x]", "~~a~~", "ünï 好", "- a"],
)  # fmt: skip
@pytest.mark.parametrize(
    "url", ["https://a.example/x_(y)_z", "http://a.example/%20?a=b#c", "https://a.example/ü*_`"]
)
def test_any_words_of_a_link_show_as_they_are(words: str, url: str) -> None:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html, mentions = render(markdown(f"see <{url}|{escaped}>."), NAMES)
    shown = escaped.replace('"', "&quot;")
    assert html.startswith('<p>see <a href="http')
    assert html.endswith(f">{shown}</a>.</p>")
    assert mentions == []


def test_calls_and_people_are_mentioned() -> None:
    html, mentions = render(markdown("<!here>, <!channel> and <@U9|ben>"), NAMES)
    assert mentions == ["@here", "@everyone", "b"]
    assert "&lt;" not in html
