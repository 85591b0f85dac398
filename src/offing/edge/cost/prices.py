"""Every price that is counted with, in one table, with the month in which it was read.

Prices change. To correct one, correct its row; `offing edge cost --prices` prints the table.
"""

from __future__ import annotations

from dataclasses import dataclass

CLOUDFLARE, CLOUD_RUN, LAMBDA, FARGATE, MODAL = "Cloudflare", "Cloud Run", "Lambda", "Fargate", "Modal"
MILLION = "million requests"


@dataclass(frozen=True)
class Price:
    """What one unit costs in US dollars, beyond what each month includes."""

    platform: str
    what: str
    dollars: float
    unit: str
    included: float
    """Units a month that cost nothing; shared by everything in the account."""
    read: str
    """The month in which the price was read."""

    def of(self, used: float) -> float:
        """The dollars for what was used in a month."""
        return max(0.0, used - self.included) * self.dollars


PLAN = Price(CLOUDFLARE, "Workers Paid plan", 5.0, "month", 0, "2026-11")
CPU = Price(CLOUDFLARE, "CPU", 0.000020, "vCPU-s", 375 * 60, "2026-11")
MEMORY = Price(CLOUDFLARE, "memory", 0.0000025, "GiB-s", 25 * 3600, "2026-11")
DISK = Price(CLOUDFLARE, "disk", 0.00000007, "GB-s", 200 * 3600, "2026-11")
OBJECT_DURATION = Price(CLOUDFLARE, "Durable Object duration", 12.5e-6, "GB-s", 400_000, "2026-11")
OBJECT_REQUESTS = Price(CLOUDFLARE, "Durable Object requests", 0.15, MILLION, 1, "2026-11")
WORKER_REQUESTS = Price(CLOUDFLARE, "Worker requests", 0.30, MILLION, 10, "2026-08")
EGRESS = {
    "na-eu": Price(CLOUDFLARE, "egress, North America and Europe", 0.025, "GB", 1000, "2026-11"),
    "oceania": Price(CLOUDFLARE, "egress, Oceania, Korea, Taiwan", 0.05, "GB", 500, "2026-11"),
    "elsewhere": Price(CLOUDFLARE, "egress, elsewhere", 0.04, "GB", 500, "2026-11"),
}
"""By the client's region."""

CLOUD_RUN_CPU = Price(CLOUD_RUN, "CPU while a request is in flight", 2.4e-5, "vCPU-s", 180_000, "2026-09")
CLOUD_RUN_MEMORY = Price(CLOUD_RUN, "memory while one is", 2.5e-6, "GiB-s", 360_000, "2026-09")
CLOUD_RUN_REQUESTS = Price(CLOUD_RUN, "requests", 0.40, MILLION, 2, "2026-11")
LAMBDA_MEMORY = Price(LAMBDA, "memory while a request is in flight", 1.66667e-5, "GB-s", 400_000, "2026-05")
LAMBDA_REQUESTS = Price(LAMBDA, "requests", 0.20, MILLION, 1, "2026-11")
FARGATE_CPU = Price(FARGATE, "CPU", 1.1244e-5, "vCPU-s", 0, "2026-09")
FARGATE_MEMORY = Price(FARGATE, "memory", 0.004445 / 3600, "GB-s", 0, "2026-03")
MODAL_CPU = Price(MODAL, "CPU, a core of two vCPU", 1.31e-5, "core-s", 0, "2026-07")
MODAL_MEMORY = Price(MODAL, "memory", 2.22e-6, "GiB-s", 0, "2026-07")
MODAL_CREDIT = Price(MODAL, "what the Starter plan gives", 1.0, "dollars", 30, "2026-11")

PRICES = (
    PLAN, CPU, MEMORY, DISK, OBJECT_DURATION, OBJECT_REQUESTS, WORKER_REQUESTS, *EGRESS.values(),
    CLOUD_RUN_CPU, CLOUD_RUN_MEMORY, CLOUD_RUN_REQUESTS, LAMBDA_MEMORY, LAMBDA_REQUESTS,
    FARGATE_CPU, FARGATE_MEMORY, MODAL_CPU, MODAL_MEMORY, MODAL_CREDIT,
)  # fmt: skip
