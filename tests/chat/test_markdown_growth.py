"""The time that a text takes grows with its length and no faster, whatever it is made of.

The short form looks at pieces that have been costly and some that are generated; the long one at
as many as there is time for.
"""

import gc
import random
import time
from collections.abc import Callable

import pytest

from app.chat.markdown import WORDS, plain, render
from app.chat.markup.highlight import SECONDS, Highlighter
from app.chat.markup.links import find_links
from app.chat.markup.mentions import named_in
from app.chat.markup.renderers import ON_THE_LOOP_CHARACTERS, names_a_language
from app.chat.mention_names import mentioned_users, with_current_names

NAMES = {"ana": ("u1", "Ana"), "a": ("u2", "A"), "everyone": ("@everyone", "everyone")}
ALPHABET = "[]()!*_~`<>:/.@#&\\\n -+1|a\"'=wxЖ真。\u0301\u200b"
COSTLY = [
    "://", "http://a.b/(", "http://a.b ", "http://ä.b/ ", "www.a.", "a.com ", "a@b.c", "a.a.",
    "@a", "_@", "[", "![", "![[]()", "[a](", "[a](b)", "](", "[](http://a ", "[[a](b)", "*a ",
    "**a *b ", "_a_", "~~a~", "***a** b*", "> ", "- ", "1. ", "> - 1. ", "- [ ] ", "`a",
    "`a``b```", "<", "<a:", "<!--", "&a;", "|", "a|b\n-|-\n", "|-", "\\", "\n", "a\n", "@\n",
    "[a]: b\n", "a:b:", "真。**", "<span class=\"mention\" ", "```py\n", "~~~a", "#", "=\n", "\t- ",
]  # fmt: skip
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "render": lambda text: render(text, NAMES),
    "WORDS": WORDS.fullmatch,
    "find_links": find_links,
    "named_in": lambda text: named_in(text, NAMES),
    "names_a_language": names_a_language,
    "people_in": mentioned_users,
    "with_names": lambda text: with_current_names(text, lambda _, name: name),
}
SIZE = 2_000
# Four times the text in about four times the time; the rest is for what else the machine does.
FACTOR, NOISE_S, TRIES = 8.0, 0.02, 4


def took(work: Callable[[str], object], text: str, tries: int = 1) -> float:
    """The least processor time of some tries, in seconds."""
    least = float("inf")
    for _ in range(tries):
        began = time.process_time()
        work(text)
        least = min(least, time.process_time() - began)
    return least


def grows_too_fast(work: Callable[[str], object], unit: str, size: int = SIZE) -> str | None:
    """The figures of a work whose time grows faster than the text, or None."""
    # Whole units: both texts end alike, so that not only one of them goes an easier way.
    count = max(1, size // len(unit))
    short, long = unit * count, unit * (4 * count)
    for tries in range(1, TRIES + 1):
        first, last = took(work, short, tries), took(work, long, tries)
        if last <= FACTOR * first + NOISE_S:
            return None
    return f"{unit!r}: {size} in {first:.4f} s, {4 * size} in {last:.4f} s"


def generated(seed: int, count: int) -> list[str]:
    """Units of one to four characters, some around a nesting."""
    dice = random.Random(seed)
    return ["".join(dice.choices(ALPHABET, k=dice.randint(1, 4))) for _ in range(count)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_time_grows_with_the_length(name: str) -> None:
    units = COSTLY + generated(seed=len(name), count=40)
    gc.collect()
    assert list(filter(None, (grows_too_fast(FUNCTIONS[name], unit) for unit in units))) == []


def test_nesting_costs_no_more_than_what_stands_beside_each_other() -> None:
    for opening, closing in (
        ("[", "](a)"),
        ("*", "*"),
        ("> ", ""),
        ("- ", ""),
        ("(", ")"),
        ("**", "** "),
    ):
        short, long = (opening * n + "x" + closing * n for n in (300, 1_200))
        assert took(lambda t: render(t, NAMES), long, 3) <= FACTOR * took(
            lambda t: render(t, NAMES), short, 3
        ) + NOISE_S, opening  # fmt: skip


def test_labels_that_never_end_are_given_up() -> None:
    """Each would be followed to the end of the text: the square of its length."""
    for text in ("[a " * 3_000 + "](https://a.b)", "![" * 5_000 + "](https://a.b"):
        assert render(text, NAMES)[0] == plain(text)
    assert "<a" in render("[a " * 50 + "b](https://a.b)", NAMES)[0]


def test_text_on_the_loop_takes_little_time() -> None:
    """Rendering on the event loop takes less than 50 ms."""
    slow: list[tuple[str, float]] = []
    for unit in COSTLY + generated(seed=1, count=60):
        for end in ("", "](a:b)", "*", "`", ")"):
            text = (unit * ON_THE_LOOP_CHARACTERS)[: ON_THE_LOOP_CHARACTERS - len(end)] + end
            if (seconds := took(FUNCTIONS["render"], text)) > 0.05:
                seconds = took(FUNCTIONS["render"], text, 5)
            slow += [(unit + end, seconds)] if seconds > 0.05 else []
    assert slow == []


def test_colours_stop_when_their_time_is_over() -> None:
    code = "((((" * 7_000
    for language in ("py", "js", "html", "c++", "md", "perl", "yaml"):
        assert took(lambda t, of=language: Highlighter().highlight(t, of), code) < SECONDS + 1.0


@pytest.mark.slow
def test_time_grows_with_the_length_of_anything() -> None:
    seed = random.randrange(2**32)
    slow = [
        (name, figures)
        for unit in generated(seed, 1_500)
        for name, work in FUNCTIONS.items()
        if (figures := grows_too_fast(work, unit, 4_000))
    ]
    assert slow == [], f"seed {seed}"
