"""Webhooks: signed, at public https addresses only, once, and again where they were not taken."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme

from offing.kernel.fetch import Fetcher, FetchSettings
from offing.kernel.jobs.problems import BadWebhook
from offing.kernel.jobs.webhook import Webhooks, signed
from offing.kernel.settings import BadSetting
from tests.kernel.fetch.servers import Received, Server, answer, read_head, redirect
from tests.kernel.jobs.office import PATIENCE, Office, running

pytestmark = pytest.mark.anyio
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Hook(Server):
    """Takes calls, and answers each as told: the last answer for all that follow."""

    def __init__(self, *answers: bytes, tls: ssl.SSLContext) -> None:
        super().__init__(tls=tls)
        self._answers = list(answers)
        self.calls: list[tuple[Received, bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one call and answer it."""
        received = await read_head(reader)
        body = await reader.readexactly(int(received.headers["content-length"]))
        self.calls.append((received, body))
        writer.write(self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])
        await writer.drain()

    async def called(self, times: int) -> None:
        """Return once so many calls have come."""
        deadline = time.monotonic() + PATIENCE
        while len(self.calls) < times:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of a server at 127.0.0.1, whose certificate this machine trusts for the test."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("OFFING_FETCH_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("OFFING_FETCH_NO_PROXY", "*")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@asynccontextmanager
async def calling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, private: bool = True
) -> AsyncIterator[Office]:
    """A server that calls webhooks, also at 127.0.0.1 where ``private``."""
    monkeypatch.setenv("OFFING_FETCH_ALLOW_NETWORKS", "127.0.0.0/8" if private else "")
    async with running(tmp_path, monkeypatch, webhook_key=KEY) as office:
        yield office


async def settled(office: Office) -> None:
    """Return once no webhook is due any more."""
    (jobs,) = office.app.companions
    store: Any = jobs._store  # type: ignore[attr-defined]  # noqa: SLF001  nobody else can tell
    deadline = time.monotonic() + PATIENCE
    while await store.next_webhook() is not None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_the_job_is_sent_signed_once_it_has_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext
) -> None:
    async with (
        Hook(answer(status="204 No Content"), tls=tls) as hook,
        calling(tmp_path, monkeypatch) as office,
    ):
        made = await office.ask(f"webhook=https://127.0.0.1:{hook.port}/done?for=me&gate=a")
        assert hook.calls == []
        office.open("a")
        done = await office.ended(made)
        await hook.called(1)
        await settled(office)
    ((received, body),) = hook.calls
    assert received.line == "POST /done?for=me HTTP/1.1"
    assert msgspec.json.decode(body) == done
    headers = received.headers
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == done["id"]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(base64.b64decode(KEY.removeprefix("whsec_")), content, hashlib.sha256)
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


async def test_a_call_that_is_not_taken_is_made_again_until_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext
) -> None:
    answers = (answer(status="500 No"), answer(status="404 No"), answer())
    async with Hook(*answers, tls=tls) as hook, calling(tmp_path, monkeypatch) as office:
        await office.ask(f"webhook=https://127.0.0.1:{hook.port}/")
        await hook.called(3)
        await settled(office)
        assert len({received.headers["webhook-id"] for received, _ in hook.calls}) == 1
        assert len(hook.calls) == 3


async def test_after_five_calls_nobody_is_called_and_redirects_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext
) -> None:
    async with Hook(answer(), tls=tls) as other:
        elsewhere = redirect(f"https://127.0.0.1:{other.port}/", 307)
        async with Hook(elsewhere, tls=tls) as hook, calling(tmp_path, monkeypatch) as office:
            await office.ask(f"webhook=https://127.0.0.1:{hook.port}/")
            await hook.called(5)
            await settled(office)
            assert (len(hook.calls), other.connections) == (5, 0)


async def test_a_failed_job_is_told_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext
) -> None:
    async with Hook(answer(), tls=tls) as hook, calling(tmp_path, monkeypatch) as office:
        await office.ask(f"do=no&webhook=https://127.0.0.1:{hook.port}/")
        await hook.called(1)
        told = msgspec.json.decode(hook.calls[0][1])
        assert (told["state"], told["problem"]["status"]) == ("failed", 409)


async def test_an_address_that_is_not_public_is_never_connected_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext
) -> None:
    async with Hook(answer(), tls=tls) as hook:
        async with calling(tmp_path, monkeypatch) as office:
            made = await office.ask(f"gate=a&webhook=https://127.0.0.1:{hook.port}/")
        (tmp_path / "a").touch()
        async with calling(tmp_path, monkeypatch, private=False) as office:
            await office.ended(made)
            await settled(office)
            assert hook.connections == 0
            refused = await office.client.post(f"/desk/jobs?webhook=https://127.0.0.1:{hook.port}/")
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid-option")


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "https://user@example.com/", "ftp://example.com", "x", "https://" + "a" * 3000],
)
async def test_what_is_no_https_url_makes_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    async with calling(tmp_path, monkeypatch) as office:
        refused = await office.client.post("/desk/jobs", params={"webhook": url}, content=b"x")
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-option")
        assert refused.json()["option"] == "webhook"


async def test_without_a_key_no_webhook_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as office:
        refused = await office.client.post("/desk/jobs?webhook=https://example.com/", content=b"x")
        assert (refused.status_code, refused.json()["detail"]) == (422, "Webhooks are not set up here.")


async def test_the_signature_is_that_of_the_specifications_example() -> None:
    # standardwebhooks.com, the reference libraries' own test vector.
    headers = signed(
        base64.b64decode(KEY.removeprefix("whsec_")), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
        b'{"test": 2432232314}',
    )  # fmt: skip
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("key", ["whsec_" + "A" * 33, "whsec_QUJD"])
async def test_a_key_that_is_none_is_a_bad_setting_and_is_not_repeated(key: str) -> None:
    with pytest.raises(BadSetting) as raised:
        Webhooks(key, Fetcher(FetchSettings()))
    assert key not in str(raised.value)


async def test_a_url_is_kept_in_its_plain_form() -> None:
    webhooks = Webhooks(KEY, Fetcher(FetchSettings()))
    assert webhooks.read("HTTPS://Example.COM:443/a?b=c#d") == "https://example.com/a?b=c"
    for url in ("https://example.com\\@other/", "https://localhost/", "https://printer/", "https://[::1]/"):
        with pytest.raises(BadWebhook):
            webhooks.read(url)
