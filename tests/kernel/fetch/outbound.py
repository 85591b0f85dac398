"""A record of what a test tries to reach, which lets nothing leave the machine."""

from __future__ import annotations

from ipaddress import ip_address


class Outbound:
    """The connections and lookups that were tried."""

    def __init__(self) -> None:
        self.connections: list[tuple[str, int]] = []
        self.lookups: list[str] = []

    def connect(self, address: tuple[str, int]) -> None:
        """Note an attempt to connect; fails the test unless it is to loopback."""
        self.connections.append(address[:2])
        assert ip_address(address[0]).is_loopback, f"a test tried to reach {address[0]}"

    def look_up(self, host: str | bytes) -> None:
        """Note a lookup by the system; fails the test unless it needs no network."""
        self.lookups.append(host if isinstance(host, str) else host.decode())
        assert self.lookups[-1] == "localhost", f"a test tried to look {host!r} up"
