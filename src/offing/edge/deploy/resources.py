"""The queues and buckets that a configuration names: which are there, and making those that are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from offing.edge.configuration import Deployment
from offing.edge.deploy.wrangler import Wrangler, WranglerFailed

KEPT_DAYS = 30
"""How long a bucket that is made here keeps a file of Xet, in days."""


@dataclass(frozen=True)
class Resource:
    """Something of the account that must be there before a deploy."""

    kind: str
    """In words: ``queue``, ``bucket``."""
    name: str

    @property
    def command(self) -> tuple[str, ...]:
        """Wrangler's command for it, which ``info`` or ``create`` completes."""
        return ("queues",) if self.kind == "queue" else ("r2", "bucket")

    @property
    def making(self) -> tuple[tuple[str, ...], ...]:
        """What wrangler is asked for to make it, one command after another."""
        create = (*self.command, "create", self.name)
        if self.kind == "queue":
            return (create,)
        # Nothing else ever takes a file out of a bucket, and what lies there is paid for.
        rule = (f"files-{KEPT_DAYS}-days", "xet/", "--expire-days", str(KEPT_DAYS), "--force")
        return (create, (*self.command, "lifecycle", "add", self.name, *rule))

    def __str__(self) -> str:
        return f"the {self.kind} {self.name}"


def named(deployment: Deployment) -> list[Resource]:
    """Each queue, dead letter queue and bucket once, in the configuration's order."""
    return list(dict.fromkeys([*_buckets(deployment), *_queues(deployment)]))


def create(wrangler: Wrangler, resources: Iterable[Resource]) -> Iterator[tuple[Resource, bool]]:
    """Each resource, and whether it had to be made. Raises :class:`WranglerFailed` where that fails."""
    for each in resources:
        told = wrangler.ask(*each.command, "info", each.name)
        if told.code != 0:
            commands = each.making if told.is_missing else ()
            for command in commands:
                if (told := wrangler.ask(*command)).code != 0:
                    break
            if told.code != 0:
                raise WranglerFailed(f"{each} can't be made: {told.complaint}", remedy=told.remedy)
            yield each, True
        else:
            yield each, False


def _buckets(deployment: Deployment) -> Iterator[Resource]:
    for each in deployment.listed("r2_buckets"):
        if name := each.text("bucket_name"):
            yield Resource("bucket", name)


def _queues(deployment: Deployment) -> Iterator[Resource]:
    for each in (*deployment.listed("queues", "producers"), *deployment.listed("queues", "consumers")):
        for member in ("queue", "dead_letter_queue"):
            if name := each.text(member):
                yield Resource("queue", name)
