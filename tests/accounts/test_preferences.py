"""Personal preferences: one table, stored per person, in the pages from their first byte."""

import json
import re
from html import unescape
from typing import get_args

import msgspec
import pytest
from aiohttp.test_utils import TestClient

from app.accounts.account_services import AccountServices
from app.accounts.models import Caller, User
from app.accounts.personal_preferences import from_stored
from app.accounts.preference_table import DEFAULTS, PersonalPreferences, PreferenceChanges
from app.errors import Forbidden, Invalid
from app.web import decoding
from app.web.languages import LANGUAGES
from tests.accounts.test_pages import enter, open_page, submit

ADDRESS = "/api/me/preferences"


def caller(user: User, scopes: frozenset[str] | None = None) -> Caller:
    return Caller(user=user, token="t", scopes=scopes)


async def test_everybody_begins_with_the_defaults(browser: TestClient, ben: User) -> None:
    await enter(browser, "ben")
    answer = await (await browser.get(ADDRESS)).json()
    assert answer == msgspec.to_builtins(DEFAULTS)
    assert (answer["theme"], answer["time_zone"], answer["clock"]) == ("system", "", "auto")


async def test_a_change_leaves_the_others(
    browser: TestClient, other_browser: TestClient, ana: User, ben: User
) -> None:
    await enter(browser, "ben")
    await browser.patch(ADDRESS, json={"theme": "dark", "emoji_skin_tone": 3})
    changed = await browser.patch(
        ADDRESS,
        json={"sections": {"favourites": ["r1"]}, "emoji_recent": [{"emoji": "🦜", "count": 2}]},
    )
    assert changed.status == 200
    kept = await (await browser.get(ADDRESS)).json()
    assert (kept["theme"], kept["emoji_skin_tone"]) == ("dark", 3)
    assert kept["sections"] == {"favourites": ["r1"], "folded": [], "order": []}
    assert kept["emoji_recent"] == [{"emoji": "🦜", "count": 2}]
    await enter(other_browser, "ana")
    assert (await (await other_browser.get(ADDRESS)).json())["theme"] == "system"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"theme": "pink"}, "theme"),
        ({"theme": None}, "theme"),
        ({"colour": "red"}, "colour"),
        ({"x" * 5_000: 1}, "x" * 64),
        ({"emoji_skin_tone": 6}, "emoji_skin_tone"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "x" * 65}, "time_zone"),
        ({"sections": {"order": ["r"] * 2_001}}, "sections.order"),
        ({"sections": {"folded": ["Not a name"]}}, "sections.folded[0]"),
        ({"emoji_recent": [{"emoji": "x", "count": 0}]}, "emoji_recent[0].count"),
    ],
)
async def test_an_unknown_key_or_value_is_refused_by_name(
    browser: TestClient, ben: User, asked: dict[str, object], field: str
) -> None:
    await enter(browser, "ben")
    refused = await browser.patch(ADDRESS, json={**asked, "density": "compact"})
    error = (await refused.json())["error"]
    assert (refused.status, error["code"], error["field"]) == (400, "invalid", field)
    assert (await (await browser.get(ADDRESS)).json())["density"] == "comfortable"


async def test_the_time_zone_is_the_one_of_the_account(
    accounts: AccountServices, browser: TestClient, ben: User
) -> None:
    assert (ben.time_zone, ben.zone) == ("", "UTC")
    await enter(browser, "ben")
    changed = await browser.patch(ADDRESS, json={"time_zone": "Europe/Vienna"})
    assert (await changed.json())["time_zone"] == "Europe/Vienna"
    assert (await accounts.users.get(ben.id)).zone == "Europe/Vienna"
    assert (await (await browser.get("/api/me")).json())["time_zone"] == "Europe/Vienna"


async def test_the_form_of_the_settings_page_works_without_scripts(
    browser: TestClient, ben: User
) -> None:
    await enter(browser, "ben")
    saved = await submit(
        browser, "/settings/preferences", theme="dark", clock="24", time_zone="Asia/Tokyo"
    )
    assert saved.headers["Location"] == "/settings?done=preferences"
    _, page = await open_page(browser, saved.headers["Location"])
    assert "Your preferences are saved." in page
    for value in ("dark", "24", "Asia/Tokyo"):
        assert f'<option value="{value}" selected>' in page


