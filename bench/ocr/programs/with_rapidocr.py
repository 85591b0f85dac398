"""Read images with RapidOCR on OpenVINO and the models that its package carries."""

from __future__ import annotations

from reading import Read, run  # type: ignore[import-not-found]

THREADS = 2


def reader() -> Read:
    """Build it."""
    from rapidocr import EngineType, RapidOCR  # type: ignore[import-not-found]

    openvino = {f"{step}.engine_type": EngineType.OPENVINO for step in ("Det", "Cls", "Rec")}
    threads = {"EngineConfig.openvino.inference_num_threads": THREADS}
    engine = RapidOCR(params=openvino | threads | {"Global.log_level": "error"})
    return lambda file, _: engine(file).txts or ()


run(reader)
