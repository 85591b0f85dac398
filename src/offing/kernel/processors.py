"""How many processors this process may use: the container's quota, not the host's count."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUP_V2 = Path("/sys/fs/cgroup/cpu.max")
CGROUP_V1 = Path("/sys/fs/cgroup/cpu")


def available() -> int:
    """Whole processors, at least 1: the affinity mask, cut by a cgroup v1 or v2 quota rounded up."""
    has_mask = hasattr(os, "sched_getaffinity")
    count = len(os.sched_getaffinity(0)) if has_mask else os.cpu_count() or 1
    quota = _quota_v2(CGROUP_V2) or _quota_v1(CGROUP_V1)
    return max(1, min(count, math.ceil(quota))) if quota else count


def _quota_v2(file: Path) -> float | None:
    try:
        quota, period = file.read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None  # no file, "max", or a period of 0: no quota


def _quota_v1(folder: Path) -> float | None:
    try:
        quota = int((folder / "cpu.cfs_quota_us").read_text())
        return quota / int((folder / "cpu.cfs_period_us").read_text()) if quota > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
