"""Bars in colour beside quotations."""

from app.chat.markdown import render


def test_a_quotation_has_the_colour_of_the_line_it_begins_in() -> None:
    text = "> before\n\ntext\n\n> red\n> > inner\n\n- item\n  > inner\n\n> plain"
    html, _ = render(text, {}, coloured={4: "red", 8: "green"})
    assert html.count("<blockquote") == 5
    assert html.count("class=") == 1
    assert '<blockquote class="bar-red">\n<p>red</p>' in html


def test_only_known_colours_become_classes() -> None:
    html, _ = render("> a", {}, coloured={0: "red mention"})
    assert html == "<blockquote>\n<p>a</p>\n</blockquote>"
