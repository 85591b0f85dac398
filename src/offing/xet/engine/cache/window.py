"""The latest pieces of a file that is being fetched, in memory, for readers that keep up with it."""

from __future__ import annotations

from collections import deque

PIECE_BYTES = 1 << 20
LARGEST_PIECE = 2 * PIECE_BYTES
"""What is longer is cut, so that it can go piece by piece."""


class Window:
    """Pieces that follow each other, each of them bytes of its own: no larger buffer stays for them."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, bytes]] = deque()
        self.base = 0
        """Offset in the file at which it starts, in bytes."""
        self.head = 0
        """Offset at which it ends."""

    def __len__(self) -> int:
        """Bytes that it holds."""
        return self.head - self.base

    def restart(self, offset: int) -> None:
        """Empty it; what is put next stands at this offset."""
        self._pieces.clear()
        self.base = self.head = offset

    def put(self, content: bytes) -> None:
        """Append some bytes."""
        step = PIECE_BYTES if len(content) > LARGEST_PIECE else LARGEST_PIECE
        for place in range(0, len(content), step):
            piece = content[place : place + step]
            self._pieces.append((self.head, piece))
            self.head += len(piece)

    def take(self, offset: int) -> bytes | None:
        """The bytes from an offset to the end of its piece; None where they are not here."""
        if not self.base <= offset < self.head:
            return None
        for start, piece in reversed(self._pieces):
            if start <= offset:
                return piece[offset - start :]
        return None

    def trim(self, most: int, passed: int) -> None:
        """Let the oldest pieces go while it holds more than some bytes, none that ends after an offset."""
        while len(self) > most and self._pieces:
            start, piece = self._pieces[0]
            if start + len(piece) > passed:
                return
            self._pieces.popleft()
            self.base = start + len(piece)
