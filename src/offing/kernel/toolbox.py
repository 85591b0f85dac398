"""What the kernel hands to the services and layers of one app."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from offing.kernel.fetch import Fetcher
from offing.kernel.health import Health
from offing.kernel.metrics import Metrics
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import Service


class Toolbox(msgspec.Struct, frozen=True):
    """The shared things of one app; built before any service."""

    settings: ServerSettings
    metrics: Metrics
    health: Health
    fetcher: Fetcher
    services: Mapping[str, Service]
    body_limits: Mapping[str, int]
    """The largest request body in bytes, by service."""
