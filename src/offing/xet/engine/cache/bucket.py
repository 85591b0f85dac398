"""Verified files in a bucket of any S3-compatible store, as the cache's second tier.

A file is two objects: ``{hash}/data``, and ``{hash}/table``, its label and chunk table, which is written last
and makes it complete. Nothing that comes back is trusted: the table must be that of the file hash, each
chunk that of the table. What leaves the bucket, and when, is for the bucket's own lifecycle rules.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from offing.xet.engine.batch import Batch
from offing.xet.engine.cache.cached_file import CachedFile
from offing.xet.engine.cache.table import (
    LABEL_BYTES,
    RECORD_BYTES,
    Label,
    most_chunks,
    read_label,
    unpack_records,
)
from offing.xet.engine.chunks import LARGEST_CHUNK
from offing.xet.engine.hashes import chunk_hashes, to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.engine.nodes import Nodes

if TYPE_CHECKING:
    from obstore.store import ObjectStore, S3Credential, S3Store

PART_BYTES = 8 << 20
"""Of one request, up or down. A stream down holds four of them."""
MOST_PARTS = 9000
"""S3 takes 10,000 in an upload."""
PARTS_AHEAD = 2
PARTS_UP = 2
MOST_TABLE_BYTES = 64 << 20
"""About 100 GB of content; what is larger does not go into the bucket."""
REQUEST_SECONDS = 60.0
FIND_SECONDS = 5.0
"""A client waits for this answer before the upstream is asked."""

_LAYOUT = np.dtype([("digest", "V32"), ("end", "<u8")])

Value = TypeVar("Value")


class BucketFailed(Exception):  # noqa: N818  it is the bucket's error, not ours
    """The bucket does not answer, refuses, or holds what is not the file. The message is for logs."""


class DamagedObject(BucketFailed):
    """The bucket holds something else than was put there."""


class MissingObject(DamagedObject):
    """The bucket has no such object."""


def connect(  # noqa: PLR0913  what an S3 address consists of
    bucket: str, *, endpoint: str, key_id: str, secret: str, region: str = "auto", prefix: str = "",
    allow_http: bool = False,
) -> S3Store:  # fmt: skip
    """The store behind a bucket; plain HTTP only where allowed. The keys are these and no others."""
    from obstore.store import S3Store

    def keys() -> S3Credential:
        # Asked for, the store does not look into the environment.
        return {"access_key_id": key_id, "secret_access_key": secret, "token": None, "expires_at": None}

    return S3Store(
        bucket,
        prefix=prefix or None,
        endpoint=endpoint,
        region=region,
        virtual_hosted_style_request=False,
        credential_provider=keys,
        client_options={
            "allow_http": allow_http,
            "connect_timeout": "5s",
            "timeout": f"{REQUEST_SECONDS:.0f}s",
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
    )


class StoredFile:
    """A file in the bucket, its table checked against the file's hash."""

    def __init__(self, store: ObjectStore, label: Label, table: bytes) -> None:
        self.label = label
        self._store = store
        self._records = memoryview(table).cast("B")
        # Not as lists: they would take three times the memory of the table.
        self._ends = np.ascontiguousarray(np.frombuffer(table, _LAYOUT)["end"])

    async def batches(self, start: int) -> AsyncGenerator[Batch]:
        """Checked chunks from an offset to the end; none where no chunk starts there.

        Raises :class:`BucketFailed`.
        """
        ahead: deque[asyncio.Task[Batch]] = deque()
        try:
            first = self._chunk_at(start)
            while first < len(self._ends) or ahead:
                while first < len(self._ends) and len(ahead) <= PARTS_AHEAD:
                    last = self._part_from(first)
                    ahead.append(asyncio.create_task(self._part(first, last)))
                    first = last
                yield await ahead.popleft()
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)

    async def _part(self, first: int, last: int) -> Batch:
        import obstore

        start, end = self._start_of(first), self._start_of(last)
        data = await answered(
            obstore.get_range_async(self._store, _data(self.label.file_hash), start=start, end=end)
        )
        return await asyncio.to_thread(self._checked, memoryview(data), first, last)

    def _checked(self, data: memoryview, first: int, last: int) -> Batch:
        start = offset = self._start_of(first)
        leaves = []
        for digest, end in unpack_records(self._records[first * RECORD_BYTES : last * RECORD_BYTES]):
            leaves.append((digest, end - start))
            start = end
        content, wanted = bytes(data[: start - offset]), Nodes.of(leaves)
        if chunk_hashes(content, wanted.sizes) != wanted.digests:
            raise DamagedObject("A chunk in the bucket is damaged.")
        return Batch(content, wanted)

    def _chunk_at(self, start: int) -> int:
        chunk = self._ended_by(start)
        if self._start_of(chunk) != start:
            return len(self._ends)
        return chunk

    def _part_from(self, first: int) -> int:
        return max(first + 1, self._ended_by(self._start_of(first) + PART_BYTES))

    def _ended_by(self, offset: int) -> int:
        """How many chunks end at an offset or before it."""
        return int(np.searchsorted(self._ends, offset, side="right"))

    def _start_of(self, chunk: int) -> int:
        return int(self._ends[chunk - 1]) if chunk else 0


