"""The processors that a container grants, in both forms in which Linux tells them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from offing.kernel import processors
from offing.kernel.processors import available


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine of eight processors whose control groups are files of the test."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(processors, "CGROUP_V2", tmp_path / "cpu.max")
    monkeypatch.setattr(processors, "CGROUP_V1", tmp_path / "cpu")
    (tmp_path / "cpu").mkdir()
    return tmp_path


def test_without_a_quota_it_is_the_affinity_mask() -> None:
    assert available() == 8


@pytest.mark.parametrize(
    ("quota", "count"),
    [
        ("max 100000", 8),
        ("25000 100000", 1),
        ("100000 100000", 1),
        ("150000 100000", 2),
        ("400000 100000", 4),
        ("1600000 100000", 8),
        ("50000 25000", 2),
        ("", 8),
        ("nonsense", 8),
    ],
)
def test_a_quota_of_version_2_is_rounded_up(machine: Path, quota: str, count: int) -> None:
    (machine / "cpu.max").write_text(quota + "\n")
    assert available() == count


@pytest.mark.parametrize(
    ("quota", "period", "count"),
    [("-1", "100000", 8), ("25000", "100000", 1), ("250000", "100000", 3), ("x", "100000", 8), ("1", "", 8)],
)
def test_a_quota_of_version_1_is_rounded_up(machine: Path, quota: str, period: str, count: int) -> None:
    (machine / "cpu" / "cpu.cfs_quota_us").write_text(quota + "\n")
    (machine / "cpu" / "cpu.cfs_period_us").write_text(period + "\n")
    assert available() == count


@pytest.mark.parametrize("file", ["cpu.max", "cpu"])
def test_a_period_of_0_is_no_quota(machine: Path, file: str) -> None:
    if file == "cpu.max":
        (machine / file).write_text("100000 0\n")
    else:
        (machine / "cpu" / "cpu.cfs_quota_us").write_text("100000\n")
        (machine / "cpu" / "cpu.cfs_period_us").write_text("0\n")
    assert available() == 8


def test_a_system_without_affinity_masks_counts_its_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert available() == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available() == 1
