"""A whole payload of Slack's form: what is shown of it, how much, and what is refused."""

from typing import Any

import msgspec
import pytest

from app.chat.markdown import render
from app.chat.markup.quote_colours import COLOURS
from app.errors import Invalid, TooLarge
from app.hooks.incoming_payload import room_message
from app.hooks.slack.attachments import colour_of


def text_of(**payload: Any) -> str:
    return room_message(msgspec.json.encode(payload)).text


def section(text: str, kind: str = "mrkdwn", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": kind, "text": text}, **more}


def rich(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": list(parts)}]


def part(kind: str, *elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": f"rich_text_{kind}", "elements": list(elements), **more}


def word(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, "style": style}


def test_every_part_of_an_attachment_in_slacks_order() -> None:
    attachment = {
        "pretext": "*before*",
        "author_name": "[A]",
        "author_link": "https://a.example/",
        "title": "2*3*4",
        "title_link": "https://b.example/",
        "text": "*text*\n&gt; quoted",
        "fields": [{"title": "n", "value": 5}, {"title": "t:", "value": True}, {"value": "*v*"}],
        "image_url": "https://c.example/",
        "thumb_url": "https://d.example/",
        "actions": [{"type": "button", "text": "Go", "url": "https://e.example/"}],
        "footer": "<https://f.example/|repo>",
        "ts": "1717243200.123",
        "fallback": "not shown",
        "color": "good",
    }
    made = room_message(msgspec.json.encode({"text": "first", "attachments": [attachment]}))
    assert made.text == (
        "first\n\n**before**\n\n"
        r"> [\[A\]](https://a.example/)"
        "\n>\n"
        r"> **[2\*3\*4](https://b.example/)**"
        "\n>\n> **text**\n> > quoted\n>\n> **n:** 5\n> **t:** true\n> **v**\n>\n"
        "> [Image](https://c.example/)\n>\n> [Image](https://d.example/)\n>\n"
        "> [Go](https://e.example/)\n>\n> [repo](https://f.example/) · 2024-06-01 12:00 UTC"
    )
    assert made.bars == {4: "green"}


def test_what_has_no_title_or_leads_nowhere_safe_is_text() -> None:
    assert text_of(attachments=[{"title": "*a*", "title_link": "javascript:x"}]) == r"> **\*a\***"
    assert text_of(attachments=[{"author_name": "a"}]) == "> a"
    button = {"type": "button", "text": "a", "url": "javascript:x"}
    assert text_of(attachments=[{"text": "b", "actions": [button]}]) == "> b\n>\n> a (javascript:x)"


def test_the_fallback_is_shown_where_nothing_else_is() -> None:
    assert text_of(attachments=[{"fallback": "*a* <https://b.example|c>"}]) == (
        r"> \*a\* [c](https://b.example)"
    )
    assert text_of(attachments=[{"fallback": "a", "pretext": "b"}]) == "b"
    unknown = {"fallback": "a", "blocks": [{"type": "unheard of"}, {"type": "divider"}]}
    assert text_of(attachments=[unknown]) == "> a"


def test_blocks_stand_in_the_place_of_the_text() -> None:
    assert text_of(text="not shown", blocks=[section("*shown*")]) == "**shown**"
    assert text_of(text="shown", blocks=[{"type": "unheard of", "text": 1}, None]) == "shown"
    for nothing in (None, ""):
        assert text_of(text=nothing, blocks=[section("a")], attachments=None) == "a"
    # So they do in an attachment, in the place of what it had before there were blocks.
    attachment = {"text": "not shown", "color": "#F00", "blocks": [section("b")]}
    assert text_of(text="a", attachments=[attachment]) == "a\n\n> b"


def test_kinds_of_blocks() -> None:
    link = {"type": "plain_text", "text": "*Go*", "emoji": True}
    option = {"text": link, "url": "https://c.example/"}
    assert text_of(
        blocks=[
            {"type": "header", "text": {"type": "plain_text", "text": "*a* :tada: #"}},
            section("- *b* &lt;", "plain_text"),
            section(
                "*c*",
                fields=[{"type": "mrkdwn", "text": "*d*"}, {"type": "plain_text", "text": "*e*"}],
                accessory={"type": "button", "text": link, "url": "https://a.example/"},
            ),
            {"type": "divider"},
            {
                "type": "context",
                "elements": [
                    {"type": "image", "image_url": "https://b.example/", "alt_text": "[f]"},
                    {"type": "mrkdwn", "text": "_g_"},
                ],
            },
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "text": link, "value": "asks Slack"},
                    {"type": "overflow", "options": [option]},
                ],
            },
            {"type": "image", "image_url": "https://d.example/", "alt_text": "h", "title": None},
            {"type": "image", "slack_file": {"url": "https://e.example/"}, "alt_text": "i"},
            {
                "type": "video",
                "title": link,
                "title_url": "https://f.example/",
                "video_url": "https://g.example/",
                "alt_text": "j",
            },
            {"type": "markdown", "text": "**k** *l*"},
        ]
    ).split("\n\n") == [
        r"### \*a\* 🎉 \#",
        r"\- \*b\* <",
        "**c**",
        "**d**",
        r"\*e\*",
        r"[\*Go\*](https://a.example/)",
        "---",
        r"[\[f\]](https://b.example/) _g_",
        r"[\*Go\*](https://c.example/)",
        "[h](https://d.example/)",
        "[i](https://e.example/)",
        r"[\*Go\*](https://f.example/)",
        "**k** *l*",
    ]


