"""Image insights: how bright an image is, and what else can be told of it at a glance.

from offing.insights import Options, analyze

report = analyze(open("photo.jpg", "rb").read(), Options(metrics=("brightness", "median")))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offing.insights.engine.options import Alpha, EdgeMode, Limits, Options, Orientation, Precision
from offing.insights.problems import InsightsProblem

if TYPE_CHECKING:
    from offing.insights.engine.analyze import analyze
    from offing.insights.engine.results import Report

__all__ = [
    "Alpha",
    "EdgeMode",
    "InsightsProblem",
    "Limits",
    "Options",
    "Orientation",
    "Precision",
    "Report",
    "analyze",
]

_LATE = {"analyze": "offing.insights.engine.analyze", "Report": "offing.insights.engine.results"}


def __getattr__(name: str) -> Any:
    """Load what needs numpy and Pillow when it is first used: the server itself does without both."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LATE[name]), name)
