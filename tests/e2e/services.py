"""The services as these tests know them: the size they are deployed with, and what they are asked."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import numpy as np
from PIL import Image

from tests.contract.asking import ANALYSIS, form, unique_image
from tests.contract.ocr.asking import LABEL_LINES, OCR, label
from tests.e2e.files import LARGE, MODEL, SMALL, digest
from tests.hostile import forms

MB = 1_000_000
PAGES = 12
"""Of the document that OCR is asked to read."""


@dataclass(frozen=True)
class Size:
    """What a container may use, as the engine's options say it."""

    processors: str
    memory: str


@dataclass(frozen=True)
class Question:
    """A request, and whether what an answer says is right."""

    path: str
    body: bytes
    content_type: str
    is_right: Callable[[Any], bool]
    method: str = "POST"
    read: Callable[[httpx.Response], Any] = httpx.Response.json
    """What an answer says."""


@dataclass(frozen=True)
class Service:
    """A service and what is demanded of its container."""

    name: str
    suite: tuple[str, ...]
    """Where its contract stands, as pytest takes it."""
    size: Size
    image_limit: int
    """Bytes of its image beyond the base."""
    first_answer_limit: float
    """Seconds from the start to the first answer, on the machine of the figures in ``bench/results``."""
    memory_limit: int
    """Bytes that the whole container may ever have held once it has passed its contract."""
    small: Callable[[], Question]
    """Takes some hundredths of a second to answer."""
    large: Callable[[int], Question]
    """Takes about a second, for each seed anew."""
    options: tuple[str, ...] = ()
    """Of its container, beyond its size."""

    def __str__(self) -> str:
        return self.name


def small_image() -> Question:
    """An image that no cache knows."""
    return Question(
        ANALYSIS,
        form(unique_image(32, 24)),
        forms.KIND,
        lambda told: (told["width"], told["height"]) == (32, 24),
    )


def photo(seed: int, width: int = 4000, height: int = 3000) -> Question:
    """A large JPEG that no other seed gives."""
    values = np.random.default_rng(seed).integers(0, 256, (height // 20, width // 20, 3), np.uint8)
    packed = io.BytesIO()
    Image.fromarray(values).resize((width, height)).save(packed, "JPEG", quality=85)
    body = form(packed.getvalue(), "image/jpeg")
    return Question(ANALYSIS, body, forms.KIND, lambda told: told["width"] == width)


def label_question() -> Question:
    """A small picture of six lines."""
    return Question(OCR, label(), "image/png", lambda told: _lines(told) == LABEL_LINES)


@cache
def document(compression: str = "tiff_adobe_deflate", pages: int = PAGES) -> bytes:
    """A TIFF with the same label on every page."""
    page = Image.open(io.BytesIO(label())).convert("RGB")
    packed = io.BytesIO()
    page.save(packed, "TIFF", save_all=True, append_images=[page] * (pages - 1), compression=compression)
    return packed.getvalue()


def document_question(seed: int) -> Question:
    """The document; OCR remembers nothing, so that one serves for every seed."""
    del seed
    return Question(OCR, document(), "image/tiff", lambda told: _lines(told) == LABEL_LINES * PAGES)


def file_question(name: str) -> Question:
    """A whole file of the hub."""
    return Question(
        f"/download/{MODEL}/{name}",
        b"",
        "",
        lambda told: told == digest(name),
        method="GET",
        read=lambda response: hashlib.sha256(response.content).hexdigest(),
    )


def _lines(told: Any) -> list[str]:
    return [each["text"] for each in told["results"]]


INSIGHTS = Service(
    name="insights",
    suite=("tests/contract", "--ignore=tests/contract/ocr"),
    size=Size("0.25", "1g"),
    image_limit=250 * MB,
    first_answer_limit=2.5,
    memory_limit=450 * MB,
    small=small_image,
    large=photo,
)
READING = Service(
    name="ocr",
    suite=("tests/contract/ocr",),
    size=Size("1", "4g"),
    image_limit=900 * MB,
    # Much of it is spent on two threads of one processor.
    first_answer_limit=4.5,
    memory_limit=1600 * MB,
    small=label_question,
    large=document_question,
)
DOWNLOADS = Service(
    name="xet",
    suite=("tests/contract/xet", "--xet-hub"),
    size=Size("0.5", "4g"),
    image_limit=130 * MB,
    first_answer_limit=2.5,
    # Of which the cache's files in memory are most.
    memory_limit=900 * MB,
    small=lambda: file_question(SMALL),
    large=lambda _: file_question(LARGE),
    options=("--volume", "/var/cache/offing"),
)
SERVICES = (INSIGHTS, READING, DOWNLOADS)
