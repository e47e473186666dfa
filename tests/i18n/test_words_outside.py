"""No word of a template stays outside the catalogues."""

import pytest

from tests.i18n.outside import ROOT, in_template

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Names and code, the same in every language.
# So are the names of the languages, each in its own, and media queries.
SAME_EVERYWHERE = {
    *('"Server-Sent Events"', '"WebSocket"', '"English"', '"Deutsch"', '"not all"', "MIT"),
}
# Paths of icons and of files.
PATHS = ("'vendor/", '"vendor/', '"M', '"m')


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_goes_through_the_catalogues(path: object) -> None:
    source = (ROOT / str(path)).read_text(encoding="utf-8")
    words = [
        word
        for word in in_template(source)
        if word not in SAME_EVERYWHERE and not word.startswith(PATHS)
    ]
    assert words == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Sign in</p>", ["Sign in"]),
        ('<p>{{ _("Sign in") }}</p>', []),
        ('<a title="Close" aria-label="{{ name }} opens">x</a>', None),
        ("{% trans %}Sign <b>in</b>{% endtrans %} again", ["again"]),
        ('{{ field("name", "Your name", hint=_("As others see it.")) }}', ['"Your name"']),
        ("{% block card_class %}wide{% endblock %}", []),
        ("<code>curl it</code><script>let wide;</script>", []),
    ],
)
def test_words_are_found_where_people_read_them(source: str, words: list[str] | None) -> None:
    expected = ['title="Close"', 'aria-label="\ufffc opens"'] if words is None else words
    assert list(in_template(source)) == expected
