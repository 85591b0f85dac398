"""The Worker, its Durable Object and its container together, as ``wrangler dev`` runs them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contract.asking import unique_image
from tests.e2e.conftest import Measured
from tests.e2e.edge import SLEEP_AFTER, Edge
from tests.e2e.traffic import ask, crowd, pass_the_contract, photo


def test_the_contract_holds_through_the_worker(edge: Edge) -> None:
    pass_the_contract(edge.url, "--through-edge")


def test_health_and_the_listing_wake_nothing(edge: Edge) -> None:
    edge.wait_until_asleep()
    for _ in range(3):
        assert edge.state == "asleep"
        assert "insights" in httpx.get(edge.url).raise_for_status().json()["services"]
        assert httpx.get(f"{edge.url}/nothing").status_code == 404
    assert edge.containers() == []


def test_the_container_sleeps_after_its_time_and_wakes_on_the_next_request(
    edge: Edge, measured: Measured
) -> None:
    edge.wait_until_asleep()
    begun = time.monotonic()
    assert ask(edge.url, unique_image()).status_code == 200
    measured("first answer through the Worker, asleep before", f"{time.monotonic() - begun:.2f} s")
    assert edge.state == "awake"

    (container,) = edge.containers()
    begun = time.monotonic()
    with container.expected_to_end(code=0, within=SLEEP_AFTER + 10):
        pass
    slept_after = time.monotonic() - begun
    measured("last answer to sleep", f"{slept_after:.1f} s of {SLEEP_AFTER} s")
    assert slept_after > SLEEP_AFTER - 1
    edge.wait_until_asleep()

    assert ask(edge.url, unique_image()).status_code == 200
    (woken,) = edge.containers()
    assert woken != container


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_a_signal_in_the_middle_of_requests_loses_none(edge: Edge, measured: Measured, signal: str) -> None:
    assert ask(edge.url, unique_image()).status_code == 200
    with crowd(edge.url, clients=8) as answers:
        for _ in range(3):
            time.sleep(2)
            (container,) = edge.containers()
            container.signal(signal)
            time.sleep(2)
    longest = max(answers.seconds)
    measured(
        f"SIG{signal} three times under 8 clients", f"{len(answers.seconds)} answers, longest {longest:.2f} s"
    )
    assert answers.failures == []
    assert len(answers.seconds) > 100


def test_sigterm_while_large_images_are_worked_on_loses_none(edge: Edge) -> None:
    assert ask(edge.url, unique_image()).status_code == 200
    (container,) = edge.containers()
    images = [photo(seed) for seed in range(6)]
    with ThreadPoolExecutor(len(images)) as pool, container.expected_to_end(code=0, within=30):
        asked = [pool.submit(ask, edge.url, data, "image/jpeg") for data in images]
        time.sleep(0.2)
        container.signal("TERM")
        answers = [each.result() for each in asked]
    assert [each.status_code for each in answers] == [200] * len(images)
    assert [each.json()["width"] for each in answers] == [4000] * len(images)


def test_clients_that_hang_up_do_not_keep_the_container_awake(edge: Edge) -> None:
    assert ask(edge.url, unique_image()).status_code == 200
    for seed in range(100, 105):  # photos that no cache knows
        with pytest.raises(httpx.ReadTimeout):
            ask(edge.url, photo(seed), "image/jpeg", httpx.Timeout(60, read=0.001))
    edge.wait_until_asleep()


def test_a_request_id_reaches_the_client_through_every_layer(edge: Edge) -> None:
    response = httpx.get(
        f"{edge.url}/insights/livez", headers={"X-Request-ID": "from-the-client.1"}, timeout=30
    )
    assert response.headers["X-Request-ID"] == "from-the-client.1"
