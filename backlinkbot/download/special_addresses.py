"""Recognises addresses outside the public internet, by IANA's registries of special-purpose addresses.

https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
as a table of our own: the result of Python's ``is_global`` depends on its version.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final

from backlinkbot import urls

if TYPE_CHECKING:
    from collections.abc import Callable

# Blocks that are not globally reachable, with the document that sets them aside.
IPV4: Final = tuple(
    (IPv4Network(block), document)
    for block, document in (
        ("0.0.0.0/8", "RFC 791, this network"),
        ("10.0.0.0/8", "RFC 1918, private use"),
        ("100.64.0.0/10", "RFC 6598, shared address space"),
        ("127.0.0.0/8", "RFC 1122, loopback"),
        ("169.254.0.0/16", "RFC 3927, link-local; the metadata services of clouds"),
        ("172.16.0.0/12", "RFC 1918, private use"),
        ("192.0.0.0/24", "RFC 6890, IETF protocol assignments"),
        ("192.0.2.0/24", "RFC 5737, documentation"),
        ("192.88.99.0/24", "RFC 7526, former 6to4 relays"),
        ("192.168.0.0/16", "RFC 1918, private use"),
        ("198.18.0.0/15", "RFC 2544, benchmarks"),
        ("198.51.100.0/24", "RFC 5737, documentation"),
        ("203.0.113.0/24", "RFC 5737, documentation"),
        ("224.0.0.0/4", "RFC 1112, multicast"),
        ("240.0.0.0/4", "RFC 1112, reserved, with the limited broadcast address of RFC 919"),
    )
)
# Parts of the blocks above and below that are globally reachable.
REACHABLE: Final = tuple(
    IPv4Network(block) if "." in block else IPv6Network(block)
    for block in (
        "192.0.0.9/32",  # RFC 7723, Port Control Protocol
        "192.0.0.10/32",  # RFC 8155, TURN
        "2001:1::1/128",  # RFC 7723, Port Control Protocol
        "2001:1::2/128",  # RFC 8155, TURN
        "2001:1::3/128",  # RFC 9665, service registration
        "2001:3::/32",  # RFC 7450, multicast tunnels
        "2001:4:112::/48",  # RFC 7535, AS112
        "2001:20::/28",  # RFC 7343, ORCHIDv2
        "2001:30::/28",  # RFC 9374, drone identifiers
    )
)
# Public IPv6 addresses; all others are reserved, or for use in a host, a link or a site: ::1 and :: (RFC 4291), IPv4
# written as IPv6 (RFC 4291 §2.5.5, RFC 2765), 64:ff9b:1::/48 (RFC 8215), 100::/64 (RFC 6666), 5f00::/16 (RFC 9602),
# fc00::/7 (RFC 4193), fe80::/10 (RFC 4291), fec0::/10 (RFC 3879), ff00::/8 (RFC 4291).
IPV6_PUBLIC: Final = tuple(
    (IPv6Network(block), document)
    for block, document in (
        ("2000::/3", "RFC 4291, global unicast"),
        ("64:ff9b::/96", "RFC 6052, IPv4 by way of a translator"),
    )
)
# Parts of these that are not globally reachable.
IPV6: Final = tuple(
    (IPv6Network(block), document)
    for block, document in (
        ("2001::/23", "RFC 2928, IETF protocol assignments; Teredo (RFC 4380) among them"),
        ("2001:db8::/32", "RFC 3849, documentation"),
        ("3fff::/20", "RFC 9637, documentation"),
        ("3ffe::/16", "RFC 3701, the former 6bone"),
    )
)


def _from(bit: int) -> Callable[[int], int]:
    """Returns a function that reads the 32 bits of an address that end so many bits before its end."""
    return lambda address: (address >> bit) & 0xFFFF_FFFF


# Forms of IPv6 addresses that contain an IPv4 address: the identifying bits, their value, and where the address is.
_EMBEDDED: Final[tuple[tuple[int, int, Callable[[int], int], str], ...]] = (
    (0xFFFF << 112, 0x2002 << 112, _from(80), "RFC 3056, 6to4"),
    (((1 << 96) - 1) << 32, 0x64FF9B << 96, _from(0), "RFC 6052, NAT64"),
    (0xFDFF_FFFF << 32, 0x0000_5EFE << 32, _from(0), "RFC 5214, ISATAP, on any prefix"),
)


def is_special(address: IPv4Address | IPv6Address) -> bool:
    """True if an address, or an IPv4 address embedded in it, is outside the public internet."""
    if any(address in block for block in REACHABLE if block.version == address.version):
        return False
    if isinstance(address, IPv4Address):
        return any(address in block for block, _ in IPV4)
    if not any(address in block for block, _ in IPV6_PUBLIC) or any(address in block for block, _ in IPV6):
        return True
    number = int(address)
    return any(is_special(IPv4Address(inner(number))) for mask, value, inner, _ in _EMBEDDED if number & mask == value)


def is_private_address(text: str) -> bool:
    """True if the text is an IP address outside the public internet; false for names."""
    if not text[-1:].isdigit() and not text.endswith("]") and ":" not in text:
        return False  # a name: by the URL Standard no host name ends in a number
    try:
        return is_special(ip_address(text.strip("[]").partition("%")[0]))
    except ValueError:
        return False


def is_private_host(hostname: str) -> bool:
    """True if a URL's host is a private address, in any notation of the URL Standard, or a name of one.

    RFC 6761 §6.3: ``localhost`` and its subdomains are loopback names, whatever a name server answers.
    """
    name = urls.bare_host(hostname)
    return name == "localhost" or name.endswith(".localhost") or is_private_address(name)
