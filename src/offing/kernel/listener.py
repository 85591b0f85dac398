"""The socket that a server listens on."""

from __future__ import annotations

import errno
import socket

from offing.kernel.problems import Problem

BACKLOG = 1024


class PortTaken(Problem):
    """The address cannot be listened on."""

    code = "port-taken"
    exit_code = 4


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises :class:`PortTaken` with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = "is taken by another program" if error.errno == errno.EADDRINUSE else "cannot be used here"
        raise PortTaken(
            f"{host}:{port} {reason}.",
            remedy="Choose another with --port or PORT, or end the other program.",
        ) from None
    return listener


def address_of(listener: socket.socket) -> str:
    """The base URL of what answers on a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
