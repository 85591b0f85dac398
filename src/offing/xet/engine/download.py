"""A file into a place on disk: resumed after a kill at any moment, named only once it is verified.

claim (one at a time) ── present (there already?) ── part (taken over, then fetched) ── checked ── named
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import aclosing, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from offing.xet.engine.part import Part, discard
from offing.xet.engine.present import Present
from offing.xet.engine.target_claim import Claim, claimed
from offing.xet.engine.verify import NotTheFile
from offing.xet.engine.write_behind import WriteBehind, in_thread
from offing.xet.problems import Corrupt, XetProblem

if TYPE_CHECKING:
    from offing.xet.engine.batch import Batch
    from offing.xet.engine.reader import Reader
    from offing.xet.engine.resolved import Resolved

Told = Callable[[int], None]


class Unwritable(XetProblem):
    """The disk does not take the file."""

    code = "unwritable"
    status = 507
    text = "The file cannot be written."
    remedy = "Check the folder's permissions and the space on its disk; a download resumes where it ended."
    exit_code = 3


async def download(
    reader: Reader,
    file: Resolved,
    path: Path,
    *,
    token: str | None = None,
    progress: Told | None = None,
    sha256: bool = True,
) -> Path:
    """The file at ``path``, whole and verified; folders are made as they are needed.

    What a killed or failed download left is hashed again, and only what is missing is fetched; a file that
    is there already and right is not fetched at all. It is made in a folder ``.offing`` beside the path and
    takes its name in one step. Of several downloads to one path, in whichever process, one works and the
    others wait for it.

    :param progress: told how many bytes are in place, from the event loop; where they turn out to be wrong,
        it begins anew at 0.
    :param sha256: whether a Xet file, verified by its Merkle tree (draft-denis-xet, "Merkle Trees"), is also
        compared with the SHA-256 that the hub tells. Plain files always are.

    Raises :class:`Unwritable`, and what reading a file raises, :class:`~offing.xet.problems.Corrupt` among
    them. Cancelling leaves what can be resumed.
    """
    return await Download(reader, file, path, token=token, sha256=sha256).run(progress)


class Download:
    """One download, and what came of it."""

    def __init__(
        self, reader: Reader, file: Resolved, path: Path, *, token: str | None = None, sha256: bool = True
    ) -> None:
        self.file = file
        self.was_there = False
        """Nothing had to be fetched."""
        self.taken_over = 0
        """Bytes that an earlier download left."""
        self.fetching = False
        """Whether what an earlier one left has been looked at."""
        self.verified = file.xet_hash is not None
        """Whether there was anything to compare it with."""
        self._reader, self._path, self._token, self._sha256 = reader, path, token, sha256
        self._told: Told = _nobody

    async def run(self, progress: Told | None = None) -> Path:
        """See :func:`download`."""
        self._told = progress or _nobody
        with _refusing():
            async with claimed(self._path) as claim:
                if await self._is_present():
                    self.was_there = True
                    await in_thread(discard, claim)
                else:
                    await self._make(claim)
        return self._path

    async def _is_present(self) -> bool:
        present = Present(self._path, self.file)
        self.verified = self.verified or present.can_tell
        try:
            await in_thread(present.open)
            while await in_thread(present.step):
                self._told(present.length)
            return present.is_file()
        finally:
            present.close()

    async def _make(self, claim: Claim) -> None:
        try:
            await self._try(claim)
        except NotTheFile:
            await in_thread(discard, claim)
            if not self.taken_over:
                raise Corrupt from None
            await self._again(claim)

    async def _again(self, claim: Claim) -> None:
        """What was taken over may have been what is wrong."""
        try:
            await self._try(claim)
        except NotTheFile:
            await in_thread(discard, claim)
            raise Corrupt from None

    async def _try(self, claim: Claim) -> None:
        """Raises :class:`NotTheFile` where the whole is another one."""
        with closing(Part(claim, self.file, sha256=self._sha256)) as part:
            self.fetching = False
            await in_thread(part.open)
            while await in_thread(part.recover):
                self._told(part.length)
            self.taken_over, self.fetching = part.length, True
            self._told(part.length)
            if part.length < self.file.size:
                await (self._fetch_chunks if self.file.xet_hash else self._fetch_plain)(part)
            part.check()
            await in_thread(part.publish)

    async def _fetch_chunks(self, part: Part) -> None:
        file = self.file
        fetched = self._reader.batches(
            file.pinned, file.xet_hash or "", part.length, file.size, token=self._token
        )

        def write(batches: list[Batch]) -> None:
            for batch in batches:  # not all at once: what a kill cuts short comes again
                part.append(batch)

        async with WriteBehind(write, lambda: self._told(part.length)) as disk, aclosing(fetched) as batches:
            async for batch in batches:
                await disk.put(batch, len(batch.content))

    async def _fetch_plain(self, part: Part) -> None:
        plain = await self._reader.hub.open_plain(self.file, part.length, self.file.size, self._token)
        try:
            async with WriteBehind(part.write, lambda: self._told(part.length)) as disk:
                async for piece in plain:
                    await disk.put(piece, len(piece))
        finally:
            plain.abort()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unwritable(f"The file cannot be written: {error.strerror or 'the disk failed'}.") from None


def _nobody(_: int) -> None:
    pass
