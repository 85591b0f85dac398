"""Clients that send images and keep count of what they get."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import numpy as np
from PIL import Image

from tests.contract.asking import ANALYSIS, form, unique_image
from tests.e2e.engine import ROOT
from tests.hostile import forms

PATIENCE = httpx.Timeout(60)
SUITE_SECONDS = 540


def photo(seed: int, width: int = 4000, height: int = 3000) -> bytes:
    """A large JPEG that no other seed gives; on a quarter of a processor it takes about a second."""
    values = np.random.default_rng(seed).integers(0, 256, (height // 20, width // 20, 3), np.uint8)
    packed = io.BytesIO()
    Image.fromarray(values).resize((width, height)).save(packed, "JPEG", quality=85)
    return packed.getvalue()


def ask(
    url: str, data: bytes, content_type: str = "image/png", timeout: httpx.Timeout = PATIENCE
) -> httpx.Response:
    """Send an image over a connection of its own."""
    body, headers = form(data, content_type), {"Content-Type": forms.KIND}
    return httpx.post(url + ANALYSIS, content=body, headers=headers, timeout=timeout, trust_env=False)


@dataclass
class Answers:
    """What a crowd of clients got."""

    seconds: list[float] = field(default_factory=list)
    """How long each good answer took."""
    failures: list[str] = field(default_factory=list)


@contextmanager
def crowd(url: str, clients: int) -> Iterator[Answers]:
    """Clients that each send one new image after another while the block runs."""
    answers, over = Answers(), threading.Event()

    def send() -> None:
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
            while not over.is_set():
                _send_one(client, answers)

    with ThreadPoolExecutor(clients) as pool:
        sending = [pool.submit(send) for _ in range(clients)]
        try:
            yield answers
        finally:
            over.set()
    for each in sending:
        each.result()


def _send_one(client: httpx.Client, answers: Answers) -> None:
    begun, data = time.monotonic(), unique_image(32, 24)
    try:
        response = client.post(ANALYSIS, content=form(data), headers={"Content-Type": forms.KIND})
    except httpx.HTTPError as error:
        answers.failures.append(repr(error))
        return
    if response.status_code == 200 and (response.json()["width"], response.json()["height"]) == (32, 24):
        answers.seconds.append(time.monotonic() - begun)
    else:
        answers.failures.append(f"{response.status_code} {response.text}")


def pass_the_contract(url: str, *options: str) -> None:
    """Insist that the contract suite passes against a server."""
    command = [sys.executable, "-m", "pytest", "-q", "tests/contract", "--base-url", url, *options]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SUITE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:]
    assert " passed" in done.stdout
