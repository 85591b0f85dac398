"""Admission: so many work, so many wait, and the next is told when to come back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time

import pytest

from offing.kernel.admission import LONGEST_RETRY_SECONDS, Admission
from offing.kernel.metrics import Metrics
from offing.kernel.problems import Overloaded
from tests.kernel.conftest import Serve
from tests.kernel.probe.processes import alive, eventually
from tests.kernel.probe.running import WORK, Probe, job
from tests.kernel.probe.wire import Wire


@pytest.fixture
def narrow(serve: Serve) -> Probe:
    """One place for each kind of job, and two to wait."""
    return serve(probe_target=WORK, probe_small_slots=1, probe_large_slots=1, probe_queue=2)


def begin(probe: Probe, do: str, lane: str = "small", **asked: object) -> Wire:
    """A job that the client can leave."""
    wire, body = probe.connect(), job(do, **asked)
    wire.head("POST", f"/probe/job/{lane}", f"Content-Length: {len(body)}")
    wire.send(body)
    return wire


def state(probe: Probe, lane: str = "small") -> tuple[float, float]:
    """How many work and how many wait."""
    engine = f"probe.{lane}"
    busy = probe.metric("offing_slots_busy", engine=engine)
    return busy, probe.metric("offing_queue_waiting", engine=engine)


def test_beyond_the_queue_the_answer_is_503_at_once_with_when_to_return(narrow: Probe) -> None:
    jobs = [narrow.begin_work("sleep", seconds=0.5) for _ in range(3)]
    eventually(lambda: state(narrow) == (1, 2))
    begun = time.monotonic()
    answer = narrow.work("nothing")
    assert time.monotonic() - begun < 0.3
    assert (answer.status, answer.json["code"]) == (503, "overloaded")
    assert 1 <= int(answer.headers["retry-after"]) <= LONGEST_RETRY_SECONDS
    assert [each.result().status for each in jobs] == [200] * 3
    assert state(narrow) == (0, 0)
    assert narrow.metric("offing_queue_rejected_total", engine="probe.small") == 1
    assert narrow.metric("offing_slots", engine="probe.small") == 1


def test_who_hangs_up_while_waiting_frees_the_place(narrow: Probe) -> None:
    working = narrow.begin_work("sleep", seconds=1)
    eventually(lambda: state(narrow) == (1, 0))
    first, second = begin(narrow, "nothing"), begin(narrow, "nothing")
    eventually(lambda: state(narrow) == (1, 2))
    first.close()
    eventually(lambda: state(narrow) == (1, 1))
    third = narrow.begin_work("nothing")
    assert [working.result().status, second.answer().status, third.result().status] == [200] * 3
    assert narrow.metric(
        "offing_requests_total", service="probe", route="/probe/job/{lane}", method="POST", status="499"
    ) == 1  # fmt: skip


def test_who_hangs_up_while_the_work_runs_has_its_worker_killed_and_replaced(narrow: Probe) -> None:
    (before,) = narrow.workers
    wire = begin(narrow, "burn", seconds=4)
    eventually(lambda: state(narrow) == (1, 0))
    wire.close()
    eventually(lambda: not alive(before), 2)
    after = narrow.work("nothing")
    assert after.json["process"] not in {None, before}
    assert narrow.workers == [after.json["process"]]
    assert narrow.metric("offing_workers_ended_total", engine="probe", reason="cancelled") == 1


def test_who_hangs_up_before_the_body_is_whole_takes_no_place(narrow: Probe) -> None:
    with narrow.connect() as wire:
        wire.head("POST", "/probe/job/small", "Content-Length: 100")
        wire.send(b"{")
    eventually(lambda: narrow.metric("offing_requests_in_flight") == 1)
    assert state(narrow) == (0, 0)
    assert narrow.work("nothing").status == 200


def test_small_jobs_are_served_while_large_ones_take_every_place_of_theirs(workshop: Probe) -> None:
    large = [workshop.begin_work("sleep", lane="large", seconds=1) for _ in range(4)]
    eventually(lambda: state(workshop, "large") == (2, 2))
    for _ in range(5):
        begun = time.monotonic()
        assert workshop.work("nothing").status == 200
        assert time.monotonic() - begun < 0.3
    assert not any(each.done() for each in large)
    assert [each.result().status for each in large] == [200] * 4


def test_first_come_is_first_served() -> None:
    async def scenario() -> list[int]:
        admission, served = Admission("engine", slots=1, queue=10, metrics=Metrics()), []

        async def work(number: int) -> None:
            async with admission.place():
                served.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*(work(number) for number in range(10)))
        return served

    assert asyncio.run(scenario()) == list(range(10))


def test_without_a_queue_only_who_finds_a_free_place_is_let_in() -> None:
    async def scenario() -> None:
        admission = Admission("engine", slots=1, queue=0, metrics=Metrics())
        async with admission.place():
            with pytest.raises(Overloaded):
                async with admission.place():
                    pass
        async with admission.place():
            pass

    asyncio.run(scenario())


class Crowd:
    """Tasks that take places, some of which leave; it notes how many work at once."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.tasks: list[asyncio.Task[None]] = []
        self.at_work = self.most_at_work = self.most_waiting = 0

    def come(self, turns: int) -> None:
        """One more, who works for so many turns of the loop."""
        self.tasks.append(asyncio.create_task(self._work(turns)))

    async def _work(self, turns: int) -> None:
        async with self._admission.place():
            self.at_work += 1
            self.most_at_work = max(self.most_at_work, self.at_work)
            self.most_waiting = max(self.most_waiting, self._admission.waiting)
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
            finally:
                self.at_work -= 1


@pytest.mark.parametrize("seed", range(8))
def test_places_are_never_lost_nor_doubled_whoever_leaves_when(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  the same chances in every run
    slots, queue = chance.randint(1, 4), chance.randint(0, 6)
    metrics = Metrics()

    async def scenario() -> None:
        admission = Admission("engine", slots=slots, queue=queue, metrics=metrics)
        crowd = Crowd(admission)
        for _ in range(400):
            if chance.random() < 0.6 or not crowd.tasks:
                crowd.come(chance.randint(0, 5))
            else:
                chance.choice(crowd.tasks).cancel()
            for _ in range(chance.randint(0, 2)):
                await asyncio.sleep(0)
        results = await asyncio.gather(*crowd.tasks, return_exceptions=True)
        assert {type(result) for result in results} <= {type(None), Overloaded, asyncio.CancelledError}
        assert crowd.most_at_work == slots
        assert crowd.most_waiting <= queue + slots
        assert admission.waiting == crowd.at_work == 0
        async with asyncio.timeout(1), contextlib.AsyncExitStack() as places:
            for _ in range(slots):
                await places.enter_async_context(admission.place())

    asyncio.run(scenario())
    text = metrics.render().decode()
    assert 'offing_slots_busy{engine="engine"} 0.0' in text
    assert 'offing_queue_waiting{engine="engine"} 0.0' in text


def test_the_time_to_return_follows_the_work_and_stays_sane() -> None:
    async def retry_after(seconds: float) -> int:
        admission = Admission("engine", slots=1, queue=0, metrics=Metrics())
        admission._typical_seconds = seconds  # noqa: SLF001  what hours of such work would teach it
        async with admission.place():
            with pytest.raises(Overloaded) as caught:
                async with admission.place():
                    pass
        return int(caught.value.headers["Retry-After"])

    assert [asyncio.run(retry_after(seconds)) for seconds in (0.001, 3.0, 1000.0)] == [
        1,
        3,
        LONGEST_RETRY_SECONDS,
    ]
