"""Refused attempts that repeat share an entry: by hour, kind, and person or network."""

from datetime import UTC, datetime, timedelta

from app.audit.refusals import Refusals

NOW = datetime(2126, 11, 30, 10, 15, tzinfo=UTC)


def test_attempts_of_one_network_within_an_hour_share_a_key() -> None:
    refusals = Refusals()
    first = refusals.key("sign_in", None, "2001:db8::1", NOW)
    assert refusals.key("sign_in", None, "2001:db8::2", NOW + timedelta(minutes=44)) == first
    assert refusals.key("sign_in", None, "2001:db8::2", NOW + timedelta(minutes=45)) != first
    assert refusals.key("set_up", None, "2001:db8::1", NOW) != first
    assert refusals.key("sign_in", None, "2001:db8:1::1", NOW) != first
    assert refusals.key("sign_in", "ana", "2001:db8::1", NOW) != first


def test_a_persons_key_does_not_depend_on_their_address() -> None:
    refusals = Refusals()
    at_home = refusals.key("role_changed", "ana", "192.0.2.1", NOW)
    assert refusals.key("role_changed", "ana", "192.0.2.2", NOW) == at_home


def test_networks_beyond_the_limit_share_a_key_until_the_hour_is_over() -> None:
    refusals = Refusals(networks_an_hour=2)
    keys = [refusals.key("sign_in", None, f"192.0.2.{n}", NOW) for n in range(5)]
    assert len(set(keys)) == 3
    assert refusals.key("sign_in", None, "192.0.2.0", NOW) == keys[0]
    later = NOW + timedelta(hours=1)
    assert len({refusals.key("sign_in", None, f"192.0.2.{n}", later) for n in (7, 8)}) == 2
