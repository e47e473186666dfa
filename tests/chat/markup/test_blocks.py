"""Directions, columns and task lists."""

import pytest

from app.chat.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("שלום עולם", '<p dir="auto">שלום עולם</p>'),
        ("مرحبا **بك**", '<p dir="auto">مرحبا <strong>بك</strong></p>'),
        ("hello\n\nשלום", '<p dir="auto">hello</p>\n<p dir="auto">שלום</p>'),
        ("# שלום", '<h1 dir="auto">שלום</h1>'),
        # A container has the direction of its first line, which therefore needs none of its own.
        ("> שלום\n>\n> hi",
         '<blockquote dir="auto">\n<p>שלום</p>\n<p dir="auto">hi</p>\n</blockquote>'),
        ("- שלום\n- hi", '<ul dir="auto">\n<li>שלום</li>\n<li dir="auto">hi</li>\n</ul>'),
        ("hi", "<p>hi</p>"),
        ("**真。**", "<p><strong>真。</strong></p>"),
    ],
)  # fmt: skip
def test_text_with_letters_from_right_to_left_says_so(text: str, html: str) -> None:
    assert render(text, {})[0] == html


def test_a_mention_does_not_decide_the_direction_of_what_it_begins() -> None:
    names = {"ben": ("u1", "Ben")}
    span = '<span class="mention" data-user="u1">@Ben</span>'
    # A browser that looks for the first letter passes over `bdi`.
    assert render("@ben שלום", names)[0] == f'<p dir="auto"><bdi>{span}</bdi> שלום</p>'
    assert render("@ben hi", names)[0] == f"<p>{span} hi</p>"


def test_cells_have_their_own_direction() -> None:
    html, _ = render("שם|name\n-|-\nאבא|Ana", {})
    assert html.startswith('<table dir="auto">\n<thead>\n<tr>\n<th>שם</th>\n<th dir="auto">name')
    assert '<td dir="auto">אבא</td>\n<td dir="auto">Ana</td>' in html


def test_columns_are_aligned_without_a_style() -> None:
    html, _ = render("a|b|c|d\n:-|:-:|--:|-\n1|2|3|4", {})
    assert "style" not in html
    for tag in ("th", "td"):
        assert [html.count(f'<{tag} align="{a}">') for a in ("left", "center", "right")] == [1] * 3
        assert f"<{tag}>" in html


TO_DO = '<input type="checkbox" disabled="" aria-label="to do">'
DONE = '<input type="checkbox" disabled="" aria-label="done" checked="">'


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- [ ] one\n- [x] two\n- [X] three",
         [f"{TO_DO} one", f"{DONE} two", f"{DONE} three"]),
        ("1. [x] **two**", [f"{DONE} <strong>two</strong>"]),
        ("- [ ]\n- [y] no\n- [x]no\n- x [ ] no", ["[ ]", "[y] no", "[x]no", "x [ ] no"]),
    ],
)  # fmt: skip
def test_task_lists_have_boxes(text: str, items: list[str]) -> None:
    html, _ = render(text, {})
    assert [line for line in html.splitlines() if line.startswith("<li>")] == [
        f"<li>{item}</li>" for item in items
    ]


def test_a_box_stands_in_lists_only() -> None:
    assert "<input" not in render("[ ] no\n\n> [x] no", {})[0]
