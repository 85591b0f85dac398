"""Prometheus metrics: one registry an app, with the few labels that stay few."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Every metric of the kernel; a service adds its own to ``registry``."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        labels = ("service", "route", "method", "status")
        self.requests = Counter("offing_requests", "Requests answered.", labels, registry=registry)
        self.seconds = Histogram(
            "offing_request_seconds",
            "Time from head to last byte.",
            labels[:2],
            registry=registry,
            buckets=SECONDS,
        )
        self.bytes_in = Counter(
            "offing_received_bytes", "Body bytes received.", labels[:1], registry=registry
        )
        self.bytes_out = Counter("offing_sent_bytes", "Body bytes sent.", labels[:1], registry=registry)
        self.in_flight = Gauge("offing_requests_in_flight", "Requests being answered.", registry=registry)
        self.connections = Gauge("offing_connections", "Connections that are open.", registry=registry)
        self.refused = Counter(
            "offing_connections_refused", "Connections ended before their request reached the app.",
            ("code",), registry=registry,
        )  # fmt: skip
        self.cache = Counter(
            "offing_cache_lookups", "Cache look-ups by outcome.", ("service", "outcome"), registry=registry
        )
        self.slots = Gauge("offing_slots", "Places to work.", ("engine",), registry=registry)
        self.busy = Gauge(
            "offing_slots_busy", "Places to work that are taken.", ("engine",), registry=registry
        )
        self.waiting = Gauge(
            "offing_queue_waiting", "Requests that wait for a place.", ("engine",), registry=registry
        )
        self.rejected = Counter(
            "offing_queue_rejected", "Requests turned away by a full queue.", ("engine",), registry=registry
        )
        self.workers_ended = Counter(
            "offing_workers_ended", "Worker processes ended before their job was done.", ("engine", "reason"),
            registry=registry,
        )  # fmt: skip
        self.ready = Gauge(
            "offing_service_ready", "1 where the service is ready.", ("service",), registry=registry
        )

    def render(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self.registry)
