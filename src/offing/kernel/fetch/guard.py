"""From a host to the addresses that may be connected to, looked up and checked once.

What a check has passed is what gets connected to: the name is not looked up again, so a
resolver that changes its answer in between (DNS rebinding) changes nothing.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

import msgspec

from offing.kernel.fetch.address import Address, Network, is_permitted, unmapped
from offing.kernel.fetch.problems import AddressRefused
from offing.kernel.fetch.resolver import Resolver, ThreadedResolver
from offing.kernel.settings import BadSetting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offing.kernel.fetch.host import Host

MOST_TRIED = 8
"""A hostile zone can list thousands of addresses; a fetch does not call on each of them."""


class Guard(msgspec.Struct, frozen=True):
    """Decides where fetches may connect to."""

    also: tuple[Network, ...] = ()
    """Networks that are permitted although they are not public."""
    resolve: Resolver = msgspec.field(default_factory=ThreadedResolver)

    async def checked(self, host: Host, port: int) -> tuple[Address, ...]:
        """Give the addresses to try for a host, in order, both families in turn.

        Raises :class:`AddressRefused` if any of its addresses, even one of many, is not
        permitted: which of them gets connected to would otherwise be the attacker's choice.
        Raises :class:`OSError` where the name has no address.
        """
        found = await self._addresses(host, port)
        if not all(is_permitted(each, self.also) for each in found):
            raise AddressRefused
        return _in_turn([unmapped(each) for each in found])

    def check_written(self, host: Host) -> None:
        """Raise :class:`AddressRefused` for a host that is written as an address which is not permitted."""
        if host.address is not None and not is_permitted(host.address, self.also):
            raise AddressRefused

    async def unchecked(self, host: Host, port: int) -> tuple[Address, ...]:
        """Give the same for a host that the operator chose, a proxy: any address will do."""
        return _in_turn(await self._addresses(host, port))

    async def _addresses(self, host: Host, port: int) -> list[Address]:
        if host.address is not None:
            return [host.address]
        found = [_read(each) for each in await self.resolve(host.name, port)]
        if not found:
            raise OSError("the name has no address")
        return found


def read_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read networks in CIDR form. Raises :class:`BadSetting`."""
    try:
        return tuple(ip_network(each) for each in texts)
    except ValueError:
        raise BadSetting("OFFING_FETCH_ALLOW_NETWORKS: not a list of networks in CIDR form") from None


def _read(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError:
        raise AddressRefused from None


def _in_turn(addresses: Sequence[Address]) -> tuple[Address, ...]:
    """Both families in turn (RFC 8305, section 4), so that one without a route delays little."""
    first = addresses[0].version
    same = [each for each in addresses if each.version == first]
    other = [each for each in addresses if each.version != first]
    mixed = chain.from_iterable(zip_longest(same, other))
    return tuple(each for each in mixed if each is not None)[:MOST_TRIED]
