"""What every test stands on."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The same examples in every run; and a machine that is busy makes a property slow, not false.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")
