"""HTTP/1.1 for large ranged bodies: straight from the socket into the reader's memory.

``Http(settings).open(url, sink=…)``. Its own, since what general clients do for each piece of a
body (events, copies, queues) costs more than decoding it.
"""

from offing.xet.wire.bodies import Sink
from offing.xet.wire.client import Http
from offing.xet.wire.errors import (
    AddressRefused,
    BadAnswer,
    ConnectFailed,
    ConnectionLost,
    Stalled,
    WireError,
)
from offing.xet.wire.incoming import Answer, Incoming

__all__ = [
    "AddressRefused",
    "Answer",
    "BadAnswer",
    "ConnectFailed",
    "ConnectionLost",
    "Http",
    "Incoming",
    "Sink",
    "Stalled",
    "WireError",
]
