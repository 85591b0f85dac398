"""The second tier, against an S3 server on loopback: nothing it says is trusted, and it fails no download."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import ObjectStore, S3Store

from offing.xet.engine.cache import Cache, Flights
from offing.xet.engine.cache.bucket import Bucket, BucketFailed, DamagedObject, connect
from offing.xet.engine.cache.second_tier import SecondTier
from offing.xet.engine.cache.table import LABEL_BYTES
from tests.xet.engine.cache.files import MadeUp, Source, batch_of, cache_in, gathered, keep, made_up
from tests.xet.engine.cache.test_local import flip

FILE = made_up(160)
SMALL = made_up(3, seed=7)
ANYBODY = (
    "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


numbers = itertools.count()


@pytest.fixture
def store(server: str) -> ObjectStore:
    """An empty bucket."""
    name = f"bucket-{next(numbers)}"
    connection = http.client.HTTPConnection(server)
    connection.request("PUT", f"/{name}", headers={"Authorization": ANYBODY})
    assert connection.getresponse().status == 200
    connection.close()
    return reach(server, name)


def reach(server: str, bucket: str) -> S3Store:
    return connect(bucket, endpoint=f"http://{server}", key_id="key", secret="word", allow_http=True)  # noqa: S106


@asynccontextmanager
async def tiers(folder: Path, store: ObjectStore) -> AsyncIterator[tuple[Cache, Flights, SecondTier]]:
    """A cache before a bucket."""
    async with cache_in(folder) as cache:
        tier = SecondTier(cache, Bucket(store))
        flights = Flights(cache, kept=tier.keep)
        try:
            yield cache, flights, tier
        finally:
            await flights.close()
            await tier.close()


async def read(flights: Flights, tier: SecondTier, source: Source) -> bytes:
    file = source.file
    return await gathered(
        flights.read(file.file_hash, file.size, tier.before(file.file_hash, file.size, source.fetch))
    )


async def fill(folder: Path, store: ObjectStore, file: MadeUp) -> None:
    """Read a file once, so that the bucket has it."""
    async with tiers(folder, store) as (_, flights, tier):
        assert await read(flights, tier, Source(file)) == file.content
        await flights.close()
        await tier.settled()
        assert tier.statistics.uploads == 1


@pytest.mark.parametrize("file", [FILE, SMALL], ids=["large", "small"])
def test_what_one_machine_fetched_another_has_from_the_bucket(
    tmp_path: Path, store: ObjectStore, file: MadeUp
) -> None:
    async def check() -> None:
        await fill(tmp_path / "one", store, file)
        async with tiers(tmp_path / "two", store) as (cache, flights, tier):
            source = Source(file)
            assert await read(flights, tier, source) == file.content
            await flights.close()
            await tier.settled()
            assert source.served == 0
            assert (tier.statistics.hits, tier.statistics.uploads) == (1, 0)
            assert cache.holds(file.file_hash)
            assert cache.statistics().hits == 0, "an upload is no client"

    asyncio.run(check())


def test_a_fetch_that_was_broken_off_goes_on_from_the_bucket(tmp_path: Path, store: ObjectStore) -> None:
    async def check() -> None:
        await fill(tmp_path / "one", store, FILE)
        async with tiers(tmp_path / "two", store) as (_, _, tier):
            upstream = Source(FILE)
            place = sum(len(chunk.content) for chunk in FILE.chunks[:100])
            fetch = tier.before(FILE.file_hash, FILE.size, upstream.fetch)
            got = [batch async for batch in fetch(place)]
            wanted = batch_of(FILE.chunks[100:])
            assert [leaf for batch in got for leaf in batch.leaves] == [*wanted.leaves]
            assert b"".join(batch.content for batch in got) == wanted.content
            assert upstream.starts == []

    asyncio.run(check())


@pytest.mark.parametrize("place", [0, FILE.size // 2, FILE.size - 1])
def test_a_damaged_object_is_noticed_and_replaced(tmp_path: Path, store: ObjectStore, place: int) -> None:
    async def check() -> None:
        await fill(tmp_path / "one", store, FILE)
        bad = bytearray(FILE.content)
        bad[place] ^= 1
        await obstore.put_async(store, f"{FILE.file_hash}/data", bytes(bad))
        async with tiers(tmp_path / "two", store) as (_, flights, tier):
            source = Source(FILE)
            assert await read(flights, tier, source) == FILE.content
            assert len(source.starts) == 1
            assert source.starts[0] <= place
            await flights.close()
            await tier.settled()
            assert (tier.statistics.damaged, tier.statistics.uploads) == (1, 1)
        data = await obstore.get_async(store, f"{FILE.file_hash}/data")
        assert bytes(await data.buffer_async()) == FILE.content

    asyncio.run(check())


def damaged_tables() -> Iterator[tuple[str, bytes]]:
    """What a table object could be instead."""
    ends = list(itertools.accumulate(len(chunk.content) for chunk in SMALL.chunks))
    records = b"".join(
        chunk.digest + end.to_bytes(8, "little") for chunk, end in zip(SMALL.chunks, ends, strict=True)
    )
    from offing.xet.engine.cache.table import Label

    label = Label(SMALL.file_hash, SMALL.size, 3).pack()
    yield "nothing", b""
    yield "noise", b"x" * 500
    yield "no records", label
    yield "cut", label + records[:-1]
    yield "a record more", label + records + records[-40:]
    yield "another chunk", label + bytes(32) + records[32:]
    yield "another length", label + records[:32] + (ends[0] - 1).to_bytes(8, "little") + records[40:]
    yield "backwards", label + records[40:80] + records[:40] + records[80:]
    yield "of another size", Label(SMALL.file_hash, SMALL.size + 1, 3).pack() + records
    yield "of another file", Label(FILE.file_hash, SMALL.size, 3).pack() + records
    yield "without a chunk", Label(SMALL.file_hash, SMALL.size, 0).pack()


@pytest.mark.parametrize(
    ("name", "table"), list(damaged_tables()), ids=[name for name, _ in damaged_tables()]
)
def test_a_table_that_is_not_the_files_is_refused(store: ObjectStore, name: str, table: bytes) -> None:
    assert name

    async def check() -> None:
        await obstore.put_async(store, f"{SMALL.file_hash}/data", SMALL.content)
        await obstore.put_async(store, f"{SMALL.file_hash}/table", table)
        with pytest.raises(DamagedObject):
            await Bucket(store).find(SMALL.file_hash, SMALL.size)

    asyncio.run(check())


def test_a_table_without_its_content_is_damage(tmp_path: Path, store: ObjectStore) -> None:
    async def check() -> None:
        await fill(tmp_path / "one", store, SMALL)
        await obstore.delete_async(store, f"{SMALL.file_hash}/data")
        async with tiers(tmp_path / "two", store) as (_, flights, tier):
            source = Source(SMALL)
            assert await read(flights, tier, source) == SMALL.content
            assert source.starts == [0]
            assert tier.statistics.damaged == 1

    asyncio.run(check())


def test_content_without_its_table_is_not_there(store: ObjectStore) -> None:
    async def check() -> None:
        await obstore.put_async(store, f"{SMALL.file_hash}/data", SMALL.content)
        assert await Bucket(store).find(SMALL.file_hash, SMALL.size) is None

    asyncio.run(check())


def test_a_bucket_that_is_not_there_fails_no_download_and_is_left_alone(
    tmp_path: Path, server: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        async with tiers(tmp_path, reach(server, "no-such-bucket")) as (cache, flights, tier):
            for number in range(3):
                file = made_up(3, seed=20 + number)
                assert await read(flights, tier, Source(file)) == file.content
                await flights.close()
                await tier.settled()
                assert cache.holds(file.file_hash)
            assert tier.statistics.uploads == 0
            assert tier.statistics.failures == 1

    with caplog.at_level(logging.WARNING):
        asyncio.run(check())
    assert server not in caplog.text
    assert "word" not in caplog.text


def test_plain_http_has_to_be_allowed(server: str) -> None:
    refusing = connect("bucket", endpoint=f"http://{server}", key_id="key", secret="word")  # noqa: S106

    async def check() -> None:
        with pytest.raises(BucketFailed) as raised:
            await Bucket(refusing).find(SMALL.file_hash, SMALL.size)
        assert "127.0.0.1" not in str(raised.value)

    asyncio.run(check())


def test_the_keys_of_the_environment_are_not_used(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-secret")
    assert "somebody-else" not in obstore.sign(reach(server, "bucket"), "GET", "x", timedelta(minutes=1))
    assert "a-secret" not in obstore.sign(reach(server, "bucket"), "GET", "x", timedelta(minutes=1))


def test_a_file_that_rots_before_its_upload_is_not_put(tmp_path: Path, store: ObjectStore) -> None:
    async def check() -> None:
        async with cache_in(tmp_path) as cache:
            await keep(cache, FILE)
            flip(tmp_path / "entries" / FILE.file_hash, FILE.size // 2)
            tier = SecondTier(cache, Bucket(store))
            tier.keep(FILE.file_hash)
            await tier.settled()
            assert tier.statistics.uploads == 0
            assert not cache.holds(FILE.file_hash)
            assert await Bucket(store).find(FILE.file_hash, FILE.size) is None

    asyncio.run(check())


def test_the_table_in_the_bucket_is_the_label_and_forty_bytes_a_chunk(
    tmp_path: Path, store: ObjectStore
) -> None:
    async def check() -> None:
        await fill(tmp_path, store, SMALL)
        table = await obstore.get_async(store, f"{SMALL.file_hash}/table")
        assert table.meta["size"] == LABEL_BYTES + 40 * len(SMALL.chunks)

    asyncio.run(check())
