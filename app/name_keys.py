"""Search keys of names: by them a database finds any part of a name, in any script.

A key is the rest of a folded name from one of its characters on, so that every part of the name is
the beginning of a key and one range of an index holds all matches. No I/O.
"""

import re
import unicodedata
from collections.abc import Mapping

# Characters that people leave out: accents, the points of Hebrew and Arabic, the tatweel, and those
# without a shape. Marks that spell something else (Japanese, Indian scripts) stay.
_LEFT_OUT = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u0655\u0670"
    "\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]"
)
# Letters with a stroke, and joined ones, which Unicode doesn't take apart.
_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
# Longer queries and names are cut: a name has 80 characters at most, and some fold into several.
CHARACTERS = 120
WORDS = 5


def folded(text: str) -> str:
    """`text` as it is compared: no case, no accents, one form of each character, words apart.

    The browser does the same (static/js/core/name_match.js), tested with the same table.
    """
    taken_apart = unicodedata.normalize("NFKD", text[:CHARACTERS])
    lower = _LEFT_OUT.sub("", taken_apart.casefold()).translate(_LETTERS)
    # Some capitals are taken apart by folding their case only.
    plain = _LEFT_OUT.sub("", unicodedata.normalize("NFKD", lower))
    return unicodedata.normalize("NFC", plain)[:CHARACTERS]


def words(query: str) -> list[str]:
    """The words of a query, each of which a name has to contain; the longest first."""
    return sorted(_split(folded(query))[:WORDS], key=len, reverse=True)


def name_keys(*names: str) -> Mapping[str, list[str]]:
    """The fields of a document that is found by these names.

    `name_starts` has the keys at which a word begins, `name_parts` those of all characters.
    """
    starts: set[str] = set()
    parts: set[str] = set()
    for name in names:
        text = " ".join(_split(folded(name)))
        for at, character in enumerate(text):
            if character != " ":
                parts.add(text[at:])
                if at == 0 or text[at - 1] == " ":
                    starts.add(text[at:])
    return {"name_starts": sorted(starts), "name_parts": sorted(parts)}


def _split(text: str) -> list[str]:
    """The words between spaces and punctuation; symbols and emoji are words too."""
    return "".join(c if unicodedata.category(c)[0] in "LMNS" else " " for c in text).split()
