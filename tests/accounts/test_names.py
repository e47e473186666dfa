"""Rules for usernames, display names and time zones."""

import pytest

from app.accounts import names
from app.errors import Invalid


@pytest.mark.parametrize("name", ["ana", "a1", "ana.b-c_d", "eve_", "a-.b", "0x", "a" * 32])
def test_plain_usernames_pass(name: str) -> None:
    assert names.username(name) == name


def test_a_username_has_one_spelling() -> None:
    assert names.username("  Ana ") == "ana"


@pytest.mark.parametrize(
    "name",
    [
        *["", "a", "a" * 33, ".ana", "-ana", "a b", "anä", "ana\0", "an\na", "ana/x", "аna"],
        *["bob.", "bob-", "bob..", "bob--", "b-", "bob_.", "bob..x", "a\ud800", " " * 65 + "ana"],
        "\u212ab",  # The Kelvin sign, whose lower case is k.
    ],
)
def test_other_characters_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names.username(name)
    assert refusal.value.field == "username"


@pytest.mark.parametrize("name", ["all", "HERE", "former-member", "0123456789abcdef01234567"])
def test_reserved_usernames_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        names.username(name)


@pytest.mark.parametrize("name", ["Ana", "Ana Núñez", "田中", "👩‍👩‍👧", "x" * 64])
def test_display_names_of_the_world_pass(name: str) -> None:
    assert names.display_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "x" * 65,
        "a\nb",
        "a\0b",
        "a\x7fb",
        "a\u2028b",
        "a\u202eb",
        "\u200b",
        "\u200d\u200d",
        "\ud800",
        "Former Member",
        "former  member",
        "Ｆormer member",
        "an\u200ba",
        "ana\u3164",
        "a\u0301" * 65,
    ],
)
def test_invisible_and_misleading_display_names_are_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names.display_name(name)
    assert refusal.value.field == "name"


def test_only_known_time_zones() -> None:
    assert names.time_zone("Europe/Vienna") == "Europe/Vienna"
    for unknown in ("Vienna", "../../etc/passwd", ""):
        with pytest.raises(Invalid):
            names.time_zone(unknown)