async def test_a_page_has_them_before_any_script_runs(browser: TestClient, ben: User) -> None:
    _, page = await open_page(browser, "/login")
    assert '<html lang="en" data-theme="system" data-density="comfortable">' in page
    assert page.count('media="(prefers-color-scheme: dark)"') == 2
    assert 'id="preferences"' not in page
    await enter(browser, "ben")
    await browser.patch(ADDRESS, json={"theme": "dark", "density": "compact"})
    _, page = await open_page(browser, "/settings")
    assert 'data-theme="dark" data-density="compact"' in page
    assert page.count('media="all" data-dark') == 2
    found = re.search(r'<script type="application/json" id="preferences"[^>]*>(.*?)</script>', page)
    assert found
    assert json.loads(unescape(found[1]))["density"] == "compact"


async def test_a_program_needs_the_scope_chat(accounts: AccountServices, ben: User) -> None:
    changes = decoding.from_value({"theme": "dark"}, PreferenceChanges)
    with pytest.raises(Forbidden):
        await accounts.preferences.change(caller(ben, frozenset({"topics:publish"})), changes)
    changed = await accounts.preferences.change(caller(ben, frozenset({"chat"})), changes)
    assert changed.theme == "dark"


async def test_another_process_reads_them_at_once(
    accounts: AccountServices, elsewhere: AccountServices, ben: User
) -> None:
    await elsewhere.preferences.of(ben)
    changes = decoding.from_value({"theme": "light"}, PreferenceChanges)
    await accounts.preferences.change(caller(ben), changes)
    assert elsewhere.preferences.known(ben).theme == "system"
    assert (await elsewhere.preferences.of(ben)).theme == "light"
    assert elsewhere.preferences.known(ben).theme == "light"


async def test_they_go_with_the_account(accounts: AccountServices, ana: User, ben: User) -> None:
    changes = decoding.from_value({"theme": "light"}, PreferenceChanges)
    await accounts.preferences.change(caller(ben), changes)
    await accounts.disabling.delete(ben.id)
    assert await accounts.preferences._store.of(ben.id) == {}


def test_a_stored_value_that_is_not_allowed_any_more_has_its_default() -> None:
    stored = {"theme": "sepia", "density": "compact", "gone": 1}
    found = from_stored(stored)
    assert (found.theme, found.density) == ("system", "compact")


def test_changes_have_every_key_of_the_table() -> None:
    assert PreferenceChanges.__struct_fields__ == DEFAULTS.__struct_fields__
    with pytest.raises(Invalid):
        decoding.from_json(b'{"theme": 1}', PreferenceChanges)


def test_every_language_can_be_chosen() -> None:
    chosen = PersonalPreferences.__annotations__["language"]
    assert set(get_args(chosen)) == {"auto", *LANGUAGES}


async def test_a_chosen_language_wins_over_the_browser(browser: TestClient, ben: User) -> None:
    await enter(browser, "ben")
    await browser.patch(ADDRESS, json={"language": "de"})
    assert '<html lang="de"' in (await open_page(browser, "/settings"))[1]


async def test_a_change_is_told_here_and_where_another_process_knows_the_person(
    accounts: AccountServices, elsewhere: AccountServices, ana: User, ben: User
) -> None:
    told: list[tuple[str, str, str, str]] = []

    def listen(services: AccountServices, place: str) -> None:
        services.preferences.changed.append(
            lambda user, values: told.append((place, user, values["theme"], values["time_zone"]))
        )

    listen(accounts, "here")
    listen(elsewhere, "there")
    await elsewhere.preferences.of(ben)
    dark = decoding.from_fields({"theme": "dark"}, PreferenceChanges)
    await accounts.preferences.change(caller(ben), dark)
    await accounts.preferences.change(caller(ana), dark)
    await elsewhere.revocations.catch_up()
    assert told == [
        ("here", ben.id, "dark", ben.time_zone),
        ("here", ana.id, "dark", ana.time_zone),
        ("there", ben.id, "dark", ben.time_zone),
    ]
    zone = decoding.from_fields({"time_zone": "Asia/Tokyo"}, PreferenceChanges)
    await accounts.preferences.change(caller(ben), zone)
    await elsewhere.revocations.catch_up()
    assert told[3:] == [(place, ben.id, "dark", "Asia/Tokyo") for place in ("here", "there")]
    # A name that changed is no preference.
    await accounts.users.describe(ben.id, name="Benny")
    await elsewhere.revocations.catch_up()
    assert len(told) == 5
