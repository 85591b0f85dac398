"""Parts by the largest remainder."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from offing.insights.engine.shares import apportion
from tests.insights.engine.pictures import steady

counts_of_any_size = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@steady
@given(counts_of_any_size, st.integers(1, 10_000))
def test_the_parts_sum_up_and_each_is_within_one_of_its_quota(counts: list[int], parts: int) -> None:
    shares = apportion(counts, parts)
    assert sum(shares) == parts
    for count, share in zip(counts, shares, strict=True):
        assert abs(share - Fraction(count * parts, sum(counts))) < 1


def test_what_is_left_goes_to_the_largest_remainder() -> None:
    # Quotas 4.7, 3.1 and 2.2: the one part that is left belongs to the first.
    assert apportion([47, 31, 22], 10) == [5, 3, 2]


def test_equal_remainders_are_served_from_the_first() -> None:
    assert apportion([1, 1, 1], 1000) == [334, 333, 333]
