"""Models in folders that the user gives, in every layout in which they come."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from offing.ocr.engine import models
from offing.ocr.engine.detection import Normalisation
from offing.ocr.engine.given_models import load_given, load_given_orientation
from offing.ocr.engine.model_folder import IMAGENET
from offing.ocr.engine.models import ModelSet, ModelsMissing
from offing.ocr.engine.runtime import RuntimeName
from tests.ocr.engine.drawn import page, reader

V5, V6 = models.packaged("pp-ocrv5-mobile"), models.packaged("pp-ocrv6-tiny")
ORIENTATION = models.packaged_file(models.ORIENTATION)
NORMALISED = """
PreProcess:
  transform_ops:
  - DecodeImage: {img_mode: BGR}
  - DetLabelEncode: null
  - NormalizeImage: {mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6], scale: 1./255.}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "export"
    made.mkdir()
    return made


def put(folder: Path, file: Path, name: str = "inference.onnx") -> Path:
    shutil.copy(file, folder / name)
    return folder


def listed(characters: list[str]) -> str:
    """As an export lists them: some quoted, most plain, among them what means something to YAML."""
    quoted = (
        "'" + each.replace("'", "''") + "'" if each in "!\"#%&'*,-:>?@[]`{|} " else each
        for each in characters
    )
    return "PostProcess:\n  name: CTCLabelDecode\n  character_dict:\n" + "".join(
        f"  - {each}\n" for each in quoted
    )


def given(detection: Path | None, recognition: Path | None, version: str = "PP-OCRv5") -> ModelSet:
    found = load_given(detection, recognition, version)
    assert found is not None
    return found


def test_nothing_given_is_nothing_to_load() -> None:
    assert load_given(None, None) is None


def test_another_version_that_a_package_carries_is_that_package() -> None:
    assert load_given(None, None, "PP-OCRv5") == V5


@pytest.mark.parametrize("name", ["inference.onnx", "ch_PP-OCRv5_rec.onnx"])
def test_an_onnx_file_that_lists_its_characters_needs_nothing_beside_it(folder: Path, name: str) -> None:
    found = given(None, put(folder, V5.recognition.file, name))
    assert found.recognition.file == folder / name
    assert found.recognition.characters == V5.recognition.characters
    assert found.recognition.height == 48
    assert found.detection == V5.detection
    assert found.name == "pp-ocrv5-given"


@pytest.mark.parametrize("name", ["ppocrv6_tiny_dict.txt", "ppocr_keys_v1.txt", "dict.txt"])
def test_characters_may_lie_in_a_list_beside_the_network(folder: Path, name: str) -> None:
    put(folder, V6.recognition.file)
    (folder / name).write_text("\n".join(V6.recognition.characters) + "\n", "utf-8")
    assert given(None, folder, "PP-OCRv6").recognition.characters == V6.recognition.characters


def test_characters_may_stand_in_the_export_s_configuration(folder: Path) -> None:
    put(folder, V6.recognition.file)
    (folder / "inference.yml").write_text(listed(V6.recognition.characters), "utf-8")
    assert {"~", "=", "1", "y"} <= set(V6.recognition.characters)
    assert given(None, folder, "PP-OCRv6").recognition.characters == V6.recognition.characters


def test_the_list_that_fits_the_network_is_taken(folder: Path) -> None:
    put(folder, V6.recognition.file)
    (folder / "a_dict.txt").write_text("a\nb\nc\n")
    (folder / "b_dict.txt").write_text("\n".join(V6.recognition.characters), "utf-8")
    assert given(None, folder, "PP-OCRv6").recognition.characters == V6.recognition.characters


def test_detection_is_normalised_as_its_export_says_or_as_it_is_trained(folder: Path) -> None:
    put(folder, V5.detection.file)
    found = given(folder, None)
    assert found.detection.normalisation == IMAGENET
    assert found.recognition == V5.recognition
    assert found.name == V5.name
    (folder / "inference.yml").write_text(NORMALISED)
    assert given(folder, None).detection.normalisation == Normalisation((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))


