"""Instance types, and what custom ones may be."""

from __future__ import annotations

import pytest

from offing.edge.instance_types import NAMED, custom, excesses, likely


@pytest.mark.parametrize(
    "limits",
    [(1, 3072, 2000), (4, 12288, 20000), (2, 6144, 12000), (1.5, 4608, 9000)],
)
def test_a_custom_type_within_the_limits_is_allowed(limits: tuple[float, float, float]) -> None:
    assert list(excesses(custom(*limits))) == []


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ((0.5, 4096, 8000), "vcpu is 0.5"),
        ((5, 12288, 20000), "vcpu is 5"),
        ((4, 12289, 20000), "the most is 12288 (12 GiB)"),
        ((4, 8192, 16000), "4 vCPU need 12288 (3 GiB each)"),
        ((1, 3072, 20001), "the most is 20000 (20 GB)"),
        ((1, 3072, 6001), "this memory allows 6000"),
        ((1, 0, 1000), "memory_mib is 0"),
        ((1, 3072, -1), "disk_mb is -1"),
    ],
)
def test_a_custom_type_beyond_a_limit_is_told_which(limits: tuple[float, float, float], said: str) -> None:
    assert said in " ".join(excesses(custom(*limits)))


def test_what_a_custom_type_leaves_out_is_that_of_the_smallest() -> None:
    assert custom(None, None, None).size == NAMED["lite"].size


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("large", ["standard-3", "standard-4"]),
        ("Standard", ["standard-1"]),
        ("dev", ["lite"]),
        ("standard-5", ["standard-4", "standard-3"]),
        ("zzz", [*NAMED]),
    ],
)
def test_an_unknown_name_is_told_what_it_may_have_meant(name: str, meant: list[str]) -> None:
    assert [kind.name for kind in likely(name)] == meant


def test_a_type_says_its_size() -> None:
    assert str(NAMED["lite"]) == "lite (1/16 vCPU, 256 MiB, 2 GB)"
    assert str(NAMED["standard-4"]) == "standard-4 (4 vCPU, 12 GiB, 20 GB)"
