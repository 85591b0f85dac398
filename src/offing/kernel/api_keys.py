"""API keys: made random, kept as hashes, compared in constant time.

A key carries 256 random bits, so a plain SHA-256 is enough to keep it: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from hmac import compare_digest

HEADER = "x-api-key"


def new_key() -> tuple[str, str]:
    """A fresh key and the hash that goes into the settings."""
    key = "offing_" + secrets.token_urlsafe(32)
    return key, hash_of(key)


def hash_of(key: str) -> str:
    """The form of a key that the settings keep."""
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def is_known(key: str, hashes: Iterable[str]) -> bool:
    """Whether a key is one of those kept; takes the same time whichever it is."""
    offered = hash_of(key)
    known = False
    for each in hashes:
        known |= compare_digest(offered, each)
    return known
