"""Clients that ask and keep count of what they get."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.e2e.engine import ROOT
from tests.e2e.services import Question, Service

PATIENCE = httpx.Timeout(60)
SUITE_SECONDS = 540
SOME_SECONDS = 60


def ask(url: str, question: Question, timeout: httpx.Timeout = PATIENCE) -> httpx.Response:
    """Ask over a connection of its own."""
    return httpx.request(
        question.method, url + question.path, content=question.body, headers=headers_of(question),
        timeout=timeout, trust_env=False,
    )  # fmt: skip


def headers_of(question: Question) -> dict[str, str]:
    """Without a body there is no type to tell."""
    return {"Content-Type": question.content_type} if question.body else {}


def is_right(response: httpx.Response, question: Question) -> bool:
    """Whether an answer is one, and the right one."""
    return response.status_code == 200 and question.is_right(question.read(response))


@dataclass
class Answers:
    """What a crowd of clients got."""

    seconds: list[float] = field(default_factory=list)
    """How long each good answer took."""
    failures: list[str] = field(default_factory=list)

    def wait_for(self, more: int) -> None:
        """Return when so many more good answers have come, or one that is none."""
        enough, deadline = len(self.seconds) + more, time.monotonic() + SOME_SECONDS
        while len(self.seconds) < enough and not self.failures:
            assert time.monotonic() < deadline, f"{len(self.seconds)} answers, {enough} were awaited"
            time.sleep(0.05)


@contextmanager
def crowd(url: str, service: Service, clients: int) -> Iterator[Answers]:
    """Clients that each ask one small thing after another while the block runs."""
    answers, over = Answers(), threading.Event()

    def send() -> None:
        with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
            while not over.is_set():
                _send_one(client, service.small(), answers)

    with ThreadPoolExecutor(clients) as pool:
        sending = [pool.submit(send) for _ in range(clients)]
        try:
            yield answers
        finally:
            over.set()
    for each in sending:
        each.result()


def _send_one(client: httpx.Client, question: Question, answers: Answers) -> None:
    begun = time.monotonic()
    try:
        response = client.request(
            question.method, question.path, content=question.body, headers=headers_of(question)
        )
    except httpx.HTTPError as error:
        answers.failures.append(repr(error))
        return
    if is_right(response, question):
        answers.seconds.append(time.monotonic() - begun)
    else:
        answers.failures.append(f"{response.status_code} {response.text}")


def pass_the_contract(service: Service, url: str, *options: str) -> None:
    """Insist that a service's contract suite passes against a server."""
    command = [sys.executable, "-m", "pytest", "-q", *service.suite, "--base-url", url, *options]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SUITE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:]
    assert " passed" in done.stdout
