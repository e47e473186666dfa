"""The rules that apply preferences to one notification."""

from datetime import UTC, datetime, timedelta

import pytest

from app.notifications.models import Preferences, Quiet
from app.notifications.preference_rules import DEFAULT_LEVELS, Verdict, wants

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NIGHT = Quiet(start="22:00", end="07:00")
HEARD = Verdict(inbox=True, toast=True, desktop=True)
SILENT = Verdict(inbox=True)
NOTHING = Verdict(inbox=False)


def verdict(
    category: str = "mention",
    room: str | None = None,
    now: datetime = NOON,
    zone: str = "UTC",
    **chosen: object,
) -> Verdict:
    return wants(Preferences(**chosen), category, room, now, zone)


@pytest.mark.parametrize("category", sorted(set(DEFAULT_LEVELS) - {"reaction"}))
def test_by_default_everything_is_heard(category: str) -> None:
    assert verdict(category) == HEARD


def test_a_reaction_stays_in_the_app_by_default() -> None:
    assert verdict("reaction") == Verdict(inbox=True, toast=True)


def test_what_a_program_made_up_is_heard() -> None:
    assert verdict("deployments") == HEARD


def test_off_is_not_even_in_the_inbox() -> None:
    assert verdict("reply", categories={"reply": "off"}) == NOTHING
    assert verdict("mention", categories={"reply": "off"}) == HEARD


def test_a_muted_room_tells_nothing() -> None:
    muted = {"rooms": {"hallway": "muted"}}
    assert verdict("mention", "hallway", **muted) == NOTHING
    assert verdict("mention", "workshop", **muted) == HEARD


def test_every_message_is_told_only_where_all_is_chosen() -> None:
    assert verdict("message", "hallway") == NOTHING
    assert verdict("message", "hallway", rooms={"hallway": "mentions"}) == NOTHING
    assert verdict("message", "hallway", rooms={"hallway": "all"}) == HEARD


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [
        (21, 59, HEARD),
        (22, 0, SILENT),
        (23, 59, SILENT),
        (0, 0, SILENT),
        (6, 59, SILENT),
        (7, 0, HEARD),
    ],
)
def test_quiet_hours_span_midnight(hour: int, minute: int, expected: Verdict) -> None:
    assert verdict(now=NOON.replace(hour=hour, minute=minute), quiet=NIGHT) == expected


def test_quiet_hours_within_a_day() -> None:
    nap = Quiet(start="12:00", end="13:00")
    assert verdict(quiet=nap) == SILENT
    assert verdict(now=NOON - timedelta(minutes=1), quiet=nap) == HEARD
    assert verdict(now=NOON + timedelta(hours=1), quiet=nap) == HEARD


def test_quiet_hours_are_those_of_the_persons_own_zone() -> None:
    assert verdict(quiet=NIGHT, zone="Pacific/Auckland") == SILENT
    assert verdict(quiet=NIGHT, zone="America/New_York") == HEARD


def test_quiet_hours_follow_the_change_of_the_clocks() -> None:
    half_past_six_in_vienna = datetime(2026, 3, 29, 4, 30, tzinfo=UTC)  # summer time since 3:00
    assert verdict(quiet=NIGHT, zone="Europe/Vienna", now=half_past_six_in_vienna) == SILENT
    assert (
        verdict(
            quiet=NIGHT,
            zone="Europe/Vienna",
            now=half_past_six_in_vienna + timedelta(minutes=30),
        )
        == HEARD
    )


def test_a_snooze_silences_until_its_end() -> None:
    until = NOON + timedelta(hours=1)
    assert verdict(snooze_until=until) == SILENT
    assert verdict(snooze_until=until, now=until) == HEARD


def test_silence_does_not_bring_back_what_is_off() -> None:
    assert verdict("reply", categories={"reply": "off"}, quiet=NIGHT) == NOTHING


@pytest.mark.parametrize(
    ("found", "alert"), [(HEARD, "desktop"), (SILENT, "none"), (Verdict(True, True), "toast")]
)
def test_a_verdict_says_how_loud(found: Verdict, alert: str) -> None:
    assert found.alert == alert
