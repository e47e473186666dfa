"""Texts that make careless code slow: short units from the alphabets that Parley reads, repeated.

The same texts in each run; `PARLEY_GROWTH_SEED` chooses other made-up units.
"""

import os
import random
from collections.abc import Iterator

from msgspec import Struct

SEED = int(os.environ.get("PARLEY_GROWTH_SEED", "15"))
# Characters of the syntaxes: Markdown, JSON, forms, packets, addresses, tables, times.
ALPHABETS = (
    "*_~`[]()!<>|\\#-+. \n\ta1",
    '[{"\\,:}]0eE-. un',
    "&=%;+/?#@:.[]a1",
    '0123456789-,:[]{}"/x',
    "@#:/.<>&a b\u0301\u200d\u202e\ufe0f\u4e2d\u3002",
)
# Units that slowed something down, here or elsewhere, and what is expensive in itself: marks that
# have to be put in order, letters that become several, long numbers.
KNOWN = (
    *("9", "-", " ", "\n", ",", ".", ":", "/", "|", "_", "*", "`", "[", "(", "<", "&", "%", "@"),
    *("\u0323\u0301", "\u0301", "\ufdfa", "\u0130", "\u00df", "\u200b", "\u200d", "\U0001f44d"),
    *("\u3002", "\uac00", "\u1100\u1161", "\u202e", "\x00", "\\", '"', "\\u0000", "e9", "1e"),
    *("://", "](", "![", "[a](", "[a]:", "**a", "*a_", "_a*", "`a", "``", "<a", "</", "&#", "&a="),
    *("http://a.b/(", "https://[", "www.a.", "a@b.", "@a", "@here ", "> ", ">>", "- ", "1. "),
    *("\n|", "|a", "|-", "[[", "]]", "((", "{{", "[{", '{"a":', "[x]\n", "- [ ] ", "\n\n", "\n>"),
    *("\n- ", ";q=0.1", ", a", "; a=b", "a:", "::", "1.2.", "::1,", "a/../", "a=1&", ";;", "\r\n"),
    *("  \n", "<!here>", "<#C|", "<@U|", "<http://a|", "*a* ", "&lt;", "~a~", "^", "--", "=="),
    *("\t", "$", "\\(", "%41", "\u4e2d**", "\u2764\ufe0f"),
)
ENDS = ("!", "-", "\n", ")", "a")
MADE_UP = 60
OPPOSITE = {"[": "]", "(": ")", "{": "}", "<": ">", "[[": "]]", "((": "))", "{{": "}}", "[{": "}]"}


class Hostile(Struct, frozen=True):
    """A kind of text, which can be made of any length."""

    unit: str
    before: str = ""
    after: str = ""

    def text(self, characters: int) -> str:
        """About so long a text, not longer."""
        room = max(0, characters - len(self.before) - len(self.after))
        if self.unit in OPPOSITE and self.after == "nested":
            deep = characters // (2 * len(self.unit))
            return self.unit * deep + OPPOSITE[self.unit] * deep
        return (self.before + self.unit * (room // len(self.unit)) + self.after)[:characters]


def made_up() -> Iterator[str]:
    """Units of one to four characters, each from one alphabet."""
    dice = random.Random(SEED)
    for _ in range(MADE_UP):
        alphabet = dice.choice(ALPHABETS)
        yield "".join(dice.choices(alphabet, k=dice.randint(1, 4)))


def kinds(*, in_full: bool) -> list[Hostile]:
    """All kinds, or those that `make test` has time for."""
    known = [Hostile(unit) for unit in KNOWN]
    nested = [Hostile(unit, after="nested") for unit in OPPOSITE]
    # A text that matches up to its end makes a pattern retry from every position.
    ended = [
        Hostile(unit, before="a" * (nth % 2), after=ENDS[nth % len(ENDS)])
        for nth, unit in enumerate(KNOWN)
    ]
    if not in_full:
        return known + nested
    return [*known, *nested, *ended, *map(Hostile, made_up())]