class Bucket:
    """Where complete files are put and found again."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def find(self, file_hash: str, size: int) -> StoredFile | None:
        """A file of this hash and size in bytes, or None. Raises :class:`BucketFailed`."""
        import obstore

        try:
            result = await answered(obstore.get_async(self._store, _table(file_hash)), seconds=FIND_SECONDS)
        except MissingObject:
            return None
        if result.meta["size"] > MOST_TABLE_BYTES:
            raise DamagedObject("A table in the bucket is too large.")
        data = bytes(await answered(result.buffer_async()))
        label = read_label(data[:LABEL_BYTES], file_hash)
        if label is None or label.size != size:
            raise DamagedObject("A table in the bucket is that of another file.")
        table = data[LABEL_BYTES:]
        if not await asyncio.to_thread(_is_of, label, table):
            raise DamagedObject("A table in the bucket is not that of its file.")
        return StoredFile(self._store, label, table)

    async def put(self, file: CachedFile) -> bool:
        """Put a file where it is not yet; whether it was put. Raises :class:`BucketFailed`, CorruptEntry."""
        table_bytes = LABEL_BYTES + file.chunks * RECORD_BYTES
        if table_bytes > MOST_TABLE_BYTES or await self._has(file.file_hash):
            return False
        try:
            await self._put(file)
        except MissingObject:
            raise BucketFailed("There is no such bucket.") from None
        return True

    async def delete(self, file_hash: str) -> None:
        """Take a file out; its table first, so that no half of it is found. Raises :class:`BucketFailed`."""
        import obstore

        for path in (_table(file_hash), _data(file_hash)):
            with suppress(MissingObject):
                await answered(obstore.delete_async(self._store, path))

    async def _put(self, file: CachedFile) -> None:
        import obstore

        part = max(PART_BYTES, -(-file.size // MOST_PARTS))
        async with aclosing(file.read()) as pieces:
            uploading = obstore.put_async(
                self._store, _data(file.file_hash), pieces, chunk_size=part, max_concurrency=PARTS_UP
            )
            await answered(uploading, seconds=None)
        table = await file.table()
        await answered(obstore.put_async(self._store, _table(file.file_hash), table, use_multipart=False))

    async def _has(self, file_hash: str) -> bool:
        import obstore

        with suppress(MissingObject):
            await answered(obstore.head_async(self._store, _table(file_hash)))
            return True
        return False


async def answered(asking: Awaitable[Value], *, seconds: float | None = REQUEST_SECONDS) -> Value:
    """An answer of the store. Raises :class:`BucketFailed`, whose message has no address in it."""
    from obstore.exceptions import BaseError

    try:
        async with asyncio.timeout(seconds):
            return await asking
    except FileNotFoundError:
        raise MissingObject("An object is not there.") from None
    except (BaseError, OSError, TimeoutError) as error:
        raise BucketFailed(type(error).__name__) from None


def _is_of(label: Label, table: bytes) -> bool:
    """Whether a table's root is the hash of its file, and its chunks are what chunks can be."""
    if len(table) != label.chunks * RECORD_BYTES or not 0 < label.chunks <= most_chunks(label.size):
        return False
    tree = MerkleTree()
    for digest, end in unpack_records(table):
        if not 0 < end - tree.size <= LARGEST_CHUNK:
            return False
        tree.add(digest, end - tree.size)
    return tree.size == label.size and to_text(tree.file_hash()) == label.file_hash


def _data(file_hash: str) -> str:
    return f"{file_hash}/data"


def _table(file_hash: str) -> str:
    return f"{file_hash}/table"
