"""How recordings begin and end on the disk; everything here blocks, and runs in worker threads."""

from __future__ import annotations

import os
from concurrent.futures import Executor
from contextlib import ExitStack, suppress

from offing.xet.engine.cache.descriptor import Descriptor
from offing.xet.engine.cache.folder_lock import claim, let_go
from offing.xet.engine.cache.layout import open_file, sync_folder
from offing.xet.engine.cache.ledger import Ledger, reserved
from offing.xet.engine.cache.recording import Recording
from offing.xet.engine.cache.table import LABEL_BYTES, RECORD, RECORD_BYTES, Label

WORTH_KEEPING = 1 << 20
"""Bytes; what is shorter is fetched again sooner than it is found again."""
ROOM_AT_ONCE = 64 << 20


class DiskKeeper:
    """The cache's part of a recording's life."""

    def __init__(self, ledger: Ledger, quick: Executor, slow: Executor, syncing: Executor) -> None:
        self.ledger = ledger
        self.folder = ledger.folder
        self.quick = quick
        self.slow = slow
        self.syncing = syncing

    def begin(self, file_hash: str, size: int) -> Recording | None:
        """Claim the recording of a file; None where another one has it, or where it does not fit.

        Raises ValueError for a hash that is none, OSError.
        """
        with self.ledger.transaction():
            if self.folder.entry(file_hash).exists():
                return None
            self.ledger.announce()
            part = open_file(self.folder.part(file_hash), os.O_RDWR | os.O_CREAT)
            if not claim(part):
                os.close(part)
                return None
            self.ledger.pin(file_hash, complete=False)
            self.ledger.forget(file_hash, complete=False)
            with ExitStack() as undo:
                undo.callback(os.close, part)
                undo.callback(self._forget, file_hash)
                if not self.ledger.make_room(reserved(size)):
                    return None
                journal = open_file(self.folder.journal(file_hash), os.O_RDWR | os.O_CREAT)
                undo.callback(os.close, journal)
                recording = Recording(Label(file_hash, size, 0), part, journal, self)
                self.ledger.put(file_hash, reserved(size), complete=False)
                undo.pop_all()
            return recording

    def publish(self, recording: Recording) -> None:
        """Give a verified recording its place: content and table are on the disk before the name is."""
        recording.seal()
        file_hash = recording.file_hash
        with self.ledger.transaction():
            self.ledger.announce()
            entry = self.folder.entry(file_hash)
            self.folder.part(file_hash).rename(entry)
            sync_folder(self.folder.entries)
            self._forget(file_hash)
            self.ledger.put(file_hash, entry.stat().st_size, complete=True)
            self.ledger.make_room(0)

    def discard(self, recording: Recording) -> None:
        """Delete what was recorded."""
        with self.ledger.transaction():
            self.ledger.announce()
            self._forget(recording.file_hash)

    def suspend(self, recording: Recording) -> None:
        """Keep what was recorded, cut to its length, for whoever records this file next."""
        if recording.recorded < WORTH_KEEPING and not recording.unchecked:
            self.discard(recording)
            return
        recording.cut()
        with self.ledger.transaction(), recording.content.data.held() as part:
            self.ledger.announce()
            self.ledger.put(recording.file_hash, reserved(os.fstat(part).st_size), complete=False)
            self.ledger.unpin(recording.file_hash, complete=False)
            let_go(part)

    def more_room(self, size: int) -> bool:
        """Evict something where the disk is full before the bound is reached."""
        with self.ledger.transaction():
            before = self.ledger.evictions
            self.ledger.evict(max(size, ROOM_AT_ONCE))
            return self.ledger.evictions > before

    def trim(self) -> None:
        """Cut what killed processes left to its length, so that it counts as what it is."""
        with self.ledger.transaction():
            for item in self.ledger.items(complete=False):
                with suppress(OSError):
                    self._trim(item.file_hash)

    def _forget(self, file_hash: str) -> None:
        """End a claimed recording: its files go, it counts no more, and nothing holds it."""
        with suppress(OSError):
            self.folder.part(file_hash).unlink(missing_ok=True)
            self.folder.journal(file_hash).unlink(missing_ok=True)
        self.ledger.forget(file_hash, complete=False)
        self.ledger.unpin(file_hash, complete=False)

    def _trim(self, file_hash: str) -> None:
        number = open_file(self.folder.part(file_hash), os.O_RDWR)
        part = Descriptor(number)
        try:
            if claim(number):
                length = min(self._journaled(file_hash), os.fstat(number).st_size)
                os.ftruncate(number, length)
                self.ledger.put(file_hash, reserved(length), complete=False, used=os.fstat(number).st_mtime)
        finally:
            part.close()

    def _journaled(self, file_hash: str) -> int:
        """Where the last recorded chunk ends, as the journal says."""
        with suppress(FileNotFoundError):
            journal = Descriptor(open_file(self.folder.journal(file_hash), os.O_RDONLY))
            try:
                with journal.held() as number:
                    count = (os.fstat(number).st_size - LABEL_BYTES) // RECORD_BYTES
                record = (
                    journal.read(RECORD_BYTES, LABEL_BYTES + (count - 1) * RECORD_BYTES) if count > 0 else b""
                )
            finally:
                journal.close()
            return int(RECORD.unpack(record)[1]) if len(record) == RECORD_BYTES else 0
        return 0
