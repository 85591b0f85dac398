"""A folder with an exported network: its file, its characters, how it wants its pixels.

PaddleOCR exports a network as ``inference.pdmodel`` (to PP-OCRv4) or ``inference.json`` (since), with
``inference.pdiparams`` beside it; ``inference.yml`` says how it was trained. Converted, it is an ``.onnx``
or OpenVINO's ``.xml`` and ``.bin``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from offing.ocr.engine.detection import Normalisation
from offing.ocr.engine.models import ModelsMissing, characters_of

ENDINGS = (".onnx", ".xml", ".pdmodel")
"""What a runtime reads, the kind that each runtime reads first."""
NAME = "inference"
LISTS = ("*dict*.txt", "*keys*.txt")
IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""What PP-OCR's detection networks are trained with, from the first to the sixth."""


class ModelFolder:
    """A given folder; ``role`` says in errors which. They tell no path, since clients may see them."""

    def __init__(self, folder: Path, role: str) -> None:
        self._folder, self._role = folder, role
        self.file = self._network()

    def _network(self) -> Path:
        for ending in ENDINGS:
            files = sorted(self._folder.glob(f"*{ending}"))
            named = [file for file in files if file.stem == NAME]
            if len(named or files) > 1:
                raise ModelsMissing(f"the {self._role} folder holds several {ending} files")
            if files:
                return (named or files)[0]
        if (self._folder / f"{NAME}.json").is_file():
            raise ModelsMissing(
                f"the {self._role} folder holds a network in PaddlePaddle's newer form, {NAME}.json, which "
                f"no runtime here reads: convert it with paddle2onnx to {NAME}.onnx"
            )
        raise ModelsMissing(f"the {self._role} folder holds no .onnx, .xml or .pdmodel file")

    def lists(self) -> Iterator[list[str]]:
        """The lists of characters beside the network, those in files of their own first."""
        for file in sorted({file for pattern in LISTS for file in self._folder.glob(pattern)}):
            try:
                yield characters_of(file)
            except (OSError, UnicodeDecodeError):
                raise ModelsMissing(f"{file.name} in the {self._role} folder is not UTF-8 text") from None
        listed = _at(self._configuration(), "PostProcess", "character_dict")
        if isinstance(listed, list):
            yield listed

    def normalisation(self) -> Normalisation:
        """How the network wants its pixels, as its export says, or as PP-OCR's networks are trained."""
        steps = _at(self._configuration(), "PreProcess", "transform_ops")
        for step in steps if isinstance(steps, list) else ():
            how = _at(step, "NormalizeImage")
            if how:
                return Normalisation(self._three(how, "mean"), self._three(how, "std"))
        return IMAGENET

    def _three(self, how: Any, name: str) -> tuple[float, float, float]:
        try:
            blue, green, red = map(float, how[name])
        except (KeyError, TypeError, ValueError):
            raise ModelsMissing(f"{NAME}.yml in the {self._role} folder has no {name} of three") from None
        return blue, green, red

    def _configuration(self) -> Any:
        """What ``inference.yml`` holds; every scalar is a string, for ``~``, ``=`` and ``1`` are letters."""
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        file = self._folder / f"{NAME}.yml"
        if not file.is_file():
            return None
        try:
            return yaml.load(file.read_bytes(), loader)  # noqa: S506  it makes strings only
        except (OSError, yaml.YAMLError):
            raise ModelsMissing(f"{NAME}.yml in the {self._role} folder cannot be read") from None


def _at(value: Any, *names: str) -> Any:
    """What lies under names within names, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
