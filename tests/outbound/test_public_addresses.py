"""Which addresses everybody reaches: the same on each version of Python."""

from ipaddress import IPv6Address, ip_address

import pytest

from app.outbound.public_addresses import is_numeric, is_public

# One of each special-purpose network that holds addresses of a network of one's own, or nobody's.
INTERNAL_IPV4 = (
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.5.4",
    "172.31.255.255",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.19.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
)
PUBLIC_IPV4 = ("1.1.1.1", "142.250.0.1", "172.32.0.1", "192.0.1.1", "198.20.0.1", "223.255.255.1")
PUBLIC_IPV6 = ("2a00:1450:4001:800::200a", "2606:4700::1111", "2001:4860:4860::8888", "2620:fe::fe")


@pytest.mark.parametrize("address", INTERNAL_IPV4)
def test_an_ipv4_address_of_a_network_of_ones_own_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [*PUBLIC_IPV4, *PUBLIC_IPV6])
def test_an_address_that_everybody_reaches_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "fe80::1",
        "fec0::1",
        "fd00::1",
        "fc00::1",
        "ff02::1",
        "ff0e::1",
        "100::1",
        "2001:db8::1",
        "2001:2::1",
        "2001:20::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "not an address",
        "",
        "127.1",
        "2130706433",
    ],
)
def test_anything_else_is_not_public(address: str) -> None:
    assert not is_public(address)


def carrying(ipv4: str) -> dict[str, int]:
    """An IPv4 address in each of the ways to write or carry it in an IPv6 one."""
    carried = int(ip_address(ipv4))

    def low(prefix: str) -> int:
        return int(ip_address(prefix)) | carried

    return {
        "mapped": low("::ffff:0:0"),
        "compatible": carried,
        "translated (SIIT)": low("::ffff:0:0:0"),
        "NAT64": low("64:ff9b::"),
        "NAT64 of one's own": low("64:ff9b:1::"),
        "6to4": int(ip_address("2002::")) | carried << 80,
        "Teredo server": int(ip_address("2001::")) | carried << 64,
        "Teredo client": int(ip_address("2001::")) | (carried ^ 0xFFFFFFFF),
        "ISATAP": low("2606:4700::5efe:0:0"),
        "universal ISATAP": low("2606:4700::200:5efe:0:0"),
        "link-local ISATAP": low("fe80::5efe:0:0"),
        "site-local": low("fec0::"),
        "unique local": low("fd00::"),
    }


def public_ways(ipv4: str) -> list[str]:
    ways = carrying(ipv4).items()
    return [way for way, address in ways if is_public(str(IPv6Address(address)))]


@pytest.mark.parametrize("ipv4", INTERNAL_IPV4)
def test_no_ipv6_address_leads_to_an_internal_ipv4_one(ipv4: str) -> None:
    public = [
        way for way, address in carrying(ipv4).items() if is_public(str(IPv6Address(address)))
    ]
    assert public == []


def test_a_public_ipv4_address_may_be_mapped_or_translated_by_nat64() -> None:
    ways = carrying("142.250.0.1").items()
    assert [way for way, address in ways if is_public(str(IPv6Address(address)))] == [
        "mapped",
        "NAT64",
    ]


@pytest.mark.parametrize(
    "host", ["1.2.3.4", "127.1", "0177.0.0.1", "0x7f.1", "2130706433", "0x", "1.", "a.1", "::1"]
)
def test_what_systems_read_as_an_address_is_no_name(host: str) -> None:
    assert is_numeric(host)


@pytest.mark.parametrize(
    "host", ["a.example", "1.example", "0x7f.example", "a1", "1a", "x0", "0xg"]
)
def test_a_name_may_have_figures(host: str) -> None:
    assert not is_numeric(host)
