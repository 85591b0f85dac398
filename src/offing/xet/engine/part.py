"""A file that is being made on disk: its content so far, and what proves it.

Beside the content of a Xet file stands a journal of its chunks, each written after the chunk itself; so
whatever a kill leaves, the chunks that the journal names are hashed again and kept as far as they match.
Of a plain file the whole content is hashed again, and found right or wrong at the end. Nothing is forced to
the disk before the end: after a power cut the same hashing finds what is missing.

Everything here blocks, and is called by one thread at a time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from offing.xet.engine.cache.descriptor import Descriptor
from offing.xet.engine.cache.layout import sync_folder
from offing.xet.engine.cache.table import (
    LABEL_BYTES,
    RECORD_BYTES,
    Label,
    pack_records,
    read_label,
    unpack_records,
)
from offing.xet.engine.chunks import LARGEST_CHUNK
from offing.xet.engine.content_hash import ContentHash
from offing.xet.engine.hashes import chunk_hash, to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.engine.verify import NotTheFile

if TYPE_CHECKING:
    from offing.xet.engine.batch import Batch
    from offing.xet.engine.resolved import Resolved
    from offing.xet.engine.target_claim import Claim

STEP_BYTES = 16 << 20
"""Bytes that are hashed at once, some 15 ms of work."""
READ_BYTES = 1 << 20
READ_RECORDS = 256
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class Part:
    """The file at a claim's place, with what an earlier download of the same content left."""

    def __init__(self, claim: Claim, file: Resolved, *, sha256: bool = True) -> None:
        self.length = 0
        """Bytes in place whose hashes are known."""
        self._claim, self._file = claim, file
        self._tree = MerkleTree()
        self._hash = ContentHash(file, sha256=sha256)
        self._label = Label(_identity(file), file.size, 0)
        self._files = ExitStack()
        self._content: Descriptor
        self._journal: Descriptor
        self._records = self._left = 0

    def open(self) -> None:
        """Begin, with nothing taken over yet. Raises OSError."""
        self._content = self._opened(self._claim.part, 0o666)
        self._journal = self._opened(self._claim.journal, 0o600)
        self._left = self._left_over()

    def recover(self) -> bool:
        """Check about 16 MiB more of what an earlier download left; False once there is no more."""
        if self._left:
            before = self.length
            self._left = self._check_chunks() if self._file.xet_hash else self._check_bytes()
            if self._left and self.length > before:
                return True
        self._left = 0
        self._cut()
        return False

    def append(self, batch: Batch) -> None:
        """Write the next chunks of a Xet file. Raises :class:`NotTheFile`, OSError."""
        end, records = self.length, []
        for digest, length in batch.leaves:
            end += length
            records.append((digest, end))
        self.write([batch.content])
        self._journal.write([pack_records(records)], LABEL_BYTES + self._records * RECORD_BYTES)
        self._records += len(records)
        self._tree.extend(batch.leaves)

    def write(self, buffers: Sequence[bytes | memoryview]) -> None:
        """Write the next bytes. Raises :class:`NotTheFile` past the file's end, OSError."""
        end = self.length + sum(map(len, buffers))
        if end > self._file.size:
            raise NotTheFile
        self._content.write(buffers, self.length)
        for each in buffers:
            self._hash.update(each)
        self.length = end

    def check(self) -> None:
        """Raise :class:`NotTheFile` unless it is the whole file."""
        if self.length != self._file.size or not self._hash.is_right():
            raise NotTheFile
        if self._file.xet_hash and to_text(self._tree.file_hash()) != self._file.xet_hash:
            raise NotTheFile

    def publish(self) -> None:
        """Give a checked file its name: first the content is on the disk, then the name. Raises OSError."""
        with self._content.held() as number:
            os.fsync(number)
        self._claim.part.replace(self._claim.target)
        sync_folder(self._claim.target.parent)
        self._claim.journal.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave it for another time; idempotent."""
        self._files.close()

    def _opened(self, path: Path, mode: int) -> Descriptor:
        return self._files.enter_context(closing(Descriptor(os.open(path, _FLAGS, mode))))

    def _left_over(self) -> int:
        """How many chunks, or bytes of a plain file, an earlier download left; a new label where none did."""
        with self._content.held() as content, self._journal.held() as journal:
            if read_label(self._journal.read(LABEL_BYTES, 0), self._label.file_hash) == self._label:
                if self._file.xet_hash:
                    return max(0, os.fstat(journal).st_size - LABEL_BYTES) // RECORD_BYTES
                # Bytes that nothing can be compared with are not worth to be kept.
                return os.fstat(content).st_size if self._hash else self._anew()
        return self._anew()

    def _anew(self) -> int:
        self._cut()
        self._journal.write([self._label.pack()], 0)
        return 0

    def _check_chunks(self) -> int:
        """Take over chunks as far as they match; gives how many are left to be checked."""
        stop, left = self.length + STEP_BYTES, self._left
        while left and self.length < stop:
            count = min(left, READ_RECORDS)
            place = LABEL_BYTES + self._records * RECORD_BYTES
            for digest, end in unpack_records(self._journal.read(count * RECORD_BYTES, place)):
                if not self._take_over(digest, end):
                    return 0
                left -= 1
        return left

    def _take_over(self, digest: bytes, end: int) -> bool:
        length = end - self.length
        if not 0 < length <= LARGEST_CHUNK or end > self._file.size:
            return False
        data = self._content.read(length, self.length)
        if len(data) != length or chunk_hash(data) != digest:
            return False
        self._tree.add(digest, length)
        self._hash.update(data)
        self.length, self._records = end, self._records + 1
        return True

    def _check_bytes(self) -> int:
        """Hash bytes of a plain file; gives how many are left."""
        end = min(self.length + self._left, self._file.size)
        stop = min(end, self.length + STEP_BYTES)
        while self.length < stop and (
            data := self._content.read(min(READ_BYTES, stop - self.length), self.length)
        ):
            self._hash.update(data)
            self.length += len(data)
        return end - self.length

    def _cut(self) -> None:
        """Drop what is not taken over."""
        with self._journal.held() as number:
            os.ftruncate(number, LABEL_BYTES + self._records * RECORD_BYTES)
        with self._content.held() as number:
            os.ftruncate(number, self.length)


def _identity(file: Resolved) -> str:
    """What a part is a part of, as 64 hexadecimal digits: of other content nothing is taken over."""
    kind = "xet" if file.xet_hash else "plain"
    text = f"{kind} {file.xet_hash or file.sha256 or file.etag}"
    return hashlib.sha256(text.encode()).hexdigest()


def discard(claim: Claim) -> None:
    """Delete what was left to be resumed. Raises OSError."""
    claim.part.unlink(missing_ok=True)
    claim.journal.unlink(missing_ok=True)
