"""Which addresses a fetch may connect to: public unicast ones, by our own table.

The table follows the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890) and is kept
here, because what Python's ``ipaddress`` calls global changes between its patch releases.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

REFUSED_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network; many systems connect 0.0.0.0 to loopback
            "10.0.0.0/8",  # private (RFC 1918)
            "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); some clouds keep metadata here
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # looks public, but is a cloud's virtual host with its metadata
            "169.254.0.0/16",  # link-local, most clouds' metadata
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments, one cloud's metadata
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # former 6to4 relays (RFC 7526)
            "192.168.0.0/16",  # private
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, and broadcast at its end
        ),
    )
)

GLOBAL_V6 = IPv6Network("2000::/3")
"""All that is assigned as global unicast. Loopback, ``::a.b.c.d``, unique local, link-local,
site-local, multicast, discard-only and the local NAT64 prefix (RFC 8215) lie outside."""

REFUSED_V6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: where it leads, a gateway decides
            "3fff::/20",  # documentation
        ),
    )
)

NAT64 = IPv6Network("64:ff9b::/96")
"""The well-known prefix (RFC 6052): the last 32 bits are the IPv4 address that is reached."""


def is_permitted(address: Address, also: tuple[Network, ...] = ()) -> bool:
    """Whether a fetch may connect to this address: it is global, or in a network of ``also``.

    Addresses that carry an IPv4 address, IPv4-mapped and NAT64 ones, are judged by that.
    Other ways to wrap one (6to4, Teredo, IPv4-compatible, local NAT64) are refused whatever
    they carry, and so is every address with a scope id.
    """
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    bare = unmapped(address)
    return any(bare in network for network in also) or _is_global(bare)


def unmapped(address: Address) -> Address:
    """Give the IPv4 address inside an IPv4-mapped one (``::ffff:a.b.c.d``), any other as it is."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _is_global(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in REFUSED_V4)
    if address in NAT64:
        return _is_global(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in GLOBAL_V6 and not any(address in network for network in REFUSED_V6)
