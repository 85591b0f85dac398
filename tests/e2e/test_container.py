"""The container as the platform runs it: a quarter of a processor, 1 GiB, and nothing to write to."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.contract.asking import unique_image
from tests.e2e.conftest import Measured
from tests.e2e.engine import Container, Image, inspected, running_container
from tests.e2e.traffic import ask, pass_the_contract, photo

MB = 1_000_000


def first_answer(container: Container) -> float:
    """Seconds from the start of the container's process to its first good answer."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if ask(container.url, unique_image()).status_code == 200:
                return time.time() - container.started_at
        except httpx.TransportError:
            time.sleep(0.02)
    raise AssertionError("no answer")


def test_the_image_is_under_250_mb_beyond_its_base(image: Image, measured: Measured) -> None:
    measured("image beyond its base", f"{image.bytes_beyond_base / MB:.0f} MB")
    assert image.bytes_beyond_base < 250 * MB


def test_the_first_answer_comes_within_two_and_a_half_seconds(image: Image, measured: Measured) -> None:
    seconds = []
    for _ in range(3):
        with running_container(image) as container:
            seconds.append(first_answer(container))
    measured("start to first answer at 0.25 CPU", " ".join(f"{each:.2f} s" for each in seconds))
    assert statistics.median(seconds) <= 2.5


def test_it_runs_as_a_numbered_user_that_is_not_root(container: Container) -> None:
    user, _, group = inspected(container.id)["Config"]["User"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    status = container.execute("cat", "/proc/1/status").splitlines()
    assert next(line.split()[1:] for line in status if line.startswith("Uid:")) == [user] * 4


def test_its_command_is_its_first_process_and_no_shell(container: Container) -> None:
    first_answer(container)
    arguments = container.execute("cat", "/proc/1/cmdline").split("\0")
    assert "serve" in arguments
    assert "/bin/sh" not in arguments


def test_it_passes_the_contract_within_its_memory(container: Container, measured: Measured) -> None:
    first_answer(container)
    pass_the_contract(container.url, "--standalone")
    images = [photo(seed) for seed in range(6)]
    with ThreadPoolExecutor(len(images)) as pool:
        answers = list(pool.map(lambda data: ask(container.url, data, "image/jpeg"), images))
    assert [each.status_code for each in answers] == [200] * len(images)
    measured("peak memory, all processes, file cache included", f"{container.peak_memory / MB:.0f} MB")
    assert container.peak_memory <= 450 * MB
    state = inspected(container.id)["State"]
    assert state["Running"]
    assert not state["OOMKilled"]


def test_sigterm_lets_every_request_finish_and_refuses_new_ones(container: Container) -> None:
    first_answer(container)
    images = [photo(seed) for seed in range(6)]
    with ThreadPoolExecutor(len(images)) as pool:
        before = [pool.submit(ask, container.url, data, "image/jpeg") for data in images]
        time.sleep(1)
        assert not all(each.done() for each in before), "too fast to be interrupted"
        container.signal("TERM")
        after = [ask(container.url, unique_image()) for _ in range(5)]
        finished = [each.result() for each in before]
    assert [each.status_code for each in finished] == [200] * len(images)
    assert [each.json()["width"] for each in finished] == [4000] * len(images)
    for response in after:
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert response.headers["X-Offing-State"] == "draining"
    assert container.wait() == 0


def test_an_idle_container_ends_at_once_on_sigterm(container: Container, measured: Measured) -> None:
    first_answer(container)
    begun = time.monotonic()
    with container.expected_to_end(code=0, within=5):
        container.signal("TERM")
    measured("SIGTERM to exit of an idle container", f"{time.monotonic() - begun:.2f} s")
