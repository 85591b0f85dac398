"""Gives the C that unpacks chunks bytes with every kind of damage.

    python -m tests.xet.engine.unpack_hostile LIBRARY

Each lies in memory of its own size, so that a sanitizer sees whatever is read beyond it. Prints how many of
them were refused.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from offing.xet.engine import unpack
from tests.xet.engine.xorbs import some_xorb

ROUNDS = 3000


def damaged(chance: random.Random, whole: bytes) -> bytes:
    """Bytes that are changed, cut, put in twice, or left as they are."""
    data = bytearray(whole)
    for _ in range(chance.choice((0, 1, 1, 2, 8))):
        place = chance.randrange(len(data))
        data[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, data[place] ^ 1 << chance.randrange(8)))
    if chance.random() < 0.3:
        place = chance.randrange(len(data))
        data[place:place] = data[chance.randrange(len(data)) :][: chance.randrange(1, 200)]
    if chance.random() < 0.3:
        del data[chance.randrange(1, len(data)) :]
    return bytes(data)


def main() -> int:
    """Count."""
    unpack.LIBRARY = Path(sys.argv[1])
    library = unpack.find()
    if library is None:
        raise SystemExit("the library cannot be loaded")
    refused = 0
    for seed in range(ROUNDS):
        chance = random.Random(seed)  # noqa: S311  the same in every run
        whole = some_xorb(chance, chance.randint(1, 4), chance.choice((40, 3000, 131_072))).data
        data = memoryview(damaged(chance, whole))
        refused += unpack.by_c(library, data, chance.choice((1, 100_000, 1 << 40))) is None
    sys.stdout.write(f"{refused}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