def test_rich_text() -> None:
    line = part(
        "section",
        word("a "),
        word("bold ", bold=True),
        word("all", bold=True, italic=True, strike=True),
        word(", "),
        word("<b>", code=True),
        word(" "),
        {"type": "link", "url": "https://a.example/", "text": "__init__.py"},
        word(" "),
        {"type": "link", "url": "https://b.example/"},
        {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"},
        {"type": "emoji", "name": "tada"},
        {"type": "broadcast", "range": "channel"},
        {"type": "user", "user_id": "U1"},
        word(" "),
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "channel", "channel_id": "C1"},
        word(" "),
        {"type": "date", "timestamp": 0, "format": "{date}", "fallback": "1 Jan"},
        word(" "),
        {"type": "color", "value": "#ff0000"},
        {"type": "unheard of", "text": 5},
        word("\n- no list"),
    )
    assert text_of(blocks=rich(line)) == (
        r"a **bold** ***~~all~~***, `<b>` [\_\_init\_\_.py](https://a.example/) "
        "[https://b.example/](https://b.example/)👋🏽🎉 @everyone "
        "\\@U1 \\@S1#C1 1 Jan #ff0000\n\\- no list"
    )


def test_lists_quotes_and_code_of_rich_text() -> None:
    def items(*words: str, **more: Any) -> dict[str, Any]:
        return part("list", *(part("section", word(text)) for text in words), **more)

    made = text_of(
        blocks=rich(
            items("a", "b\nc", style="bullet"),
            items("d", "e", style="ordered", indent=1, offset=2),
            part("quote", word("f\n*g*")),
            part("preformatted", word("h *i*\n```\n"), border=0),
        )
    )
    assert made == (
        "- a\n- b\n    c\n\n    3. d\n    4. e\n\n> f\n> \\*g\\*\n\n````\nh *i*\n```\n\n````"
    )
    html, _ = render(made, {})
    assert '<ol start="3">' in html


