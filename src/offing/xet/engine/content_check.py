"""Whether plain bytes are the file: by the SHA-256 that the hub tells, or by git's hash of a small file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator

from offing.xet.engine.resolved import Resolved
from offing.xet.problems import Corrupt

_GIT = re.compile(r"[0-9a-f]{40}", re.ASCII)


def can_check(file: Resolved) -> bool:
    """Whether the hub tells a hash of the content."""
    return file.sha256 is not None or _GIT.fullmatch(file.etag) is not None


async def checked(file: Resolved, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The pieces of the whole file, the last of them once the hash is right. Raises Corrupt before it."""
    if file.sha256 is not None:
        told, digest = file.sha256, hashlib.sha256()
    else:
        # git's name of a content, which no one relies on for more than finding damage.
        told, digest = file.etag, hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    held = b""
    async for piece in pieces:
        digest.update(piece)
        if held:
            yield held
        held = piece
    if digest.hexdigest() != told:
        raise Corrupt
    if held:
        yield held
