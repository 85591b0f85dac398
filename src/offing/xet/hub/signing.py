"""Tokens for the content store, and URLs that carry their own right: signed with HMAC, good for a time."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from typing import Literal
from urllib.parse import urlencode

import msgspec

from offing.xet.hub.disk import Disk
from offing.xet.hub.ranges import Range
from offing.xet.hub.refusals import Refusal

KEY_BYTES = 32
LONGEST = 4096

Right = Literal["read", "write"]


class Claims(msgspec.Struct, frozen=True):
    """What a token says."""

    repository: str
    right: Right
    user: str
    expires: float


class Signer:
    """Signs and checks with one key, which the folder keeps."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, claims: Claims) -> str:
        """A token that says this."""
        body = urlsafe_b64encode(msgspec.json.encode(claims)).decode()
        return f"{body}.{self._sign('token', body)}"

    def claims(self, token: str) -> Claims:
        """What a token says. Raises Refusal (401) where it is not one of ours, or too old."""
        body, _, signature = token.partition(".")
        if len(token) > LONGEST or not _same(signature, self._sign("token", body)):
            raise Refusal(401, "Invalid access token.")
        try:
            claims = msgspec.json.decode(urlsafe_b64decode(body), type=Claims)
        except (BadBase64, msgspec.DecodeError):
            raise Refusal(401, "Invalid access token.") from None
        if claims.expires <= time.time():
            raise Refusal(401, "Expired access token.")
        return claims

    def query(self, path: str, about: str, seconds: float) -> str:
        """The query that makes a path's URL good for some seconds, about something (as ranges)."""
        expires = f"{time.time() + seconds:.3f}"
        signature = self._sign("url", path, about, expires)
        return urlencode({"about": about, "expires": expires, "signature": signature}, safe=",")

    def check(self, path: str, about: str, expires: str, signature: str) -> None:
        """Whether a URL is one of ours and still good. Raises Refusal (403)."""
        if not _same(signature, self._sign("url", path, about, expires)):
            raise Refusal(403, "Invalid signature.")
        if float(expires) <= time.time():
            raise Refusal(403, "Request has expired.")

    def _sign(self, *parts: str) -> str:
        message = "\0".join(parts).encode()
        return hmac.new(self._key, message, "sha256").hexdigest()


def load_signer(disk: Disk) -> Signer:
    """The signer of a folder, whose key is made at the first start."""
    place = disk.root / "key"
    if not place.is_file() or place.stat().st_size != KEY_BYTES:
        disk.put(place, secrets.token_bytes(KEY_BYTES), mode=0o600)
    return Signer(place.read_bytes())


def spell_ranges(ranges: list[Range]) -> str:
    """Ranges as a Range header spells them, last byte included."""
    return ",".join(f"{first}-{after - 1}" for first, after in ranges)


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())
