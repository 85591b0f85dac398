"""The kernel's own settings: where it listens, whom it lets in, how long things may take."""

from __future__ import annotations

from typing import Annotated

import msgspec

from offing.kernel.settings import meaning

PREFIX = "OFFING_"


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the server, whatever services it runs."""

    host: Annotated[str, meaning("Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        int, meaning("Port to listen on; 0 takes a free one.", aliases=("PORT",), ge=0, le=65535)
    ] = 8787
    api_keys: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^sha256:[0-9a-f]{64}$")], ...],
        meaning(
            "Hashes of the API keys that are let in, as `offing key` prints them; empty lets everyone in.",
            secret=True,
        ),
    ] = ()
    cors_origins: Annotated[
        tuple[str, ...], meaning("Origins that browsers may call from; `*` for all. Credentials never.")
    ] = ("*",)
    request_seconds: Annotated[
        float, meaning("Longest time from a request's first byte to its answer's first, in seconds.", gt=0)
    ] = 60.0
    header_seconds: Annotated[
        float, meaning("Longest time that a request's path and headers may take to come, in seconds.", gt=0)
    ] = 10.0
    max_connections: Annotated[
        int,
        meaning("Connections at once. The one idle longest gives way; where none is idle, 503.", ge=1),
    ] = 1000
    start_seconds: Annotated[
        float, meaning("How long a request waits for a service that is still starting, in seconds.", ge=0)
    ] = 20.0
    drain_seconds: Annotated[
        float,
        meaning("How long requests in flight may go on after SIGTERM before they are cut, in seconds.", ge=0),
    ] = 600.0
    keep_alive_seconds: Annotated[
        int,
        meaning("How long an idle connection, or one that takes no answer, is kept, in seconds.", ge=1),
    ] = 75
    log_level: Annotated[
        str,
        meaning(
            "Least level that is logged: debug, info, warning or error.",
            pattern="^(debug|info|warning|error)$",
        ),
    ] = "info"
    log_requests: Annotated[
        bool, meaning("Log a line for each request.", aliases=("ENABLE_DETAILED_LOGGING",))
    ] = True
