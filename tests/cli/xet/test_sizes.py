"""Sizes as people write and read them."""

from __future__ import annotations

import pytest

from offing.cli.xet.sizes import Size, spell_size


@pytest.mark.parametrize(
    ("size", "spelled"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4_512_000_000, "4.5 GB"),
        (10**18, "1000 PB"),
    ],
)
def test_a_size_is_spelled_with_two_or_three_digits(size: int, spelled: str) -> None:
    assert spell_size(size) == spelled


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("0", 0),
        ("12", 12),
        ("500M", 500_000_000),
        ("1.5 gb", 1_500_000_000),
        ("8KiB", 8192),
        ("2Ti", 2 << 40),
    ],
)
def test_a_size_is_read_with_any_unit(written: str, size: int) -> None:
    assert Size().convert(written, None, None) == size
