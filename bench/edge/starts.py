"""From a request to a sleeping service to its answer, beside ``docker run`` of the same container."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx

from bench.edge.rows import EdgeRow
from bench.edge.sides import CALLERS, ours
from bench.edge.streaming import STORES_NOTHING
from bench.ocr.rows import Row
from tests.e2e.edge import SLEEP_AFTER, Edge
from tests.e2e.engine import Image, built_image, docker
from tests.e2e.hub import filled_hub
from tests.e2e.services import DOWNLOADS, SERVICES, Service
from tests.e2e.traffic import headers_of, is_right

LOOK_SECONDS = 0.005
LIMIT_SECONDS = 60
WARM = 5
"""So many more requests after each start."""


def measure(folder: Path, rounds: int) -> Iterator[Row]:
    """For each service what the edge adds to a start, and what the whole takes."""
    with filled_hub(folder) as hub:
        environment = dict(hub.environment)
        with ours(folder / "ours", environment | STORES_NOTHING, f"{SLEEP_AFTER}s") as edge:
            for service in SERVICES:
                told = environment if service is DOWNLOADS else {}
                with built_image(service, told) as image:
                    yield from starts(edge, image, rounds)


def starts(edge: Edge, image: Image, rounds: int) -> Iterator[Row]:
    """One service, both sides in turn."""
    service = image.service
    alone: list[float] = []
    woken: list[float] = []
    warm: list[float] = []
    for _ in range(rounds + 1):
        edge.wait_until_asleep(service)
        alone.append(by_docker(image))
        woken.append(by_request(edge, service))
        assert edge.containers(service), "nothing was started for that answer"  # noqa: S101
        warm += [by_request(edge, service) for _ in range(WARM)]
    # The first of each brings the image into memory.
    low, high = median(alone[1:]), median(woken[1:])
    detail = {"docker run": alone, "edge": woken}
    yield EdgeRow(
        f"wake, {service.name}", f"{service.name}: first request to a sleeping service, beyond docker run",
        "s", None, high - low, detail=detail,
    )  # fmt: skip
    yield EdgeRow(
        f"cold, {service.name}", f"{service.name}: cold start to the first answer, beside docker run",
        "s", low, high, detail=detail,
    )  # fmt: skip
    yield EdgeRow(f"warm, {service.name}", f"{service.name}: the same, awake", "s", None, median(warm))


def by_request(edge: Edge, service: Service) -> float:
    """Seconds until a service has answered."""
    with client(edge.url) as asking:
        begun = time.perf_counter()
        right = answered(asking, service)
        seconds = time.perf_counter() - begun
    assert right, edge.log.read_text()[-2000:]  # noqa: S101
    return seconds


def by_docker(image: Image) -> float:
    """Seconds from ``docker run`` to the first right answer of the container that it starts."""
    begun = time.perf_counter()
    with started(image) as url, client(url) as asking:
        while not answered(asking, image.service):
            assert time.perf_counter() - begun < LIMIT_SECONDS, "the container does not answer"  # noqa: S101
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - begun


@contextmanager
def started(image: Image) -> Iterator[str]:
    """A container without limits, as ``wrangler dev`` gives it none, and its address."""
    told = [f"--env={name}={value}" for name, value in image.environment.items()]
    identity = docker("run", "--detach", "--publish", "127.0.0.1::8080", *told, image.id)
    try:
        yield f"http://{docker('port', identity, '8080').splitlines()[0]}"
    finally:
        docker("rm", "--force", "--volumes", identity)


def client(url: str) -> httpx.Client:
    """A client with a key, which the container does not ask for."""
    return httpx.Client(
        base_url=url, headers={"X-API-Key": CALLERS[0]}, timeout=LIMIT_SECONDS, trust_env=False
    )


def answered(asking: httpx.Client, service: Service) -> bool:
    """Whether there was the right answer."""
    question = service.small()
    try:
        response = asking.request(
            question.method, question.path, content=question.body, headers=headers_of(question)
        )
    except httpx.TransportError:  # it does not listen yet
        return False
    return is_right(response, question)
