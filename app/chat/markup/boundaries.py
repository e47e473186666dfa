"""Word boundaries around mentions and addresses. No I/O.

Scripts that are written without spaces (Chinese, Japanese, Thai) or that attach particles to a
name (Korean, Hebrew, Arabic) do not make a name part of the word beside it. The letters of Latin,
Greek, Cyrillic and their neighbours do: with those before it, `@` is one of an e-mail address.
`static/js/chat/composer/mentions.js` has the same rule; both are tested with the same table.
"""

import re

# Digits, letters and accents of the alphabets that e-mail addresses are written in.
_WORD = (
    "0-9A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u0386\u0388-\u0559"
    "\u0560-\u0588\u10a0-\u10fa\u10fc-\u10ff\u1e00-\u1fff"
)
CONTINUES_A_WORD = re.compile(f"[{_WORD}]")
JOINS_WORDS = re.compile(rf"[^\x00-\x7f{_WORD}]")


def word_goes_on_before(text: str, at: int) -> bool:
    """Whether the character before `at` belongs to a word, which may end with `_` or `.`."""
    while at and text[at - 1] in "_.":
        at -= 1
    return at > 0 and (text[at - 1] in "@/" or CONTINUES_A_WORD.match(text[at - 1]) is not None)


def word_goes_on_after(text: str, at: int) -> bool:
    """Whether a letter, digit or accent follows at `at`."""
    return at < len(text) and CONTINUES_A_WORD.match(text[at]) is not None
