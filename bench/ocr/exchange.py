"""A request for an image, and what its answer says; the anchor's server and ours speak alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.insights.wire import BOUNDARY, Answer, Upload, request

PATH = "/ocr"
FAST = "/ocr?quality=fast"
BALANCED = "/ocr?quality=balanced"
OUTSIDE = frozenset({"decode", "render", "queue", "wait", "write", "encode", "total"})
"""Steps of an answer's ``timings`` that are not the engine's."""


@dataclass(frozen=True)
class Seen:
    """What one answer said of its image."""

    lines: tuple[str, ...]
    """In the answer's order."""
    engine: float | None
    """Milliseconds that the server says its engine took."""


def upload(image: bytes, path: str = PATH) -> Upload:
    """Prepare a form with this image as ``file``."""
    kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="page.{kind}"\r\n'
        f"Content-Type: image/{kind}\r\n\r\n"
    )
    end = f"\r\n--{BOUNDARY}--\r\n"
    form = head.encode() + image
    return request(path, f"multipart/form-data; boundary={BOUNDARY}", form, end.encode())


def seen(answer: Answer) -> Seen:
    """What an answer says. Raises :class:`ValueError` for one that tells a failure."""
    body: dict[str, Any] = json.loads(answer.body) if answer.status == 200 else {}  # noqa: PLR2004
    if not body.get("success"):
        raise ValueError(f"status {answer.status}, {answer.body[:200]!r}")
    lines = tuple(each["text"] for each in body["results"])
    return Seen(lines, engine_milliseconds(body.get("timings") or {}))


def engine_milliseconds(timings: Mapping[str, Any]) -> float | None:
    """The engine's own time: where it is not told as one figure, the sum of its steps."""
    steps = {name.removesuffix("_ms"): value for name, value in timings.items()}
    if "engine" in steps:
        return float(steps["engine"])
    inside = [float(value) for name, value in steps.items() if name not in OUTSIDE]
    return sum(inside) if inside else None
