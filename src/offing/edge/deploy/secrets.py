"""The secrets that a Worker can be given, and those that it lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from offing.edge.configuration import Deployment
from offing.edge.deploy.wrangler import Wrangler, WranglerFailed

KNOWN: Mapping[str, str] = {
    "OFFING_API_KEYS": "hashes of the API keys that are let in; without it, everyone may call",
    "HF_TOKEN": "the hub's token; without it, Xet reads what a request's own token may read",
    "OFFING_JOBS_WEBHOOK_KEY": "signs what is sent to webhooks; without it, jobs take none",
}
"""What the Worker knows to do with, and what holds without it."""


def given(wrangler: Wrangler) -> frozenset[str]:
    """The names of the secrets that the Worker has; none where it was never deployed.

    Raises :class:`~offing.edge.deploy.wrangler.WranglerFailed` where wrangler can't tell.
    """
    told = wrangler.ask("secret", "list", "--format", "json")
    if told.is_missing:
        return frozenset()
    if told.code == 0:
        try:
            return frozenset(str(each["name"]) for each in json.loads(told.out))
        except (ValueError, TypeError, KeyError):
            raise WranglerFailed(
                "`wrangler secret list` gave no list of names.", remedy="Run `npm ci` in worker/."
            ) from None
    raise WranglerFailed(f"The secrets can't be listed: {told.complaint}", remedy=told.remedy)


def missing(deployment: Deployment, there: frozenset[str]) -> Sequence[str]:
    """Those that the configuration requires and the Worker lacks."""
    required = [each.value for each in deployment.secrets if isinstance(each.value, str)]
    return [name for name in required if name not in there]


def absent(there: frozenset[str]) -> Sequence[str]:
    """A sentence for each secret that is known and not given."""
    return [f"{name}: {meaning}" for name, meaning in KNOWN.items() if name not in there]
