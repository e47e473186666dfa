"""Brings the texts of the code into `locale/*/LC_MESSAGES/parley.po`: `make catalogues`.

Translations stay; texts that are new stand there empty, and those that no code has any more go.
Entries are sorted and have no line numbers, so that two branches rarely touch the same lines.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]

# Constructors whose first argument a person may read.
ERRORS = {
    *("ParleyError", "Invalid", "Unauthenticated", "Forbidden", "NotFound", "Conflict"),
    *("TooLarge", "RateLimited", "Unavailable"),
}
# Marks a text in Python that a template shows in the person's language.
MARK = "N_"
# The dictionary of a feature with the words for the page of the audit trail.
AUDITED = "audited"

VALUE = re.compile(r"\{\w+\}")
WORD = re.compile(r"[A-Za-z]{2}")

TEMPLATE_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
SCRIPT_KEYWORDS = {"t": None, "tn": (1, 2), "tNodes": None}
HEADER = """\
# {name} for Parley. `make catalogues` adds new texts; a text is known by its English words.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""

Text = str | tuple[str, str]
Found = Iterator[tuple[Text, str]]


def texts() -> dict[Text, set[str]]:
    """Every text of the code, and where it is used: `html`, `js`, `py`."""
    found: dict[Text, set[str]] = {}
    for text, use in (*in_templates(), *in_scripts(), *in_python()):
        found.setdefault(text, set()).add(use)
    # A text that also has a plural is one entry.
    for plural in [text for text in found if isinstance(text, tuple)]:
        found[plural] |= found.pop(plural[0], set())
    return found


def in_templates() -> Found:
    options = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from _extracted(path, "jinja2.ext:babel_extract", TEMPLATE_KEYWORDS, options, "html")


def in_scripts() -> Found:
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield from _extracted(path, "javascript", SCRIPT_KEYWORDS, {}, "js")


def _extracted(
    path: Path,
    method: str,
    keywords: dict[str, tuple[int, int] | None],
    options: dict[str, str],
    use: str,
) -> Found:
    with path.open("rb") as file:
        for _line, text, _comments, _context in extract(method, file, keywords, (), options):
            yield (text if isinstance(text, str) else (text[0], text[1])), use


def in_python() -> Found:
    """The texts of errors, and those that are marked with `N_`."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == AUDITED:
                for value in getattr(node.value, "values", ()):
                    yield from ((text, "py") for text in _sentences(value))
            elif isinstance(node, ast.Call) and node.args and _callee(node) in ERRORS | {MARK}:
                for text in _sentences(node.args[0]):
                    # One without words of its own, such as "{a}: {b}.", would fit everything.
                    if WORD.search(VALUE.sub("", text)):
                        yield text, "py"


def _callee(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _sentences(node: ast.expr) -> Iterator[str]:
    """The texts of an argument; values in an f-string become `{a}`, `{b}`."""
    match node:
        case ast.Constant(value=str(text)) if text.strip():
            yield text
        case ast.JoinedStr(values=parts):
            names = iter("abcdefgh")
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else f"{{{next(names)}}}"
                for part in parts
            )
        case ast.IfExp(body=one, orelse=other):
            yield from _sentences(one)
            yield from _sentences(other)


def updated(path: Path, found: dict[Text, set[str]]) -> str:
    """The file with these texts and the translations that it has."""
    language = path.parts[-3]
    with path.open("rb") as file:
        before = read_po(file, locale=language)
    after = Catalog(locale=language)
    for text, uses in found.items():
        key = text if isinstance(text, str) else text[0]
        held = before.get(key)
        kept = held.string if held and isinstance(held.id, str) == isinstance(text, str) else None
        after.add(text, kept, auto_comments=[", ".join(sorted(uses))])
    written = io.BytesIO()
    write_po(written, after, width=0, sort_output=True, omit_header=True)
    header = HEADER.format(
        name=after.locale.english_name if after.locale else language,
        language=language,
        plurals=after.plural_forms,
    )
    return header + written.getvalue().decode().strip() + "\n"


def main() -> None:
    found = texts()
    for path in sorted((ROOT / "locale").glob("*/LC_MESSAGES/parley.po")):
        text = updated(path, found)
        path.write_text(text, encoding="utf-8")
        with path.open("rb") as file:
            empty = sum(1 for each in read_po(file) if each.id and not all(each.string or ("",)))
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(found)} texts, {empty} to translate\n")


if __name__ == "__main__":
    main()
