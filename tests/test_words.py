"""No docstring or comment opens a sentence with a pronoun that makes a riddle of it.

`What is sent goes out at once.` hides the subject; `A message goes out at once.` names it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("app", "bench", "scripts", "tests")
OPENERS = re.compile(r"(Who|Whoever|Whose|Whom|What|Whatever|Nobody|Of (?:whom|what))\b")
SENTENCE_END = re.compile(r"(?<=[.!])\s+|\n\s*\n")
COMMENTS = re.compile(r"(?:^[ ]*# .*\n)+", re.MULTILINE)
MARGIN = re.compile(r"^[ ]*# ", re.MULTILINE)
JS_COMMENT = re.compile(r"/\*\*?(.*?)\*/|^\s*//(.*?)$", re.DOTALL | re.MULTILINE)
JS_MARGIN = re.compile(r"^\s*\*+ ?", re.MULTILINE)
WITH_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def texts_of_python(path: Path) -> Iterator[str]:
    """The docstrings of a module, then its comments, each run of lines as one text."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, WITH_DOCSTRINGS):
            yield ast.get_docstring(node) or ""
    for run in COMMENTS.findall(source):
        yield MARGIN.sub("", run)


def texts_of_javascript(path: Path) -> Iterator[str]:
    """The comments of a module, without their margins."""
    for block, line in JS_COMMENT.findall(path.read_text(encoding="utf-8")):
        yield JS_MARGIN.sub("", block or line)


def riddles(texts: Iterator[str]) -> list[str]:
    """The sentences that open with one of the pronouns; questions are fine."""
    sentences = (s.strip() for text in texts for s in SENTENCE_END.split(text))
    return [s for s in sentences if OPENERS.match(s) and not s.endswith("?")]


@pytest.mark.parametrize("folder", FOLDERS)
def test_sentences_about_python_name_their_subject(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {sentence[:80]}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "node_modules" not in path.parts
        for sentence in riddles(texts_of_python(path))
    ]
    assert found == []


def test_sentences_about_javascript_name_their_subject() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {sentence[:80]}"
        for folder in ("static/js", "tests/js")
        for path in sorted((ROOT / folder).rglob("*.js"))
        for sentence in riddles(texts_of_javascript(path))
    ]
    assert found == []


@pytest.mark.parametrize("sentence", ["What is left stays.", "Fine. Nobody hears it.", "Whoever"])
def test_a_riddle_is_found(sentence: str) -> None:
    assert riddles(iter([sentence])) != []


def test_questions_and_names_are_no_riddles() -> None:
    assert riddles(iter(["What is left?", "Somebody reads it. The others wait."])) == []
