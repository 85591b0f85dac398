"""The runtimes: their answers do not depend on threads, streams or neighbours, and they read the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from offing.ocr.engine import models
from offing.ocr.engine.precision import Precision
from offing.ocr.engine.recognition import Recognizer
from offing.ocr.engine.runtime import (
    Runtime,
    RuntimeMissing,
    RuntimeName,
    Tensor,
    Unreadable,
    available,
    open_runtime,
)
from tests.ocr.engine.drawn import line, page, reader, texts

NAME = "pp-ocrv6-tiny"
TEXTS = ["Harbour lights", "Pilot 0042 at noon", "Keel, rope and mast"]
PAGES = [page(text, text.upper()) for text in TEXTS]
RUNTIMES: Sequence[RuntimeName] = ("openvino", "onnxruntime")
LAYOUTS = [(1, 1), (2, 1), (2, 2), (4, 2)]
"""Threads and streams."""


def tensors(height: int, widths: Sequence[int], batch: int = 1) -> list[Tensor]:
    chance = np.random.default_rng(7)
    return [chance.uniform(-1, 1, (batch, 3, height, width)).astype(np.float32) for width in widths]


@pytest.fixture(params=RUNTIMES)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    pytest.importorskip(request.param)
    return open_runtime(request.param)


def files() -> dict[str, tuple[Path, list[Tensor]]]:
    chosen = models.packaged(NAME)
    return {
        "recognition": (
            chosen.recognition.file,
            [*tensors(48, (64, 320, 640)), *tensors(48, (96,), batch=4)],
        ),
        "detection": (chosen.detection.file, tensors(224, (320, 96))),
        "orientation": (models.packaged_file(models.ORIENTATION), tensors(224, (224,))),
    }


@pytest.mark.parametrize("precision", ["bf16", "int8", "f32"])
def test_a_call_of_all_threads_is_answered_as_one_of_a_single_thread(precision: Precision) -> None:
    pytest.importorskip("openvino")
    chosen, opened = models.packaged("pp-ocrv6-small").recognition, open_runtime("openvino", precision)
    alone, shared = (
        opened.load(chosen.file, threads=2, streams=streams, ranges=chosen.ranges) for streams in (1, 2)
    )
    for tensor in [*tensors(48, (64, 320, 960)), *tensors(48, (96,), batch=4)]:
        assert np.array_equal(alone.infer(tensor), shared.infer(tensor))


@pytest.mark.parametrize("kind", files())
def test_answers_are_equal_bit_for_bit_whatever_the_threads_and_streams(runtime: Runtime, kind: str) -> None:
    file, inputs = files()[kind]
    networks = [runtime.load(file, threads=threads, streams=streams) for threads, streams in LAYOUTS]
    for tensor in inputs:
        first, *others = [network.infer(tensor).copy() for network in networks]
        assert first.shape[0] == tensor.shape[0]
        assert all(np.array_equal(first, other) for other in others)


def test_answers_are_equal_bit_for_bit_whatever_runs_beside_them(runtime: Runtime) -> None:
    file, inputs = files()["recognition"]
    network = runtime.load(file, threads=2, streams=2)
    alone = [network.infer(tensor).copy() for tensor in inputs]

    def infer(number: int) -> bool:
        return np.array_equal(network.infer(inputs[number % len(inputs)]), alone[number % len(inputs)])

    with ThreadPoolExecutor(6) as threads:
        assert all(threads.map(infer, range(60)))


def test_what_goes_in_is_only_read(runtime: Runtime) -> None:
    file, (tensor, *_) = files()["recognition"]
    before = tensor.copy()
    tensor.setflags(write=False)
    runtime.load(file, threads=1).infer(tensor)
    assert np.array_equal(tensor, before)


def test_a_file_says_how_high_its_images_are_and_how_many_classes_there_are(runtime: Runtime) -> None:
    chosen = models.packaged("pp-ocrv5-mobile")
    described = runtime.describe(chosen.recognition.file)
    assert described.height == 48
    assert described.classes == len(chosen.recognition.characters) + 2
    assert list(described.characters) == chosen.recognition.characters
    seen = runtime.describe(chosen.detection.file)
    assert (seen.height, seen.classes, seen.characters) == (None, None, ())


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08" * 500])
def test_a_file_that_is_no_network_is_unreadable(runtime: Runtime, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "inference.onnx"
    file.write_bytes(content)
    with pytest.raises(Unreadable):
        runtime.describe(file)


def test_scores_before_a_softmax_give_the_probabilities_after_it() -> None:
    pytest.importorskip("onnxruntime")
    openvino = pytest.importorskip("offing.ocr.engine.openvino_runtime").open_runtime("f32")
    file, inputs = files()["recognition"]
    scores, shares = (each.load(file, threads=1) for each in (openvino, open_runtime("onnxruntime")))
    assert (scores.raw_scores, shares.raw_scores) == (True, False)
    for tensor in inputs:
        exponents = np.exp(scores.infer(tensor).astype(np.float64))
        assert exponents / exponents.sum(axis=2, keepdims=True) == pytest.approx(
            shares.infer(tensor), abs=1e-4
        )


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_fewer_bits_change_no_clear_text_and_little_of_its_confidence(precision: Precision) -> None:
    pytest.importorskip("openvino")
    chosen = models.packaged("pp-ocrv6-small").recognition
    crops = [line(text) for text in TEXTS]
    short, full = (
        [Recognizer(network, chosen, NAME).read([crop])[0] for crop in crops]
        for network in (
            open_runtime("openvino", each).load(chosen.file, threads=1, ranges=chosen.ranges)
            for each in (precision, "f32")
        )
    )
    assert [each.spans for each in short] != [each.spans for each in full]
    assert [each.text for each in short] == [each.text for each in full] == TEXTS
    assert [each.confidence for each in short] == pytest.approx([each.confidence for each in full], abs=0.03)


def test_both_runtimes_read_the_same() -> None:
    read: list[list[str]] = []
    for name in RUNTIMES:
        pytest.importorskip(name)
        opened = reader(runtime=name)
        read.append(texts(opened, PAGES))
        opened.close()
    assert read[0] == read[1] == [f"{text}\n{text.upper()}" for text in TEXTS]


def test_openvino_is_preferred_where_it_is_installed() -> None:
    assert available() == tuple(name for name in RUNTIMES if name in available())
    assert open_runtime().name == available()[0]


def test_a_runtime_that_is_not_installed_is_missing() -> None:
    with pytest.raises(RuntimeMissing):
        open_runtime("another")  # type: ignore[arg-type]


def test_nothing_that_phones_home_is_loaded() -> None:
    program = (
        "import sys; from offing.ocr.engine.runtime import open_runtime; open_runtime();"
        "print([name for name in sys.modules if name.split('.')[0] == 'openvino_telemetry'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
