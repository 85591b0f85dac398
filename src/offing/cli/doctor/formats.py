"""Image formats beyond JPEG and PNG: which of them this machine can open."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec

from offing.cli.doctor.check import Check, State
from offing.insights.settings import InsightsSettings
from offing.kernel.settings import load

ALLOW = "OFFING_INSIGHTS_FORMATS allows it"


def formats() -> Iterator[Check]:
    """WebP and AVIF as Pillow was built, HEIF by its own package."""
    if find_spec("PIL") is None:
        return  # told of by the service that needs it
    from PIL import features

    asked = load(InsightsSettings, "OFFING_INSIGHTS_").formats
    for name, feature in (("WEBP", "webp"), ("AVIF", "avif")):
        found = features.version(feature) if features.check(feature) else None
        remedy = "Install a build of Pillow that has it: pip install --force-reinstall pillow"
        yield _check(name, found, remedy, asked=name in asked)
    found = version("pi-heif") if find_spec("pi_heif") else None
    yield _check("HEIF", found, "Install it: pip install 'offing[heif]'", asked="HEIF" in asked)


def _check(name: str, found: str | None, remedy: str, *, asked: bool) -> Check:
    label = f"format {name}"
    if found is None:
        return Check(label, State.MISSING if asked else State.NOTE, "cannot be opened here", remedy)
    return Check(label, State.OK, f"{found} ({'allowed' if asked else ALLOW})")