def test_given_models_read(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    found = given(put(folder, V5.detection.file), put(other, V5.recognition.file), "PP-OCRv4")
    opened = reader(given=found)
    lines = list(opened.read(page("Harbour 42")).lines)
    opened.close()
    assert [(line.text, line.engine) for line in lines] == [("Harbour 42", "pp-ocrv4-given")]


def test_openvino_s_own_files_are_read(folder: Path) -> None:
    openvino = pytest.importorskip("openvino")
    openvino.save_model(openvino.Core().read_model(V5.recognition.file), folder / "rec.xml")
    found = given(None, folder)
    assert found.recognition.file == folder / "rec.xml"
    assert found.recognition.characters == V5.recognition.characters
    pytest.importorskip("onnxruntime")
    with pytest.raises(ModelsMissing, match=r"rec\.xml in the recognition folder is not .* onnxruntime"):
        load_given(None, folder, "PP-OCRv5", "onnxruntime")


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
def test_either_runtime_describes_what_is_given(folder: Path, runtime: RuntimeName) -> None:
    pytest.importorskip(runtime)
    found = load_given(None, put(folder, V5.recognition.file), "PP-OCRv5", runtime)
    assert found is not None
    assert found.recognition.characters == V5.recognition.characters


def test_paddle_s_newer_form_is_refused_with_the_remedy(folder: Path) -> None:
    (folder / "inference.json").write_text('{"base_code": {"magic": "pir"}}')
    (folder / "inference.pdiparams").write_bytes(b"weights")
    with pytest.raises(ModelsMissing, match="convert it with paddle2onnx"):
        given(folder, None)


def test_once_converted_it_is_read(folder: Path) -> None:
    (folder / "inference.json").write_text('{"base_code": {"magic": "pir"}}')
    assert given(put(folder, V5.detection.file), None).detection.file == folder / "inference.onnx"


@pytest.mark.parametrize("ending", [".onnx", ".xml", ".pdmodel"])
def test_a_file_that_is_not_whole_is_refused(folder: Path, ending: str) -> None:
    (folder / f"inference{ending}").write_bytes(V5.detection.file.read_bytes()[:1000])
    with pytest.raises(ModelsMissing, match=f"inference{ending} in the detection folder is not whole"):
        given(folder, None)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "the recognition folder holds no .onnx, .xml or .pdmodel file"),
        ({"a.onnx": b"", "b.onnx": b""}, "the recognition folder holds several .onnx files"),
        ({"inference.onnx": b""}, "inference.onnx in the recognition folder is not whole"),
    ],
)
def test_a_folder_without_one_network_is_refused_without_its_path(
    folder: Path, files: dict[str, bytes], told: str
) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    with pytest.raises(ModelsMissing, match=told) as raised:
        given(None, folder)
    assert str(folder) not in str(raised.value)


def test_a_folder_that_is_not_there_holds_no_network(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing, match="holds no"):
        given(tmp_path / "none", None)


def test_among_several_files_the_one_named_as_exports_are_is_taken(folder: Path) -> None:
    put(folder, V5.detection.file)
    put(folder, V5.detection.file, "older.onnx")
    assert given(folder, None).detection.file == folder / "inference.onnx"


def test_folders_given_the_wrong_way_round_are_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    put(folder, V5.recognition.file)
    put(other, V5.detection.file)
    with pytest.raises(ModelsMissing, match="the detection folder holds another kind of network"):
        given(folder, None)
    with pytest.raises(ModelsMissing, match="the recognition folder lists no characters"):
        given(None, other)


def test_a_network_with_another_s_characters_is_refused(folder: Path) -> None:
    put(folder, V6.recognition.file)
    (folder / "dict.txt").write_text("a\nb\n")
    classes = len(V6.recognition.characters) + 2
    with pytest.raises(ModelsMissing, match=f"has {classes} classes, but its characters are 2"):
        given(None, folder)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("dict.txt", "字".encode("gbk"), r"dict\.txt in the recognition folder is not UTF-8 text"),
        ("inference.yml", b"a: [", r"inference\.yml in the recognition folder cannot be read"),
        ("inference.yml", b"- a list", "lists no characters"),
    ],
)
def test_a_broken_list_is_told_by_its_name(folder: Path, name: str, content: bytes, told: str) -> None:
    put(folder, V6.recognition.file)
    (folder / name).write_bytes(content)
    with pytest.raises(ModelsMissing, match=told):
        given(None, folder)


def test_a_broken_normalisation_is_told(folder: Path) -> None:
    put(folder, V5.detection.file)
    (folder / "inference.yml").write_text(NORMALISED.replace("0.2, 0.3", "0.2"))
    with pytest.raises(ModelsMissing, match=r"inference\.yml in the detection folder has no mean of three"):
        given(folder, None)


def test_a_version_that_no_package_carries_needs_both_folders(folder: Path) -> None:
    put(folder, V5.recognition.file)
    for recognition in (None, folder):
        with pytest.raises(ModelsMissing, match="no package carries PP-OCRv4: give both"):
            load_given(None, recognition, "PP-OCRv4")


def test_an_unknown_version_is_told_beside_the_known_ones() -> None:
    with pytest.raises(ModelsMissing, match="none of PP-OCRv6, PP-OCRv5, PP-OCRv4"):
        load_given(None, None, "PP-OCRv9")


def test_a_given_page_orientation_network_is_taken(folder: Path) -> None:
    assert load_given_orientation(put(folder, ORIENTATION)) == folder / "inference.onnx"


def test_another_kind_of_network_is_no_page_orientation(folder: Path) -> None:
    put(folder, V5.recognition.file)
    with pytest.raises(ModelsMissing, match="page orientation has 4 classes"):
        load_given_orientation(folder)
