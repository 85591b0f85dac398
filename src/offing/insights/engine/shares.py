"""Shares that add up: whole parts of a total by the largest-remainder method (Hamilton's)."""

from __future__ import annotations

from collections.abc import Sequence


def apportion(counts: Sequence[int], parts: int) -> list[int]:
    """Split ``parts`` in proportion to ``counts``; the result sums to ``parts`` exactly.

    Each count first gets its whole parts; what is left goes one by one to the largest remainders, of equal
    ones to the earlier. Exact in integers. ``counts`` are not negative and not all zero.
    """
    total = sum(counts)
    shares, remainders = zip(*(divmod(count * parts, total) for count in counts), strict=True)
    granted = sorted(range(len(counts)), key=lambda index: (-remainders[index], index))
    result = list(shares)
    for index in granted[: parts - sum(shares)]:
        result[index] += 1
    return result
