"""Tells a URL that a job has finished, signed as Standard Webhooks have it (standardwebhooks.com, 1.0.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

import msgspec

from offing.kernel.fetch import Fetcher, FetchProblem
from offing.kernel.jobs.job import Job
from offing.kernel.jobs.problems import BadWebhook, NoWebhooks
from offing.kernel.settings import BadSetting

SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
"""Bytes of what the URL answers, which nobody reads."""
PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64
LONGEST_URL = 2048


class Webhooks:
    """Calls webhooks, at public addresses only and without following redirects.

    :param key: ``whsec_`` and base64; empty where none are called. Raises BadSetting for another form.
    """

    def __init__(self, key: str, fetcher: Fetcher, *, clock: Callable[[], float] = time.time) -> None:
        self._key = _read_key(key)
        self._fetcher, self._clock = fetcher, clock

    def read(self, text: str) -> str:
        """A URL that may be called: https, without user name, of at most 2048 characters.

        Raises BadWebhook, also where it can be told at once that it leads to no public address; where a name
        leads is looked at when it is called. Raises NoWebhooks where there is no key.
        """
        if not self._key:
            raise NoWebhooks
        if len(text) > LONGEST_URL:
            raise BadWebhook
        try:
            url = self._fetcher.require_public(text)
        except FetchProblem:
            raise BadWebhook from None
        if not url.startswith("https:"):
            raise BadWebhook
        return url

    async def call(self, job: Job) -> bool:
        """Tell a job's webhook of it; whether it said 2xx."""
        if not self._key:
            return False
        body = msgspec.json.encode(job.public())
        headers = signed(self._key, job.id, int(self._clock()), body)
        try:
            answer = await self._fetcher.post(
                job.webhook, body, headers=headers, max_bytes=LARGEST_ANSWER, seconds=SECONDS
            )
        except FetchProblem:
            return False
        return 200 <= answer.status < 300  # noqa: PLR2004  RFC 9110, 15.3: success


def signed(key: bytes, message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers of a call: whoever has the key can tell that it is ours, and when it was made."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _read_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b"?"
    if key and not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise BadSetting("OFFING_JOBS_WEBHOOK_KEY must be whsec_ and base64 of 24 to 64 bytes.")
    return key
