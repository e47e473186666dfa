"""The translated texts of each language, read from `locale/<language>/LC_MESSAGES/parley.po`.

A text is known by its English words. Templates and Python write `%(name)s` where a value goes,
scripts write `{name}`.
"""

import hashlib
import json
import re
from collections.abc import Callable
from functools import lru_cache
from gettext import c2py
from pathlib import Path

from msgspec import Struct

from app.translation_marks import WORDS_IN_SENTENCES
from app.web.languages import SOURCE

FOLDER = Path(__file__).resolve().parents[2] / "locale"
# Comments of an entry say where its text is used: `#. html, js, py`.
IN_SCRIPTS, IN_PYTHON = "js", "py"

# Not `re.escape`: JavaScript refuses needless escapes.
_SYNTAX = re.compile(r"[\\^$.*+?()\[\]{}|/]")
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")

_GROUP = re.compile(r"\(\?P<\w+>[^)]*\)")

LONGEST_SENTENCE = 1_000

Forms = tuple[str, ...]


class Catalogue(Struct, frozen=True):
    """The texts of one language; a text that it lacks is shown in English."""

    language: str
    texts: dict[str, Forms]
    """By the English text (of a plural, its singular): one form, or one for each plural."""
    sentences: tuple[tuple[re.Pattern[str], str], ...]
    """Sentences of the server that have values in them: what they look like, and their text."""
    plural_form: Callable[[int], int]
    script: bytes
    """The script before the modules of a page sets `parleyCatalogue`. Empty for English."""
    digest: str

    def gettext(self, text: str) -> str:
        """The text in this language."""
        return self.texts.get(text, (text,))[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form of a text for `count`."""
        forms = self.texts.get(one, ())
        form = self.plural_form(count)
        if form < len(forms):
            return forms[form]
        return one if count == 1 else many

    def sentence(self, text: str) -> str:
        """A sentence of the server, such as an error's message, in this language."""
        if text in self.texts:
            return self.texts[text][0]
        if len(text) > LONGEST_SENTENCE:
            return text
        for pattern, translated in self.sentences:
            found = pattern.fullmatch(text)
            if found:
                return translated.format_map(
                    {name: self._word(value) for name, value in found.groupdict().items()}
                )
        return text

    def _word(self, value: str) -> str:
        return self.gettext(value) if value in WORDS_IN_SENTENCES else value


def _english_form(count: int) -> int:
    return int(count != 1)


ENGLISH = Catalogue(SOURCE, {}, (), _english_form, b"", "")


def po_file(language: str, folder: Path = FOLDER) -> Path:
    """The catalogue's source."""
    return folder / language / "LC_MESSAGES" / "parley.po"


def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; it is read again where the file has changed.

    Takes some tenths of a second the first time: call it in a thread.
    """
    if language == SOURCE:
        return ENGLISH
    path = po_file(language)
    return read(language, path, path.stat().st_mtime_ns)


@lru_cache(16)
def read(language: str, path: Path, _changed_ns: int = 0) -> Catalogue:
    """Read a catalogue's file; entries without a translation are left out."""
    # Only a server that speaks another language than English pays for this import.
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        source = read_po(file, locale=language)
    texts: dict[str, Forms] = {}
    in_scripts: dict[str, str | Forms] = {}
    patterns: list[tuple[str, str]] = []
    for message in source:
        given = message.string or ""
        forms = (given,) if isinstance(given, str) else tuple(given)
        if not message.id or not all(forms):
            continue
        text = message.id if isinstance(message.id, str) else message.id[0]
        texts[text] = forms
        uses = set(", ".join(message.auto_comments).split(", "))
        if IN_PYTHON in uses and "{" in text:
            patterns.append((pattern_of(text), forms[0]))
        elif uses & {IN_SCRIPTS, IN_PYTHON}:
            in_scripts[text] = forms if len(forms) > 1 else forms[0]
    # The one with most words of its own fits best.
    patterns.sort(key=lambda each: len(_GROUP.sub("", each[0])), reverse=True)
    script = _script(language, in_scripts, patterns)
    return Catalogue(
        language=language,
        texts=texts,
        sentences=tuple((re.compile(pattern), forms) for pattern, forms in patterns),
        plural_form=c2py(source.plural_expr),
        script=script,
        digest=hashlib.sha256(script).hexdigest()[:12],
    )


def pattern_of(sentence: str) -> str:
    """The pattern of a sentence with `{name}` in it, with a group for each name."""
    return _PLACEHOLDER.sub(r"(?P<\1>.{1,200}?)", _SYNTAX.sub(r"\\\g<0>", sentence))


def in_script(pattern: str) -> str:
    """The pattern as JavaScript writes it."""
    return pattern.replace("(?P<", "(?<")


def _script(language: str, texts: dict[str, str | Forms], patterns: list[tuple[str, str]]) -> bytes:
    content = {
        "language": language,
        "texts": texts,
        "words": [text for text in WORDS_IN_SENTENCES if text in texts],
        "sentences": [(in_script(each), text) for each, text in patterns],
    }
    return f"globalThis.parleyCatalogue={json.dumps(content, ensure_ascii=False)};\n".encode()
