"""Models that the user gives: folders with PP-OCRv4, v5 or v6 exports, whole or beside packaged ones."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Literal

from offing.ocr.engine.model_folder import ModelFolder
from offing.ocr.engine.models import DetectionModel, ModelSet, ModelsMissing, RecognitionModel, packaged
from offing.ocr.engine.orientation import SIDE
from offing.ocr.engine.recognition import HEIGHT
from offing.ocr.engine.runtime import Description, RuntimeName, Unreadable, open_runtime

CARRIED: dict[str, str | None] = {
    "PP-OCRv6": "pp-ocrv6-small",
    "PP-OCRv5": "pp-ocrv5-mobile",
    "PP-OCRv4": None,
}
"""The versions, and what of each a package carries."""
DEFAULT = "PP-OCRv6"
DIRECTIONS = 4
RuntimeChoice = RuntimeName | Literal["auto"]


def load_given(
    detection: Path | None,
    recognition: Path | None,
    version: str = DEFAULT,
    runtime: RuntimeChoice = "auto",
) -> ModelSet | None:
    """The models in the given folders; where one folder is missing, the packaged model of the version.

    None if there is nothing to do but what is done anyway. ``version`` is one of :data:`CARRIED`.
    Raises ``ModelsMissing``, and ``RuntimeMissing``.
    """
    if version not in CARRIED:
        raise ModelsMissing(f"the version is none of {', '.join(CARRIED)}")
    if detection is None and recognition is None and version == DEFAULT:
        return None
    carried = CARRIED[version]
    if detection is not None and recognition is not None:
        return ModelSet(_name(version), _detection(detection, runtime), _recognition(recognition, runtime))
    if carried is None:
        raise ModelsMissing(
            f"no package carries {version}: give both a detection and a recognition folder, or use {DEFAULT}"
        )
    beside = packaged(carried)
    if detection is not None:
        return ModelSet(beside.name, _detection(detection, runtime), beside.recognition)
    if recognition is not None:
        return ModelSet(_name(version), beside.detection, _recognition(recognition, runtime))
    return beside


def load_given_orientation(folder: Path, runtime: RuntimeChoice = "auto") -> Path:
    """The page orientation network in a folder: 224 x 224 pixels in, 0, 90, 180 and 270 degrees out.

    Raises ``ModelsMissing``, and ``RuntimeMissing``.
    """
    role = "page orientation"
    file = ModelFolder(folder, role).file
    described = _described(file, role, runtime)
    if described.classes not in {None, DIRECTIONS} or described.height not in {None, SIDE}:
        raise ModelsMissing(
            f"the {role} folder holds another kind of network: page orientation has {DIRECTIONS} classes; "
            "a classifier of text lines is not needed"
        )
    return file


def _name(version: str) -> str:
    return f"{version.lower()}-given"


def _detection(path: Path, runtime: RuntimeChoice) -> DetectionModel:
    role = "detection"
    folder = ModelFolder(path, role)
    if _described(folder.file, role, runtime).height is not None:
        raise ModelsMissing(
            f"the {role} folder holds another kind of network, or one exported for pages of one size: "
            "export it with free height and width"
        )
    return DetectionModel(folder.file, folder.normalisation())


def _recognition(path: Path, runtime: RuntimeChoice) -> RecognitionModel:
    role = "recognition"
    folder = ModelFolder(path, role)
    described = _described(folder.file, role, runtime)
    lengths: list[str] = []
    for characters in chain([list(described.characters)], folder.lists()):
        if characters and _fits(len(characters), described.classes):
            return RecognitionModel(folder.file, characters, described.height or HEIGHT)
        lengths.append(str(len(characters)))
    found = [each for each in lengths if each != "0"]
    if found:
        raise ModelsMissing(
            f"the {role} network has {described.classes} classes, but its characters are {' or '.join(found)}"
        )
    raise ModelsMissing(
        f"the {role} folder lists no characters: put the network's inference.yml or its dict.txt beside it"
    )


def _fits(characters: int, classes: int | None) -> bool:
    """CTC's blank is a class too, and so may be a space that is not in the list."""
    return classes is None or classes - characters in {1, 2}


def _described(file: Path, role: str, runtime: RuntimeChoice) -> Description:
    opened = open_runtime(runtime)
    try:
        return opened.describe(file)
    except Unreadable:
        raise ModelsMissing(
            f"{file.name} in the {role} folder is not whole, or not what {opened.name} reads"
        ) from None