def test_marks_that_are_turned_off() -> None:
    assert text_of(text="*a* <https://b.example|c>", mrkdwn=False) == (
        r"\*a\* [c](https://b.example)"
    )
    attachment = {"text": "*a*", "pretext": "*b*", "fields": [{"value": "*c*"}]}
    assert text_of(attachments=[attachment]) == "**b**\n\n> **a**\n>\n> **c**"
    some = {**attachment, "mrkdwn_in": ["pretext"]}
    assert text_of(attachments=[some]) == "**b**\n\n> \\*a\\*\n>\n> \\*c\\*"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"text": None},
        {"text": " \n\u200b"},
        {"blocks": [], "attachments": []},
        {"blocks": [{"type": "divider"}]},
        {"attachments": [{"color": "good", "fields": None, "title": ""}]},
        {"attachments": [{}], "blocks": [{"type": "unheard of", "text": "a"}]},
        {"blocks": rich(part("section"))},
    ],
)
def test_nothing_to_show_is_said_with_the_field_that_is_missing(payload: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        text_of(**payload)
    assert refused.value.field == "text"
    assert "«text»" in refused.value.message


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"text": 1}, "text"),
        ({"attachments": "a"}, "attachments"),
        ({"attachments": {}}, "attachments"),
        ({"attachments": ["a"]}, "attachments[0]"),
        ({"attachments": [{}, {"fields": 1}]}, "attachments[1].fields"),
        ({"blocks": [1]}, "blocks[0]"),
        ({"blocks": [{"type": "context", "elements": {}}]}, "blocks[0].elements"),
        ({"attachments": [{"blocks": [1]}]}, "attachments[0].blocks[0]"),
    ],
)
def test_a_wrong_kind_of_part_is_named(payload: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        text_of(**payload)
    assert refused.value.field == field


def test_what_is_not_shown_may_be_anything() -> None:
    payload = {"username": 1, "channel": [], "icon_emoji": None, "unfurl_links": "x", "parse": {}}
    attachment = {"text": "a", "callback_id": 10**30, "author_icon": [], "ts": "soon", "color": 7}
    assert text_of(text="b", attachments=[attachment], **payload) == "b\n\n> a"


def test_more_than_a_message_holds_is_left_out_with_a_note() -> None:
    note = "… *The rest did not fit into a message.*"
    assert len(text_of(text="x" * 65_536)) == 65_536
    with pytest.raises(TooLarge):
        text_of(text="x" * 65_537)
    # Escaped it would be longer than the limit.
    made = text_of(text="`" * 60_000)
    assert len(made.encode()) <= 65_536
    assert made.endswith(note)
    code = "```\n" + "word *a*\n" * 7_000 + "```"
    made = text_of(attachments=[{"text": code, "color": "good"}, {"text": code}])
    assert len(made.encode()) <= 65_536
    assert made.endswith(f"word *a*\n> ```\n\n{note}")


def test_so_many_attachments_and_blocks_are_shown() -> None:
    made = text_of(attachments=[{"text": f"a{n}"} for n in range(1_000)])
    assert made.endswith("> a99\n\n… 900 more attachments")
    made = text_of(blocks=[section(f"a{n}") for n in range(60)])
    assert made.endswith("a49\n\n… 10 more blocks")


@pytest.mark.parametrize(
    "deep",
    [
        b'{"type":"rich_text","elements":[' * 10_000 + b"]}" * 10_000,
        b'{"type":"actions","elements":[{"options":' + b"[" * 90_000 + b"]" * 90_000 + b"}]}",
    ],
)
def test_bottomless_nesting_is_refused(deep: bytes) -> None:
    with pytest.raises(Invalid):
        room_message(b'{"text":"a","blocks":[' + deep + b"]}")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("good", "green"), ("warning", "orange"), ("danger", "red"), ("#36a64f", "green"),
        ("2eb886", "green"), ("#e01e5a", "red"), ("#D63232", "red"), ("#439FE0", "blue"),
        ("#DAA038", "orange"), ("#ff0", "yellow"), ("#764FA5", "purple"), ("#ccc", "grey"),
        ("#000000", "grey"), ("", "grey"), ("red; }", "grey"),
    ],
)  # fmt: skip
def test_a_bar_has_the_nearest_of_a_few_colours(written: str, name: str) -> None:
    assert colour_of(written) == name
    assert name in COLOURS
