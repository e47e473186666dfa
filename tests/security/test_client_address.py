"""Addresses: forwarded headers count from configured proxies only."""

import pytest
from multidict import CIMultiDict

from app.security.client_address import UNKNOWN, client_address, client_scheme, site_of

PROXIES = ("10.0.0.0/8", "::1", "127.0.0.1")


def headers(**lines: list[str]) -> CIMultiDict[str]:
    """Header lines by name; a name may have several."""
    return CIMultiDict([(name.replace("_", "-"), line) for name in lines for line in lines[name]])


def address(peer: str | None, *forwarded: str) -> str:
    return client_address(headers(x_forwarded_for=list(forwarded)), peer, PROXIES)


def test_a_stranger_cannot_choose_an_address() -> None:
    assert address("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_a_proxy_tells_whom_it_speaks_for() -> None:
    assert address("10.0.0.1", "198.51.100.1") == "198.51.100.1"


def test_what_the_client_wrote_in_front_is_not_believed() -> None:
    assert address("10.0.0.1", "1.1.1.1, 198.51.100.1") == "198.51.100.1"


def test_a_chain_of_proxies_is_followed() -> None:
    assert address("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2") == "198.51.100.1"


@pytest.mark.parametrize(
    "lines",
    [
        ("1.1.1.1", "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1"),
        ("1.1.1.1, 2.2.2.2", "198.51.100.1, 10.0.0.2"),
        ("198.51.100.1", "10.0.0.3", "10.0.0.2"),
        ("unknown", "198.51.100.1"),
    ],
)
def test_the_line_that_a_proxy_adds_follows_those_of_the_client(lines: tuple[str, ...]) -> None:
    assert address("10.0.0.1", *lines) == "198.51.100.1"


@pytest.mark.parametrize(
    ("entry", "client"),
    [
        ("203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),
        ("2001:db8:0::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("\t203.0.113.7 ", "203.0.113.7"),
    ],
)
def test_ports_brackets_and_quotes_are_no_part_of_an_address(entry: str, client: str) -> None:
    assert address("10.0.0.1", entry) == client
    assert address("10.0.0.1", f"1.1.1.1, {entry}, 10.0.0.2:80") == client


@pytest.mark.parametrize(
    "entry",
    [
        "",
        ",",
        "unknown",
        "_hidden",
        "nonsense",
        '"',
        '""',
        '"203.0.113.7',
        "198.51.100.1:80x",
        "198.51.100.1:",
        "[2001:db8::1",
        "[198.51.100.1]",
        "[]:80",
        ":80",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "\N{FULLWIDTH DIGIT ONE}27.0.0.1",
        "localhost",
        "1" * 100_000,
        ":" * 8_000,
    ],
)
def test_an_address_that_cannot_be_read_is_a_strangers(entry: str) -> None:
    for peer in ("10.0.0.1", "127.0.0.1", "::1"):
        assert address(peer, entry) == UNKNOWN
        # The entries to the left of it cannot be trusted either: their author is unknown.
        assert address(peer, "127.0.0.1", f"10.0.0.9, {entry}") == UNKNOWN
        assert address(peer, entry + ", 10.0.0.2") == UNKNOWN
    assert site_of(UNKNOWN) == UNKNOWN


def test_a_proxy_that_names_nobody_speaks_for_itself() -> None:
    assert address("10.0.0.1") == "10.0.0.1"


def test_an_endless_chain_is_not_followed() -> None:
    assert address("10.0.0.1", "198.51.100.1," + "10.0.0.2," * 100_000 + "10.0.0.2") == UNKNOWN


def test_an_ipv4_address_has_one_spelling() -> None:
    assert address("::ffff:203.0.113.9") == "203.0.113.9"


def test_a_unix_socket_has_no_address() -> None:
    assert address(None, "198.51.100.1") == ""


def scheme(peer: str, proto: list[str], forwarded: list[str] | None = None) -> str:
    asked = headers(x_forwarded_proto=proto, x_forwarded_for=forwarded or [])
    return client_scheme(asked, peer, "http", PROXIES)


def test_the_scheme_is_believed_from_a_proxy_only() -> None:
    assert scheme("10.0.0.1", ["https"]) == "https"
    assert scheme("203.0.113.9", ["https"]) == "http"
    for nonsense in ("ftp", "", ",", "https;http"):
        assert scheme("10.0.0.1", [nonsense]) == "http"


@pytest.mark.parametrize(
    ("proto", "forwarded", "found"),
    [
        # The outer one was spoken to over https, the inner one by the outer one over http.
        (["https, http"], ["198.51.100.1, 10.0.0.2"], "https"),
        (["https", "http"], ["198.51.100.1", "10.0.0.2"], "https"),
        (["http, https"], ["198.51.100.1, 10.0.0.2"], "http"),
        (["https, http, http"], ["198.51.100.1, 10.0.0.2"], "http"),
        (["HTTPS , http"], ["198.51.100.1:4711, 10.0.0.2"], "https"),
        # The inner one passes the outer one's word on, and adds none.
        (["https"], ["198.51.100.1, 10.0.0.2"], "https"),
        # One proxy: what stands before its own word is the client's.
        (["https, http"], ["198.51.100.1"], "http"),
        (["https", "http"], ["1.1.1.1, 198.51.100.1"], "http"),
        (["https, http"], ["unknown"], "http"),
        # No client is named: all hops are proxies.
        (["https, http"], [], "https"),
        (["wss"], ["198.51.100.1"], "https"),
    ],
)
def test_the_outermost_trusted_proxy_tells_the_scheme(
    proto: list[str], forwarded: list[str], found: str
) -> None:
    assert scheme("10.0.0.1", proto, forwarded) == found


def test_limits_count_an_ipv6_network_as_one() -> None:
    assert site_of("2001:db8:1:2::1") == site_of("2001:db8:1:2:ffff::9")
    assert site_of("2001:db8:1:2::1") != site_of("2001:db8:1:3::1")
    assert site_of("192.0.2.1") == "192.0.2.1"
    assert site_of("") == ""
