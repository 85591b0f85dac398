"""What becomes of a job: run, tried again, refused, forgotten; and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from offing.kernel.api_keys import new_key
from tests.kernel.jobs.office import Office, running
from tests.kernel.jobs.work import SECRET

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_a_job_is_told_at_once_and_its_answer_is_the_operations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        response = await office.client.post(
            "/desk/jobs?gate=a", content=b"hello", headers={"Content-Type": "application/x-greeting"}
        )
        assert response.status_code == 202
        made = response.json()
        assert response.headers["location"] == made["location"] == f"/desk/jobs/{made['id']}"
        assert response.headers["retry-after"] == "1"
        assert (made["state"], made["attempts"], made["result"], made["problem"]) == ("queued", 0, None, None)
        early = await office.client.get(f"{made['location']}/result")
        assert (early.status_code, early.json()["code"]) == (409, "job-not-finished")
        assert early.headers["retry-after"] == "1"
        office.open("a")
        done = await office.ended(made)
        assert done["result"] == {
            "status": 200,
            "content_type": "application/x-greeting",
            "bytes": 5,
            "location": f"{made['location']}/result",
        }
        assert made["created_at"] <= done["started_at"] <= done["finished_at"] < done["expires_at"]
        result = await office.client.get(done["result"]["location"])
        assert (result.status_code, result.content) == (200, b"hello")
        assert result.headers["content-type"] == "application/x-greeting"
        metrics = (await office.client.get("/metrics")).text
        assert 'offing_jobs_ended_total{service="work",state="succeeded"} 1.0' in metrics
        assert "offing_jobs_running 0.0" in metrics


async def test_a_large_answer_comes_back_byte_for_byte_and_head_tells_its_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        done = await office.ended(await office.ask("do=large&pieces=50"))
        expected = b"".join(bytes([number % 251]) * 100_000 for number in range(50))
        place = done["result"]["location"]
        assert (await office.client.get(place)).content == expected
        head = await office.client.head(place)
        assert (head.headers["content-length"], head.content) == (str(len(expected)), b"")


async def test_the_body_is_deleted_when_the_job_has_finished_and_the_rest_with_the_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        made = await office.ask("gate=a", b"what was sent")
        assert [file.read_bytes() for file in office.files() if file.stat().st_size] == [b"what was sent"]
        office.open("a")
        await office.ended(made)
        assert len(office.files()) == 1
        assert (await office.client.delete(made["location"])).status_code == 204
        assert office.files() == []
        for response in (
            await office.client.delete(made["location"]),
            await office.client.get(made["location"]),
            await office.client.get(f"{made['location']}/result"),
        ):
            assert (response.status_code, response.json()["code"]) == (404, "job-not-found")


async def test_what_the_check_refuses_makes_no_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as office:
        response = await office.client.post("/desk/jobs?do=refuse", content=b"x")
        assert (response.status_code, response.json()["detail"]) == (422, "Refused before it is work.")
        assert office.begun("any") == 0
        await office.ended(await office.ask())  # whose turn comes after whatever the refused one left
        assert len(office.files()) == 1


async def test_a_failure_is_tried_again_until_it_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        done = await office.ended(await office.ask("do=fail&times=2"))
        assert (done["state"], done["attempts"]) == ("succeeded", 3)


@pytest.mark.parametrize("do", ["fail", "break"])
async def test_after_five_attempts_a_job_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, do: str
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        done = await office.ended(await office.ask(f"do={do}"))
        assert (done["state"], done["attempts"], done["result"]) == ("failed", 5, None)
        assert office.begun("any") == 5
        problem = done["problem"]
        assert (problem["code"], problem["status"]) == ("job-failed", 502)
        assert problem["detail"] == "The job gave up after 5 attempts."
        result = await office.client.get(f"{done['location']}/result")
        assert (result.status_code, result.json()["code"]) == (502, "job-failed")
        assert result.json()["request_id"] == result.headers["x-request-id"]


async def test_an_attempt_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, seconds=0.05) as office:
        done = await office.ended(await office.ask("gate=never"))
        assert (done["problem"]["code"], done["attempts"]) == ("job-failed", 5)


async def test_a_refusal_is_final_in_whatever_words_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        done = await office.ended(await office.ask("do=no"))
        assert (done["state"], done["attempts"]) == ("failed", 1)
        assert (done["problem"]["status"], done["problem"]["error"]) == (409, "no")
        assert done["problem"]["remedy"]
        assert (await office.client.get(f"{done['location']}/result")).status_code == 409


async def test_a_busy_service_costs_no_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as office:
        done = await office.ended(await office.ask("do=busy&times=8"))
        assert (done["state"], done["attempts"], office.begun("any")) == ("succeeded", 1, 9)


async def test_no_more_than_the_set_number_of_jobs_run_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, at_once=2) as office:
        jobs = [await office.ask("gate=a&name=several") for _ in range(5)]
        for job in jobs[:2]:
            await office.until(job, lambda now: now["state"] == "running")
        await asyncio.sleep(0.05)
        assert [(await office.state(job))["state"] for job in jobs] == ["running"] * 2 + ["queued"] * 3
        office.open("a")
        assert {(await office.ended(job))["state"] for job in jobs} == {"succeeded"}


async def test_a_full_store_refuses_and_takes_again_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, max=2) as office:
        jobs = [await office.ask("gate=a") for _ in range(2)]
        refused = await office.client.post("/desk/jobs", content=b"x")
        assert (refused.status_code, refused.json()["code"]) == (503, "jobs-full")
        assert int(refused.headers["retry-after"]) > 0
        office.open("a")
        for job in jobs:
            await office.ended(job)
        await office.ask()


async def test_bodies_and_answers_are_bounded_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, bytes=2**21) as office:

        async def unannounced() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"x" * 2**20

        for body in (b"x" * 2**21, unannounced()):
            refused = await office.client.post("/desk/jobs", content=body)
            assert (refused.status_code, refused.json()["code"]) == (503, "jobs-full")
        assert (await office.ended(await office.ask("do=large&pieces=30")))["problem"]["code"] == "job-failed"
        assert (await office.ended(await office.ask()))["state"] == "succeeded"


async def test_deleting_ends_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, at_once=1) as office:
        stuck = await office.ask("gate=never")
        await office.until(stuck, lambda now: now["state"] == "running")
        assert (await office.client.delete(stuck["location"])).status_code == 204
        assert (await office.ended(await office.ask()))["state"] == "succeeded"


async def test_a_job_expires_with_all_that_is_kept_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offing.kernel.jobs.runner.SWEEP_SECONDS", 0.01)
    async with running(tmp_path, monkeypatch, keep_seconds=0.05) as office:
        made = await office.ask("gate=never")
        for _ in range(1000):
            if (await office.client.get(made["location"])).status_code == 404 and not office.files():
                break
            await asyncio.sleep(0.01)
        assert (await office.client.get(made["location"])).status_code == 404
        assert office.files() == []


async def test_a_job_belongs_to_the_key_that_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (mine, hash_of_mine), (other, hash_of_other) = new_key(), new_key()
    async with running(tmp_path, monkeypatch, keys=(hash_of_mine, hash_of_other)) as office:
        own, foreign = {"X-API-Key": mine}, {"X-API-Key": other}
        made = await office.ask(headers=own)
        for path in (made["location"], f"{made['location']}/result"):
            assert (await office.client.get(path, headers=foreign)).status_code == 404
        assert (await office.client.delete(made["location"], headers=foreign)).status_code == 404
        assert (await office.client.get(made["location"])).status_code == 401
        assert (await office.client.get(made["location"], headers=own)).status_code == 200


async def test_a_job_is_found_below_its_own_path_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        made = await office.ask()
        for path in (f"/telling/jobs/{made['id']}", "/desk/jobs/x", f"/desk/jobs/{made['id'].upper()}"):
            response = await office.client.get(path)
            assert (response.status_code, response.json()["code"]) == (404, "job-not-found")


async def tell(office: Office, query: str = "") -> dict[str, object]:
    response = await office.client.post(
        f"/telling/jobs?{query}", content=b"12345", headers={"Authorization": f"Bearer {SECRET}"}
    )
    assert response.status_code == 202
    made: dict[str, object] = response.json()
    return made


async def test_an_answer_that_only_describes_is_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        done = await office.ended(await tell(office))
        assert done["result"] == {"status": 200, "received": 5, "colour": "red"}
        assert (await office.client.get(f"{done['location']}/result")).status_code == 404


async def test_a_secret_is_kept_until_the_job_has_finished_and_not_a_moment_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> bool:
        files = [file for file in (tmp_path / "jobs").rglob("*") if file.is_file()]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        return any(SECRET.encode() in file.read_bytes() for file in files)

    async with running(tmp_path, monkeypatch) as office:
        made = await tell(office, "gate=a")
        assert kept()
        assert SECRET not in str(await office.state(made))
        office.open("a")
        await office.ended(made)
        assert not kept()
        forgotten = await tell(office, "gate=never")
        assert kept()
        await office.client.delete(str(forgotten["location"]))
        assert not kept()
        assert (tmp_path / "jobs").stat().st_mode & 0o777 == 0o700


async def test_what_ran_when_the_server_stopped_runs_again_and_costs_no_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as office:
        made = await office.ask("gate=a")
        await office.until(made, lambda now: now["state"] == "running")
    (tmp_path / "a").touch()
    async with running(tmp_path, monkeypatch) as office:
        done = await office.ended(made)
        assert (done["state"], done["attempts"]) == ("succeeded", 1)
        assert (await office.client.get(done["result"]["location"])).content == b"body"


async def test_a_folder_that_cannot_be_used_is_told_and_stops_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jobs").write_text("not a folder")
    async with running(tmp_path, monkeypatch) as office:
        refused = await office.client.post("/desk/jobs", content=b"x")
        assert (refused.status_code, refused.json()["code"]) == (503, "jobs-unusable")
        assert (await office.client.post("/desk", content=b"x")).content == b"x"
