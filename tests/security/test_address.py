"""Addresses: forwarded headers count from configured proxies only."""

import pytest

from app.security.address import client_address, client_scheme, site_of

PROXIES = ("10.0.0.0/8", "::1")


def address(peer: str | None, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(headers, peer, PROXIES)


def test_a_stranger_cannot_choose_an_address() -> None:
    assert address("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_a_proxy_tells_whom_it_speaks_for() -> None:
    assert address("10.0.0.1", "198.51.100.1") == "198.51.100.1"


def test_what_the_client_wrote_in_front_is_not_believed() -> None:
    assert address("10.0.0.1", "1.1.1.1, 198.51.100.1") == "198.51.100.1"


def test_a_chain_of_proxies_is_followed() -> None:
    assert address("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2") == "198.51.100.1"


@pytest.mark.parametrize("forwarded", ["", "nonsense", "198.51.100.1:80x", ", ,"])
def test_nonsense_leaves_the_proxy_as_the_nearest_known(forwarded: str) -> None:
    assert address("10.0.0.1", forwarded) == "10.0.0.1"


def test_an_ipv4_address_has_one_spelling() -> None:
    assert address("::ffff:203.0.113.9") == "203.0.113.9"


def test_a_unix_socket_has_no_address() -> None:
    assert address(None, "198.51.100.1") == ""


def test_the_scheme_is_believed_from_a_proxy_only() -> None:
    https = {"X-Forwarded-Proto": "https"}
    assert client_scheme(https, "10.0.0.1", "http", PROXIES) == "https"
    assert client_scheme(https, "203.0.113.9", "http", PROXIES) == "http"
    assert client_scheme({"X-Forwarded-Proto": "ftp"}, "10.0.0.1", "http", PROXIES) == "http"


def test_limits_count_an_ipv6_network_as_one() -> None:
    assert site_of("2001:db8:1:2::1") == site_of("2001:db8:1:2:ffff::9")
    assert site_of("2001:db8:1:2::1") != site_of("2001:db8:1:3::1")
    assert site_of("192.0.2.1") == "192.0.2.1"
    assert site_of("") == ""
