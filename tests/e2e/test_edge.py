"""The Worker, its Durable Objects and their containers together, as ``wrangler dev`` runs them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.conftest import Measured
from tests.e2e.edge import SLEEP_AFTER, Edge
from tests.e2e.services import SERVICES, Service
from tests.e2e.traffic import ask, crowd, is_right, pass_the_contract

CLIENTS = 8


def wake(edge: Edge, service: Service) -> None:
    """Have the service answer something small."""
    question = service.small()
    assert is_right(ask(edge.url, question), question)


def test_the_contract_holds_through_the_worker(edge: Edge, service: Service) -> None:
    pass_the_contract(service, edge.url, "--through-edge")


def test_health_and_the_listing_wake_nothing(edge: Edge) -> None:
    for service in SERVICES:
        edge.wait_until_asleep(service)
    for service in SERVICES * 2:
        assert edge.state(service) == "asleep"
        assert service.name in httpx.get(edge.url).raise_for_status().json()["services"]
        assert httpx.get(f"{edge.url}/nothing").status_code == 404
        assert edge.containers(service) == []


def test_the_container_sleeps_after_its_time_and_wakes_on_the_next_request(
    edge: Edge, service: Service, measured: Measured
) -> None:
    edge.wait_until_asleep(service)
    begun = time.monotonic()
    wake(edge, service)
    measured(
        f"{service}: first answer through the Worker, asleep before", f"{time.monotonic() - begun:.2f} s"
    )
    assert edge.state(service) == "awake"

    (container,) = edge.containers(service)
    begun = time.monotonic()
    with container.expected_to_end(code=0, within=SLEEP_AFTER + 10):
        pass
    slept_after = time.monotonic() - begun
    measured(f"{service}: last answer to sleep", f"{slept_after:.1f} s of {SLEEP_AFTER} s")
    assert slept_after > SLEEP_AFTER - 1
    edge.wait_until_asleep(service)

    wake(edge, service)
    (woken,) = edge.containers(service)
    assert woken != container


def test_a_request_wakes_the_container_of_its_service_alone(edge: Edge, service: Service) -> None:
    for each in SERVICES:
        edge.wait_until_asleep(each)
    wake(edge, service)
    assert [each.name for each in SERVICES if edge.containers(each)] == [service.name]


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_a_signal_in_the_middle_of_requests_loses_none(
    edge: Edge, service: Service, measured: Measured, signal: str
) -> None:
    wake(edge, service)
    with crowd(edge.url, service, CLIENTS) as answers:
        for _ in range(3):
            # A request is sent anew once: each must have met one signal at most.
            answers.wait_for(3 * CLIENTS)
            (container,) = edge.containers(service)
            container.signal(signal)
        answers.wait_for(3 * CLIENTS)
    longest = max(answers.seconds)
    measured(
        f"{service}: SIG{signal} three times under {CLIENTS} clients",
        f"{len(answers.seconds)} answers, longest {longest:.2f} s",
    )
    assert answers.failures == []


def test_sigterm_while_large_uploads_are_worked_on_loses_none(edge: Edge, service: Service) -> None:
    wake(edge, service)
    (container,) = edge.containers(service)
    questions = [service.large(seed) for seed in range(6)]
    with ThreadPoolExecutor(len(questions)) as pool, container.expected_to_end(code=0, within=30):
        asked = [pool.submit(ask, edge.url, question) for question in questions]
        time.sleep(0.2)
        container.signal("TERM")
        answers = [each.result() for each in asked]
    assert all(map(is_right, answers, questions))


def test_clients_that_hang_up_do_not_keep_the_container_awake(edge: Edge, service: Service) -> None:
    wake(edge, service)
    for seed in range(100, 105):  # what no cache knows
        with pytest.raises(httpx.ReadTimeout):
            ask(edge.url, service.large(seed), httpx.Timeout(60, read=0.001))
    edge.wait_until_asleep(service)


def test_a_request_id_reaches_the_client_through_every_layer(edge: Edge, service: Service) -> None:
    response = httpx.get(
        f"{edge.url}/{service}/livez", headers={"X-Request-ID": "from-the-client.1"}, timeout=30
    )
    assert response.headers["X-Request-ID"] == "from-the-client.1"
