"""Where an address in a text begins and ends, and what it leads to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.markdown import render
from app.chat.markup.links import find_links

ENDS = [".", ",", ";", ":", "!", "?", "'", '"', "*", "_", "~", ")", "]", "}", ">", "…", "。", "，",
        "、", "；", "：", "！", "？", "）", "」", "』", "】", "》", "”", "’", "»", "،", "؟", "।",
        "＞", "～", "｜", "＝", "|",
        "...", ").", '",', "**", "~~", "。）", "&quot;", "\u200b", "\u3000"]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "address",
    ["https://example.com/e", "www.example.com/e", "https://example.com", "example.com/a_(b)"],
)
def test_address_ends_before_the_punctuation_of_the_sentence(address: str, end: str) -> None:
    for text in (f"see {address}{end}", f"see {address}{end} next", f"({address}{end}"):
        assert [text[link.start : link.end] for link in find_links(text)] == [address]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("see https://example.com/e: next", ["https://example.com/e"]),
        ("请看 https://example.com/a。好", ["https://example.com/a"]),
        ("请看https://example.com/a，好", ["https://example.com/a"]),
        ("（https://example.com/a）", ["https://example.com/a"]),
        ("「www.example.com」", ["www.example.com"]),
        ("看example.com吧，或https://example.com吧", ["example.com", "https://example.com"]),
        ("https://zh.wikipedia.org/wiki/维基百科", ["https://zh.wikipedia.org/wiki/维基百科"]),
        ("**https://example.com/a**谢谢", ["https://example.com/a"]),
        ("www.example.com/_foo_/bar", ["www.example.com/_foo_/bar"]),
        ("www.example.com/?u=@bob", ["www.example.com/?u=@bob"]),
        ("https://xn--80ak6aa92e.com/", ["https://xn--80ak6aa92e.com/"]),
        ("https://例子.测试/路径", ["https://例子.测试/路径"]),
        ("https://münchen.de/ü", ["https://münchen.de/ü"]),
        ("https://a.example/x_(y)_[z]", ["https://a.example/x_(y)_[z]"]),
        ("(https://a.example/x_(y))", ["https://a.example/x_(y)"]),
        ("[https://a.example/x]", ["https://a.example/x"]),
        ("https://a.example/~ana/**/x", ["https://a.example/~ana/**/x"]),
        ("http://localhost:8000/x", ["http://localhost:8000/x"]),
        ("http://192.0.2.1:8080", ["http://192.0.2.1:8080"]),
        ("http://[2001:db8::1]:443/x", ["http://[2001:db8::1]:443/x"]),
        ("https://ana:secret@example.com/", ["https://ana:secret@example.com/"]),
        ("https://example.com:8080: next", ["https://example.com:8080"]),
        ("https://example.com./x", ["https://example.com./x"]),
        ("HTTPS://EXAMPLE.COM/X", ["HTTPS://EXAMPLE.COM/X"]),
        ("https://medium.com/@bob/post", ["https://medium.com/@bob/post"]),
        ("ana@example.com, first.last+tag@example.co.uk.",
         ["ana@example.com", "first.last+tag@example.co.uk"]),
        ("交给ana@example.com处理", ["ana@example.com"]),
        ("first.com@example.org", ["first.com@example.org"]),
        ("https://ja.wikipedia.org/wiki/ダ・ヴィンチ", ["https://ja.wikipedia.org/wiki/ダ・ヴィンチ"]),
        ("https://example.com/100%", ["https://example.com/100%"]),
        ("_ana@example.com_", ["ana@example.com"]),
        ("mailto:ana@example.com?subject=hi.", ["mailto:ana@example.com?subject=hi"]),
        ("look at example.com/path?q=1#top", ["example.com/path?q=1#top"]),
        ("1.2.3.4 e.g. i.e. file.txt a_b.com ftp://example.com xhttps://example.com", []),
        ("https:// http://. ://a.example @example.com a@b ...", []),
        ("https://" + "a" * 64 + ".com", []),
        ("https://example.com/" + "a" * 2_048, []),
    ],
)  # fmt: skip
def test_addresses_in_a_text(text: str, addresses: list[str]) -> None:
    assert [text[link.start : link.end] for link in find_links(text)] == addresses


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("example.com/x", "http://example.com/x"),
        ("www.example.com", "http://www.example.com"),
        ("ana@example.com", "mailto:ana@example.com"),
        ("https://例子.测试/路", "https://xn--fsqu00a.xn--0zwm56d/%E8%B7%AF"),
        ("https://a.example/a b", "https://a.example/a"),
        ("https://a.example/?a=1&b=2", "https://a.example/?a=1&amp;b=2"),
    ],
)
def test_link_leads_to_what_is_written(text: str, href: str) -> None:
    assert f'<a href="{href}" ' in render(text, {})[0]


@pytest.mark.parametrize("text", ["https://xn--80ak6aa92e.com/", "<https://xn--80ak6aa92e.com/>",
                                  "https://例子.测试/%E8%B7%AF", "https://аррӏе.com/"])  # fmt: skip
def test_address_is_shown_as_it_is_written(text: str) -> None:
    assert f">{text.strip('<>')}</a>" in render(text, {})[0]


def test_nothing_within_an_address_means_anything_else() -> None:
    names = {"bob": ("u1", "Bob")}
    for text in ("www.example.com/_foo_/bar", "https://a.example/*a*/~~b~~/@bob", "a.com/@bob"):
        html, mentions = render(text, names)
        assert html.count("<") == html.count("<a ") + 3
        assert f">{text}</a></p>" in html
        assert mentions == []


def test_label_of_a_link_holds_no_other_link() -> None:
    html, _ = render("[see https://a.example/x_y_](https://b.example)", {})
    assert html.count("<a ") == 1
    assert ">see https://a.example/x_y_</a>" in html


@given(st.text(st.sampled_from("ab.:/@()[]*_~w?&;。中ё -htps"), max_size=60))
def test_addresses_stand_in_order_and_apart(text: str) -> None:
    end = 0
    for link in find_links("https://" + text):
        assert end <= link.start < link.end
        end = link.end
