"""What tests of several benchmarks start from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def labelled_images(tmp_path: Path) -> Path:
    """A set of one image of 40 by 20 pixels, white, with a red patch at its top left."""
    picture = Image.new("RGB", (40, 20), (255, 255, 255))
    picture.paste((255, 0, 0), (0, 0, 8, 8))
    picture.save(tmp_path / "one.png")
    told = {"group": "simple", "file": "one.png", "ordered": True, "unit": "word", "lines": ["a", "b"]}
    names = {"one": "eng", "syn_fra": "Latin", "rapid_arabic": "Arabic"}
    manifest = [told | {"name": name, "language": language} for name, language in names.items()]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path
