"""The container as the platform runs it: a fraction of a machine, and nothing to write to."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.e2e.conftest import Measured
from tests.e2e.engine import Container, Image, inspected, running_container
from tests.e2e.pace import slowness
from tests.e2e.services import MB, Service
from tests.e2e.traffic import ask, is_right, pass_the_contract

AT_ONCE = 6
STARTS = 3


def once_it_does(container: Container, succeeds: Callable[[], bool], every: float = 0.02) -> float:
    """Seconds from the start of the container's process until something first succeeds."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if succeeds():
                return time.time() - container.started_at
        except httpx.TransportError:
            pass
        time.sleep(every)
    raise AssertionError("it did not")


def first_answer(container: Container, service: Service) -> float:
    """Seconds from the start of the container's process to its first right answer."""
    question = service.small()
    return once_it_does(container, lambda: is_right(ask(container.url, question), question))


def ready(container: Container) -> float:
    """Seconds from the start of the container's process until it says that it is ready.

    Asked ten times a second: a container with a quarter of a processor spends it on the answers else.
    """
    url = f"{container.url}/readyz"
    return once_it_does(container, lambda: httpx.get(url, trust_env=False).status_code == 200, every=0.1)


def told(seconds: list[float]) -> str:
    return " ".join(f"{each:.2f} s" for each in seconds)


def test_the_image_is_small_beyond_its_base(image: Image, service: Service, measured: Measured) -> None:
    measured(f"{service}: image beyond its base", f"{image.bytes_beyond_base / MB:.0f} MB")
    assert image.bytes_beyond_base < service.image_limit


def held_to_its_limit(
    image: Image, until: Callable[[Container], float], what: str, measured: Measured
) -> None:
    """Insist that starts take no longer than the service's limit, on a machine as slow as this one is now."""
    service, seconds, slow = image.service, [], []
    for _ in range(STARTS):
        slow.append(slowness())
        with running_container(image) as container:
            seconds.append(until(container))
    here = statistics.median(slow)
    measured(
        f"{service}: start to {what} at {service.size.processors} CPU",
        f"{told(seconds)}, on a machine {here:.1f} times as slow as that of the figures",
    )
    assert statistics.median(seconds) <= service.first_answer_limit * here


def test_the_first_answer_comes_soon(image: Image, service: Service, measured: Measured) -> None:
    held_to_its_limit(image, lambda container: first_answer(container, service), "first answer", measured)


def test_it_is_ready_soon(image: Image, measured: Measured) -> None:
    held_to_its_limit(image, ready, "ready", measured)


def test_it_runs_as_a_numbered_user_that_is_not_root(container: Container) -> None:
    user, _, group = inspected(container.id)["Config"]["User"].partition(":")
    assert int(user) > 0
    assert int(group) > 0
    status = container.execute("cat", "/proc/1/status").splitlines()
    assert next(line.split()[1:] for line in status if line.startswith("Uid:")) == [user] * 4


def test_its_command_is_its_first_process_and_no_shell(container: Container, service: Service) -> None:
    first_answer(container, service)
    arguments = container.execute("cat", "/proc/1/cmdline").split("\0")
    assert "serve" in arguments
    assert "/bin/sh" not in arguments


def test_it_passes_the_contract_within_its_memory(
    container: Container, service: Service, measured: Measured
) -> None:
    first_answer(container, service)
    pass_the_contract(service, container.url, "--standalone")
    questions = [service.large(seed) for seed in range(AT_ONCE)]
    with ThreadPoolExecutor(len(questions)) as pool:
        answers = list(pool.map(lambda question: ask(container.url, question), questions))
    assert all(map(is_right, answers, questions))
    measured(
        f"{service}: peak memory, all processes, file cache included", f"{container.peak_memory / MB:.0f} MB"
    )
    assert container.peak_memory <= service.memory_limit
    state = inspected(container.id)["State"]
    assert state["Running"]
    assert not state["OOMKilled"]


def test_sigterm_lets_every_request_finish_and_refuses_new_ones(
    container: Container, service: Service
) -> None:
    first_answer(container, service)
    questions = [service.large(seed) for seed in range(AT_ONCE)]
    with ThreadPoolExecutor(len(questions)) as pool:
        before = [pool.submit(ask, container.url, question) for question in questions]
        time.sleep(1)
        assert not all(each.done() for each in before), "too fast to be interrupted"
        container.signal("TERM")
        after = [ask(container.url, service.small()) for _ in range(5)]
        finished = [each.result() for each in before]
    assert all(map(is_right, finished, questions))
    for response in after:
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert response.headers["X-Offing-State"] == "draining"
    assert container.wait() == 0


def test_an_idle_container_ends_at_once_on_sigterm(
    container: Container, service: Service, measured: Measured
) -> None:
    first_answer(container, service)
    begun = time.monotonic()
    with container.expected_to_end(code=0, within=5):
        container.signal("TERM")
    measured(f"{service}: SIGTERM to exit of an idle container", f"{time.monotonic() - begun:.2f} s")
