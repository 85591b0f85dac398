"""The bucket behind the cache: files that one service had are had by another, and none is lost with it."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import logging
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from offing.kernel.settings import BadSetting, load
from offing.xet.bucket_settings import address_of, bucket_of
from offing.xet.settings import XetSettings
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import ProxyProcess, RunningProxy, running_proxy, until

SOURCE = random.Random(47)  # noqa: S311  the same bytes in every run
MODEL = SOURCE.randbytes(5_000_000)
TEXT = b"".join(b"%d line\n" % number for number in range(100_000))
REPOSITORY = "acme/model"
MODEL_PATH, TEXT_PATH = f"/download/{REPOSITORY}/model.bin", f"/download/{REPOSITORY}/tokenizer.txt"
ANYBODY = (
    "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)
SECRET = "the-secret-of-the-bucket"  # noqa: S105  made up
numbers = itertools.count()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload(REPOSITORY, {"model.bin": MODEL, "tokenizer.txt": TEXT})
        hub.upload("acme/hidden", {"model.bin": MODEL}, private=True)
        yield hub


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an S3 server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store: str) -> dict[str, str]:
    """The settings of an empty bucket."""
    name = f"tier-{next(numbers)}"
    connection = http.client.HTTPConnection(store)
    connection.request("PUT", f"/{name}", headers={"Authorization": ANYBODY})
    assert connection.getresponse().status == 200
    connection.close()
    return settings_of(store, name)


def settings_of(store: str, name: str) -> dict[str, str]:
    return {
        "OFFING_XET_BUCKET": f"s3://{name}/some/prefix/",
        "OFFING_XET_BUCKET_ENDPOINT": f"http://{store}",
        "OFFING_XET_BUCKET_KEY": "key",
        "OFFING_XET_BUCKET_SECRET": SECRET,
        "NO_PROXY": "127.0.0.1",
    }


def counted(proxy: RunningProxy, name: str) -> float:
    return proxy.metric(f"offing_xet_bucket_{name}_total")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def fill(hub: RunningHub, cache: Path, bucket: dict[str, str]) -> None:
    """Have a service put both files into the bucket."""
    with running_proxy(hub, cache, **bucket) as proxy, proxy.client() as client:
        for number, (path, content) in enumerate(((MODEL_PATH, MODEL), (TEXT_PATH, TEXT)), start=1):
            assert client.get(path).content == content
            until(lambda number=number: counted(proxy, "uploads") == number)  # type: ignore[misc]


def test_what_one_service_had_another_has_without_asking_the_content_store(
    hub: RunningHub, tmp_path: Path, bucket: dict[str, str]
) -> None:
    fill(hub, tmp_path / "first", bucket)
    hub.log.clear()
    with running_proxy(hub, tmp_path / "second", **bucket) as proxy, proxy.client() as client:
        answer = client.get(MODEL_PATH)
        assert (sha256(answer.content), answer.headers["x-offing-verified"]) == (sha256(MODEL), "file")
        assert counted(proxy, "hits") == 1
        assert hub.log.totals["xorb"].requests == hub.log.totals["reconstruction"].requests == 0
        # The caller's right is asked about at the hub all the same.
        assert [each.method for each in hub.log.of("resolve")] == ["HEAD"]
        until(lambda: proxy.metric("offing_xet_cache_entries") == 1)
        assert client.get(MODEL_PATH).content == MODEL
        assert counted(proxy, "hits") == 1


def test_a_small_file_that_left_the_disk_comes_back_from_the_bucket(
    hub: RunningHub, tmp_path: Path, bucket: dict[str, str]
) -> None:
    fill(hub, tmp_path / "xet", bucket)
    for entry in (tmp_path / "xet" / "entries").iterdir():
        entry.unlink()
    hub.log.clear()
    with running_proxy(hub, tmp_path / "xet", **bucket) as proxy, proxy.client() as client:
        answer = client.get(TEXT_PATH)
        assert (answer.content, answer.headers["x-offing-verified"]) == (TEXT, "file")
        assert counted(proxy, "hits") == 1
    assert [each.method for each in hub.log.of("resolve")] == ["HEAD"]


def test_who_may_not_read_a_file_does_not_have_it_from_the_bucket(
    hub: RunningHub, tmp_path: Path, bucket: dict[str, str]
) -> None:
    fill(hub, tmp_path / "first", bucket)
    path = "/download/acme/hidden/model.bin"
    with running_proxy(hub, tmp_path / "second", **bucket) as proxy:
        with proxy.client() as client:
            assert client.get(path).status_code == 401
            assert counted(proxy, "hits") == 0
        with proxy.client(OWNER_TOKEN) as client:
            assert client.get(path).content == MODEL
            assert counted(proxy, "hits") == 1


@pytest.mark.parametrize("way", ["nobody", "no bucket", "silent"])
def test_a_bucket_that_fails_costs_a_warning_and_no_download(
    hub: RunningHub, tmp_path: Path, store: str, way: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"127.0.0.1:{deaf.getsockname()[1]}"
        bucket = settings_of(store if way == "no bucket" else address, "nowhere")
        if way == "nobody":
            deaf.close()
        process = ProxyProcess(hub, tmp_path / "xet", tmp_path / "said", **bucket)
        process.start()
        try:
            with httpx.Client(base_url=process.base, trust_env=False, timeout=60) as client:
                for path, content in ((MODEL_PATH, MODEL), (TEXT_PATH, TEXT), (MODEL_PATH, MODEL)):
                    assert client.get(path).content == content
                failures = "offing_xet_bucket_failures_total"
                until(lambda: metric(client, failures) > 0)
        finally:
            assert process.stop() == 0
    assert SECRET not in process.said
    lines = [json.loads(line) for line in process.said.splitlines() if line.startswith("{")]
    assert not [line for line in lines if line["level"] not in {"info", "warning"}]


def metric(client: httpx.Client, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), 0.0)


def test_a_bucket_that_holds_something_else_is_not_believed(
    hub: RunningHub, tmp_path: Path, bucket: dict[str, str], store: str
) -> None:
    fill(hub, tmp_path / "first", bucket)
    name = bucket["OFFING_XET_BUCKET"].split("/")[2]
    path = f"/{name}/some/prefix/{hub.xet_hash(REPOSITORY, 'model.bin')}/data"
    connection = http.client.HTTPConnection(store)
    connection.request("PUT", path, bytes(len(MODEL)), headers={"Authorization": ANYBODY})
    assert connection.getresponse().status == 200
    connection.close()
    with running_proxy(hub, tmp_path / "second", **bucket) as proxy, proxy.client() as client:
        assert sha256(client.get(MODEL_PATH).content) == sha256(MODEL)
        assert counted(proxy, "damaged") == 1


def test_offline_the_bucket_is_not_asked(hub: RunningHub, tmp_path: Path, bucket: dict[str, str]) -> None:
    fill(hub, tmp_path / "xet", bucket)
    for entry in (tmp_path / "xet" / "entries").iterdir():
        entry.unlink()
    offline = {**bucket, "OFFING_XET_OFFLINE": "1"}
    with running_proxy(hub, tmp_path / "xet", **offline) as proxy, proxy.client() as client:
        assert client.get(MODEL_PATH).json()["code"] == "not-cached"


def test_a_stop_lets_the_uploads_end(hub: RunningHub, tmp_path: Path, bucket: dict[str, str]) -> None:
    with running_proxy(hub, tmp_path / "first", **bucket) as proxy, proxy.client() as client:
        client.get(MODEL_PATH)
    hub.log.clear()
    with running_proxy(hub, tmp_path / "second", **bucket) as proxy, proxy.client() as client:
        assert client.get(MODEL_PATH).content == MODEL
        assert hub.log.totals["xorb"].requests == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUCKET", "bucket"),
        ("BUCKET", "https://bucket/prefix"),
        ("BUCKET", "s3://"),
        ("BUCKET", "s3://a b"),
        ("BUCKET_ENDPOINT", "s3.example"),
        ("BUCKET_ENDPOINT", "file:///etc"),
    ],
)
def test_what_names_no_bucket_is_refused_at_the_start(name: str, value: str) -> None:
    with pytest.raises(BadSetting):
        load(XetSettings, "OFFING_XET_", {f"OFFING_XET_{name}": value})


@pytest.mark.parametrize(
    ("variables", "endpoint", "region"),
    [
        ({}, "https://s3.us-east-1.amazonaws.com", "us-east-1"),
        ({"AWS_REGION": "eu-central-1"}, "https://s3.eu-central-1.amazonaws.com", "eu-central-1"),
        ({"AWS_ENDPOINT_URL": "https://x.r2.example/"}, "https://x.r2.example", "auto"),
    ],
)
def test_the_store_is_amazons_unless_another_is_named(
    variables: dict[str, str], endpoint: str, region: str
) -> None:
    named = {"OFFING_XET_BUCKET": "s3://models/a/b/", **variables}
    assert bucket_of(load(XetSettings, "OFFING_XET_", {})) is None
    address = address_of(load(XetSettings, "OFFING_XET_", named))
    assert (address.name, address.prefix) == ("models", "a/b")
    assert (address.endpoint, address.region) == (endpoint, region)
    assert bucket_of(load(XetSettings, "OFFING_XET_", named)) is not None
