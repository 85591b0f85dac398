"""What the account must have before a deploy: secrets are asked for, queues and buckets are made."""

from __future__ import annotations

import json

import pytest

from offing.edge.configuration import deployments
from offing.edge.deploy import resources, secrets
from offing.edge.deploy.resources import Resource
from offing.edge.deploy.wrangler import Wrangler, WranglerFailed
from offing.edge.jsonc import read
from tests.edge.deploy.conftest import NOT_LOGGED_IN, StandIn

(NAMING,) = deployments(
    read("""{
  "r2_buckets": [{ "binding": "STORE", "bucket_name": "store" }, { "binding": "OTHER" }],
  "queues": {
    "producers": [{ "binding": "JOBS", "queue": "jobs" }],
    "consumers": [{ "queue": "jobs", "dead_letter_queue": "dead" }]
  },
  "secrets": { "required": ["HF_TOKEN", "OFFING_API_KEYS"] }
}""")
)
JOBS, DEAD, STORE = Resource("queue", "jobs"), Resource("queue", "dead"), Resource("bucket", "store")


def test_each_bucket_queue_and_dead_letter_queue_is_named_once() -> None:
    assert resources.named(NAMING) == [STORE, JOBS, DEAD]
    assert resources.named(deployments(read("{}"))[0]) == []


def test_only_what_is_not_there_is_made(wrangler: Wrangler, stand_in: StandIn) -> None:
    stand_in.answers(("queues info dead", (1, "", 'Queue "dead" does not exist.')))
    assert list(resources.create(wrangler, [STORE, JOBS, DEAD])) == [
        (STORE, False), (JOBS, False), (DEAD, True),
    ]  # fmt: skip
    assert stand_in.asked == [
        "r2 bucket info store", "queues info jobs", "queues info dead", "queues create dead",
    ]  # fmt: skip


def test_nothing_is_made_where_wrangler_can_not_tell(wrangler: Wrangler, stand_in: StandIn) -> None:
    stand_in.answers(("queues", NOT_LOGGED_IN))
    with pytest.raises(WranglerFailed, match="the queue jobs") as failure:
        list(resources.create(wrangler, [JOBS]))
    assert "wrangler login" in failure.value.public_remedy
    assert stand_in.asked == ["queues info jobs"]


def test_a_bucket_is_made_to_forget_old_files(wrangler: Wrangler, stand_in: StandIn) -> None:
    stand_in.answers(("r2 bucket info", (1, "", "[code: 10006]")))
    assert list(resources.create(wrangler, [STORE])) == [(STORE, True)]
    assert stand_in.asked[1:] == [
        "r2 bucket create store",
        "r2 bucket lifecycle add store files-30-days xet/ --expire-days 30 --force",
    ]


def test_a_resource_that_can_not_be_made_is_told(wrangler: Wrangler, stand_in: StandIn) -> None:
    stand_in.answers(
        ("r2 bucket info", (1, "", "[code: 10006]")),
        ("r2 bucket create", (1, "", "[ERROR] Enable R2 first.")),
    )
    with pytest.raises(WranglerFailed, match="the bucket store can't be made: Enable R2 first"):
        list(resources.create(wrangler, [STORE]))


def test_secrets_are_known_by_name(wrangler: Wrangler, stand_in: StandIn) -> None:
    listed = json.dumps([{"name": "HF_TOKEN", "type": "secret_text"}])
    stand_in.answers(("secret list", (0, listed, "")))
    there = secrets.given(wrangler)
    assert there == {"HF_TOKEN"}
    assert secrets.missing(NAMING, there) == ["OFFING_API_KEYS"]
    assert [each.partition(":")[0] for each in secrets.absent(there)] == [
        "OFFING_API_KEYS", "OFFING_JOBS_WEBHOOK_KEY",
    ]  # fmt: skip


def test_a_worker_that_was_never_deployed_has_no_secrets(wrangler: Wrangler, stand_in: StandIn) -> None:
    stand_in.answers(("secret list", (1, "", "This Worker does not exist on your account. [code: 10007]")))
    assert secrets.given(wrangler) == frozenset()


@pytest.mark.parametrize("answer", [NOT_LOGGED_IN, (0, "no list", ""), (0, "[1]", "")])
def test_secrets_that_can_not_be_listed_are_no_empty_list(
    wrangler: Wrangler, stand_in: StandIn, answer: tuple[int, str, str]
) -> None:
    stand_in.answers(("secret list", answer))
    with pytest.raises(WranglerFailed):
        secrets.given(wrangler)
