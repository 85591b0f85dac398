"""The client of a hub against our own hub, which the real clients have filled."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

import pytest

from offing.kernel.fetch import FetchSettings
from offing.xet.engine.hub import Hub
from offing.xet.engine.plain import Plain
from offing.xet.engine.repository import Repository
from offing.xet.engine.retries import Retries
from offing.xet.hub import tree_routes
from offing.xet.hub.faults import Rule
from offing.xet.problems import (
    EntryNotFound,
    Gated,
    NoRight,
    RepositoryNotFound,
    RevisionNotFound,
    XetProblem,
)
from offing.xet.wire import Http
from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN, STRANGER_TOKEN, RunningHub, running_hub

T = TypeVar("T")

LARGE = random.Random(4).randbytes(300_000)  # noqa: S311  content, no secret
TEXT = b'{"hidden_size": 1024}\n'
FILES = {"config.json": TEXT, "weights/part 1.bin": LARGE, "weights/deep/er/x.txt": b"x\n"}
OPEN = Repository("acme/open")
SECRET = Repository("acme/secret", "datasets")
GATED = Repository("closed/model")


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload(OPEN.name, FILES)
        hub.upload(OPEN.name, {"config.json": b"{}\n"}, revision="feature/next")
        hub.upload(SECRET.name, {"data.bin": LARGE}, "datasets", private=True)
        hub.upload(GATED.name, {"a.bin": LARGE})
        hub.api().update_repo_settings(GATED.name, gated="auto")
        yield hub


@pytest.fixture
def hub(serving: RunningHub) -> Iterator[RunningHub]:
    """The hub without troubles, redirects and memory of other tests."""
    serving.log.clear()
    yield serving
    serving.set_faults()
    serving.settings.redirects_to = ""
    serving.settings.url_seconds = 3600


def ask(hub: RunningHub, question: Callable[[Hub], Awaitable[T]], *trusted: str) -> T:
    async def scenario() -> T:
        http = Http(FetchSettings(), trusted=[hub.base, *trusted])
        try:
            return await question(Hub(http, hub.base, retries=Retries(first=0.01)))
        finally:
            await http.close()

    return asyncio.run(scenario())


async def read(body: Plain) -> bytes:
    return b"".join([piece async for piece in body])


def test_files_are_resolved_as_they_were_uploaded(hub: RunningHub) -> None:
    large = ask(hub, lambda asking: asking.resolve(OPEN, "weights/part 1.bin", None))
    assert large.size == len(LARGE)
    assert large.sha256 == large.etag == hashlib.sha256(LARGE).hexdigest()
    assert large.xet_hash == hub.xet_hash(OPEN.name, "weights/part 1.bin")
    small = ask(hub, lambda asking: asking.resolve(OPEN, "config.json", None))
    assert (small.size, small.sha256, small.xet_hash) == (len(TEXT), None, None)
    assert small.commit == large.commit == hub.api().model_info(OPEN.name).sha
    assert small.last_modified is not None


def test_each_revision_has_its_own_files(hub: RunningHub) -> None:
    following = OPEN.at("feature/next")
    found = ask(hub, lambda asking: asking.resolve(following, "config.json", None))
    assert found.size == 3
    main = ask(hub, lambda asking: asking.info(OPEN, None)).commit
    assert found.commit == ask(hub, lambda asking: asking.info(following, None)).commit != main
    assert ask(hub, lambda asking: asking.resolve(OPEN.at(main), "config.json", None)).size == len(TEXT)


@pytest.mark.parametrize(
    ("repository", "path", "token", "kind"),
    [
        (OPEN, "nothing.bin", None, EntryNotFound),
        (OPEN, "weights", None, EntryNotFound),
        (OPEN.at("nowhere"), "config.json", None, RevisionNotFound),
        (Repository("acme/nothing"), "x", READER_TOKEN, RepositoryNotFound),
        (Repository("acme/nothing"), "x", None, NoRight),
        (SECRET, "data.bin", None, NoRight),
        (SECRET, "data.bin", STRANGER_TOKEN, RepositoryNotFound),
        (SECRET, "data.bin", "hf_of_nobody", NoRight),
        (GATED, "a.bin", None, Gated),
        (GATED, "a.bin", STRANGER_TOKEN, Gated),
    ],
)
def test_a_refusal_is_told_apart(
    hub: RunningHub, repository: Repository, path: str, token: str | None, kind: type[XetProblem]
) -> None:
    with pytest.raises(XetProblem) as caught:
        ask(hub, lambda asking: asking.resolve(repository, path, token))
    assert type(caught.value) is kind


def test_who_has_the_right_reads_what_is_private_or_gated(hub: RunningHub) -> None:
    assert ask(hub, lambda asking: asking.resolve(SECRET, "data.bin", READER_TOKEN)).size == len(LARGE)
    assert ask(hub, lambda asking: asking.resolve(GATED, "a.bin", OWNER_TOKEN)).size == len(LARGE)
    assert ask(hub, lambda asking: asking.info(SECRET, READER_TOKEN)).private
    assert ask(hub, lambda asking: asking.info(GATED, OWNER_TOKEN)).gated


def test_a_token_for_the_store_is_one_that_the_store_takes(hub: RunningHub) -> None:
    async def scenario(asking: Hub) -> int:
        found = await asking.resolve(SECRET, "data.bin", READER_TOKEN)
        access = await asking.cas_access(found.pinned, READER_TOKEN)
        assert access.url == hub.base
        http = Http(FetchSettings(), trusted=[access.url])
        plan = await http.ask(
            f"{access.url}/v1/reconstructions/{found.xet_hash}",
            headers={"authorization": f"Bearer {access.token}"},
        )
        await http.close()
        return plan.status

    assert ask(hub, scenario) == 200
    with pytest.raises(RepositoryNotFound):
        ask(hub, lambda asking: asking.cas_access(SECRET, STRANGER_TOKEN))


def test_listings_have_every_file_over_many_pages(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_routes, "LARGEST_PAGE", 1)

    async def paths(asking: Hub, folder: str = "", *, recursive: bool = True) -> list[str]:
        found = asking.files(OPEN, None, folder=folder, recursive=recursive)
        return [each.path async for each in found]

    expected = sorted(path for path in hub.api().list_repo_files(OPEN.name))
    hub.log.clear()
    assert sorted(ask(hub, paths)) == expected
    assert len(hub.log.of("tree")) > len(expected)
    assert ask(hub, lambda asking: paths(asking, "weights", recursive=False)) == ["weights/part 1.bin"]
    with pytest.raises(EntryNotFound):
        ask(hub, lambda asking: paths(asking, "nothing"))


def test_plain_bytes_are_those_that_were_uploaded(hub: RunningHub) -> None:
    async def parts(asking: Hub) -> list[bytes]:
        found = await asking.resolve(SECRET, "data.bin", READER_TOKEN)
        ranges = [(0, found.size), (0, 1), (100_000, 250_000), (found.size - 1, found.size)]
        return [await read(await asking.open_plain(found, *each, READER_TOKEN)) for each in ranges]

    assert ask(hub, parts) == [LARGE, LARGE[:1], LARGE[100_000:250_000], LARGE[-1:]]


def test_plain_bytes_stay_those_of_the_commit_when_the_branch_moves_on(hub: RunningHub) -> None:
    async def scenario(asking: Hub) -> bytes:
        found = await asking.resolve(SECRET, "moving.txt", READER_TOKEN)
        await asyncio.to_thread(hub.upload, SECRET.name, {"moving.txt": b"later\n"}, "datasets")
        return await read(await asking.open_plain(found, 0, found.size, READER_TOKEN))

    hub.upload(SECRET.name, {"moving.txt": b"sooner\n"}, "datasets")
    assert ask(hub, scenario) == b"sooner\n"


@pytest.mark.parametrize("seconds", [3600.0, -1.0])
def test_storage_elsewhere_is_read_without_the_token(hub: RunningHub, seconds: float) -> None:
    port = urlsplit(hub.base).port
    hub.settings.redirects_to = storage = f"http://localhost:{port}"

    async def scenario(asking: Hub) -> bytes:
        hub.settings.url_seconds = seconds
        found = await asking.resolve(SECRET, "data.bin", READER_TOKEN)
        hub.settings.url_seconds = 3600
        assert found.location.startswith(f"{storage}/contents/")
        return await read(await asking.open_plain(found, 5, 50_000, READER_TOKEN))

    assert ask(hub, scenario, storage) == LARGE[5:50_000]
    contents = hub.log.of("content")
    assert [each.status for each in contents] == ([206] if seconds > 0 else [403, 206])
    assert not any("authorization" in each.headers for each in contents)


def test_troubles_on_the_way_are_not_seen(hub: RunningHub) -> None:
    hub.set_faults(
        Rule(what="status", on="resolve", status=503, times=1),
        Rule(what="cut", on="resolve", at=100_000, first=2, times=1),
        Rule(what="status", on="token", status=429, retry_after=0, times=2),
        Rule(what="status", on="tree", status=500, times=2),
    )

    async def scenario(asking: Hub) -> bytes:
        found = await asking.resolve(SECRET, "data.bin", READER_TOKEN)
        await asking.cas_access(found.pinned, READER_TOKEN)
        assert [each.path async for each in asking.files(SECRET, READER_TOKEN)]
        return await read(await asking.open_plain(found, 0, found.size, READER_TOKEN))

    assert ask(hub, scenario) == LARGE
    assert len(hub.log.of("resolve")) == 4
