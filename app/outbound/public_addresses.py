"""Tells public IP addresses from special-purpose ones, by IANA's registries. No I/O.

https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry. The list
is written out here, because that of `ipaddress` differs between versions of Python.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Without blocks that are in use on the internet, such as AS112's name servers.
SPECIAL_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)
# Global unicast. Outside of it are loopback, link-local, site-local, unique-local and multicast
# addresses, and most ways to write an IPv4 address as an IPv6 one.
GLOBAL_IPV6 = IPv6Network("2000::/3")
SPECIAL_IPV6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # with Teredo, which carries an IPv4 address
            "2001:db8::/32",
            "2002::/16",  # 6to4, which carries one too
            "3fff::/20",
        ),
    )
)
# IPv6 forms of IPv4 addresses that systems may use for public ones: they are as public as the
# address within.
MAPPED, NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
# An interface id that carries an IPv4 address (ISATAP, RFC 5214), local or universal.
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})

LOW_32 = 0xFFFF_FFFF


def is_public(host: str) -> bool:
    """Whether a numeric address is public; False for other text.

    An address with a zone (`fe80::1%eth0`) belongs to a network of this machine.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return _is_public_ipv4(address)
    return address.scope_id is None and _is_public_ipv6(address)


def is_numeric(host: str) -> bool:
    """Whether systems take `host` for an address and not for a name, in any notation: `127.1`,
    `0177.0.0.1`, `0x7f000001`, `2130706433` (URL standard, 3.5, "ends in a number")."""
    last = host.removesuffix(".").rpartition(".")[2].lower()
    return ":" in host or last.isdigit() or (last.startswith("0x") and _is_hexadecimal(last[2:]))


def _is_public_ipv4(address: IPv4Address) -> bool:
    return not any(address in network for network in SPECIAL_IPV4)


def _is_public_ipv6(address: IPv6Address) -> bool:
    if address in MAPPED or address in NAT64:
        return _is_public_ipv4(IPv4Address(int(address) & LOW_32))
    return (
        address in GLOBAL_IPV6
        and not any(address in network for network in SPECIAL_IPV6)
        and (int(address) >> 32) & LOW_32 not in ISATAP
    )


def _is_hexadecimal(text: str) -> bool:
    return all(character in "0123456789abcdef" for character in text)
