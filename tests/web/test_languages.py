"""Pages come in the language that the browser asks for."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.web.catalogues import Catalogue, catalogue, pattern_of, read
from app.web.languages import LONGEST_HEADER, negotiated
from app.web.locale_formats import LocaleFormats, in_order
from tests.web.site import site

PO = """
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#. html
msgid "Rooms"
msgstr "Räume"

#. html, js
msgid "{n} person"
msgid_plural "{n} people"
msgstr[0] "{n} Person"
msgstr[1] "{n} Personen"

#. py
msgid "There is no such file."
msgstr "Diese Datei gibt es nicht."

#. py
msgid "A name has {a} to {b} characters."
msgstr "Ein Name hat {a} bis {b} Zeichen."

#. js
msgid "Not translated yet"
msgstr ""
"""


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr, de;q=0.5, en;q=0.3", "de"),
        ("fr", "en"),
        ("de;q=0, en", "en"),
        ("en;q=0.5,de;q=1", "de"),
        ("*", "en"),
        ("de;q=much", "en"),
        ("x" * LONGEST_HEADER + ",de", "en"),
    ],
)
def test_language_is_the_best_that_there_is(header: str, language: str) -> None:
    assert negotiated(header) == language


@pytest.fixture
def german(tmp_path: Path) -> Catalogue:
    path = tmp_path / "parley.po"
    path.write_text(PO, encoding="utf-8")
    return read("de", path)


def test_text_is_found_by_its_english_words(german: Catalogue) -> None:
    assert german.gettext("Rooms") == "Räume"
    assert german.gettext("Nowhere in it") == "Nowhere in it"
    assert german.gettext("Not translated yet") == "Not translated yet"


def test_plural_has_the_form_of_its_language(german: Catalogue) -> None:
    forms = [german.ngettext("{n} person", "{n} people", n) for n in (0, 1, 2)]
    assert forms == ["{n} Personen", "{n} Person", "{n} Personen"]
    assert german.ngettext("one", "many", 2) == "many"


def test_sentence_of_the_server_is_found_with_its_values(german: Catalogue) -> None:
    assert german.sentence("There is no such file.") == "Diese Datei gibt es nicht."
    assert german.sentence("A name has 2 to 32 characters.") == "Ein Name hat 2 bis 32 Zeichen."
    assert german.sentence("A name is good.") == "A name is good."


def test_pattern_takes_the_text_around_the_values_literally() -> None:
    assert pattern_of("Is {a} (or so)?") == r"Is (?P<a>.{1,200}?) \(or so\)\?"


def test_script_has_only_what_scripts_show(german: Catalogue) -> None:
    content = json.loads(german.script.decode().partition("=")[2].strip().removesuffix(";"))
    assert content["language"] == "de"
    assert content["texts"] == {
        "{n} person": ["{n} Person", "{n} Personen"],
        "There is no such file.": "Diese Datei gibt es nicht.",
    }
    assert [text for _, text in content["sentences"]] == ["Ein Name hat {a} bis {b} Zeichen."]


async def test_error_page_is_german_where_german_is_asked_for() -> None:
    async with site() as client:
        page = await client.get(
            "/nowhere", headers={"Accept-Language": "de", "Accept": "text/html"}
        )
        assert page.headers["Vary"].startswith("Accept-Language")
        text = await page.text()
        assert '<html lang="de" ' in text
        script = text.partition('src="/static/')[2].partition('"')[0]
        assert script.partition("/")[2].startswith("locale/de.js?")
        served = await client.get(f"/static/{script}")
        assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert (await served.text()).startswith("globalThis.parleyCatalogue={")
        assert (await client.get("/static/x/locale/fr.js")).status == 404


async def test_english_page_loads_no_catalogue() -> None:
    async with site() as client:
        page = await (await client.get("/nowhere", headers={"Accept": "text/html"})).text()
        assert '<html lang="en" ' in page
        assert "locale/" not in page


def test_dates_and_numbers_are_written_as_the_language_does() -> None:
    at = datetime(2025, 11, 24, 6, 14, tzinfo=UTC)
    assert LocaleFormats("en").moment(at, "Europe/Berlin") == "24 Nov 2025, 07:14"
    assert LocaleFormats("de").moment(at, "Europe/Berlin") == "24.11.2025, 07:14"
    assert (LocaleFormats("en").number(1234), LocaleFormats("de").number(1234)) == (
        "1,234",
        "1.234",
    )


def test_names_stand_where_people_look_for_them() -> None:
    rooms = [{"name": name} for name in ("zebra", "Äpfel", "Birnen", "apfel", "Émile")]
    assert [each["name"] for each in in_order(rooms, "name")] == [
        *("apfel", "Äpfel", "Birnen", "Émile", "zebra")
    ]


def test_catalogue_of_english_is_empty() -> None:
    assert catalogue("en").script == b""


def test_a_moment_has_the_clock_that_its_reader_chose() -> None:
    at = datetime(2026, 3, 1, 19, 5, tzinfo=UTC)
    assert LocaleFormats("en").moment(at, "", "12") == "1 Mar 2026, 7:05 pm"
    assert LocaleFormats("de").moment(at, "Asia/Tokyo", "24").endswith(", 04:05")
