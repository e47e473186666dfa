"""The catalogues hold every text of the code, and each has its translation."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from app.chat.system_messages import SENTENCES
from app.web.catalogues import FOLDER, catalogue
from app.web.languages import LANGUAGES, SOURCE
from scripts.update_catalogues import texts, updated

FILES = sorted(FOLDER.glob("*/LC_MESSAGES/parley.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%|</?\w+[^>]*>")
# A form for one may say it in words.
SPARED_IN_PLURALS = {"%(num)s", "{n}"}


def language(path: Path) -> str:
    return path.parts[-3]


@pytest.fixture(params=FILES, ids=language)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [each for each in read_po(file, locale=language(path)) if each.id]


def forms(message: Message) -> tuple[str, ...]:
    given = message.string or ""
    return (given,) if isinstance(given, str) else tuple(given)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_language_has_a_catalogue() -> None:
    assert {language(path) for path in FILES} == set(LANGUAGES) - {SOURCE}


def test_catalogue_holds_the_texts_of_the_code(path: Path) -> None:
    held = {
        message.id if isinstance(message.id, str) else message.id[0] for message in messages(path)
    }
    wanted = {text if isinstance(text, str) else text[0] for text in texts()}
    assert (sorted(wanted - held), sorted(held - wanted)) == ([], []), "run `make catalogues`"


def test_catalogue_is_written_as_the_command_does(path: Path) -> None:
    is_same = updated(path, texts()) == path.read_text(encoding="utf-8")
    assert is_same, "run `make catalogues`"


def test_every_text_is_translated(path: Path) -> None:
    assert [message.id for message in messages(path) if not all(forms(message))] == []


def test_plurals_have_as_many_forms_as_the_language(path: Path) -> None:
    with path.open("rb") as file:
        wanted = read_po(file, locale=language(path)).num_plurals
    plurals = [each for each in messages(path) if not isinstance(each.id, str)]
    assert [each.id for each in plurals if len(forms(each)) != wanted] == []


def test_translation_has_the_same_values_and_marks(path: Path) -> None:
    """A text without a value shows nothing of it; one with another fails when it is shown."""
    wrong = []
    for message in messages(path):
        ids = (message.id,) if isinstance(message.id, str) else message.id
        wanted = {each for text in ids for each in PLACEHOLDER.findall(text)}
        spared = SPARED_IN_PLURALS if len(ids) > 1 else set()
        for form in forms(message):
            if wanted - spared != set(PLACEHOLDER.findall(form)) - spared:
                wrong.append((ids[0], form))
    assert wrong == []


def test_page_has_a_sentence_for_every_system_message() -> None:
    found = texts()
    assert [each for each in SENTENCES.values() if "js" not in found.get(each, ())] == []


def test_german_is_spoken() -> None:
    german = catalogue("de")
    assert german.gettext("Sign in") == "Anmelden"
    assert german.ngettext("%(num)s private one", "%(num)s private ones", 1) == "%(num)s privater"
    assert german.sentence("A message has at most 65,536 bytes; this one is longer.") == (
        "Eine Nachricht hat höchstens 65,536 Bytes; diese ist länger."
    )
