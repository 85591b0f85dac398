"""Tokens for the content store: whose they are, how long they are kept, and that they stay secret."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from offing.kernel.fetch import FetchSettings
from offing.xet.engine.calls import Calls
from offing.xet.engine.repository import Repository
from offing.xet.engine.tokens import Access, AccessTokens, read_access
from offing.xet.problems import Gated, NoRight, UpstreamFailed
from offing.xet.wire import Answer, Http
from tests.xet.engine.scripted_hub import COMMIT, OTHER_COMMIT, TOKEN, ScriptedHub, client, impatient, reply

REPOSITORY = Repository("owner/repo", "datasets", COMMIT)
ASKED = f"GET /api/datasets/owner/repo/xet-read-token/{COMMIT}"
SOON = time.time() + 3600
STORE = "https://cas.example"
GIVEN = "for-the-store"


def grant(given: str = GIVEN, *, expires: float = SOON, url: str = STORE) -> bytes:
    return reply(200, json.dumps({"accessToken": given, "exp": int(expires), "casUrl": url}).encode())


@asynccontextmanager
async def tokens(
    hub: ScriptedHub, *, entries: int = 8, now: float | None = None
) -> AsyncIterator[AccessTokens]:
    http = Http(FetchSettings(), trusted=[hub.origin])
    calls = Calls(http, hub.origin, retries=impatient(), seconds=10)
    try:
        yield AccessTokens(calls, entries=entries, clock=time.time if now is None else lambda: now)
    finally:
        await http.close()


async def asked(kept: AccessTokens, caller: str | None, *, refused: Access | None = None) -> str:
    return (await kept.get(REPOSITORY, caller, refused=refused)).token


def test_a_token_is_asked_for_with_the_caller_s() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: grant()}) as hub, client(hub) as asking:
            access = await asking.cas_access(REPOSITORY, TOKEN)
            assert access == Access(STORE, GIVEN, int(SOON))
            assert hub.tokens == [f"Bearer {TOKEN}"]

    asyncio.run(scenario())


def test_a_token_is_kept_while_it_is_good() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: [grant("first"), grant("second")]}) as hub, tokens(hub) as kept:
            assert [await asked(kept, TOKEN) for _ in range(3)] == ["first"] * 3
            assert len(hub.requests) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(("left", "requests"), [(61, 1), (59, 2), (-5, 2)])
def test_a_token_is_renewed_a_minute_before_its_end(left: float, requests: int) -> None:
    async def scenario() -> None:
        now = 1_000_000.0
        script = {ASKED: grant(expires=now + left)}
        async with ScriptedHub(script) as hub, tokens(hub, now=now) as kept:
            await kept.get(REPOSITORY, TOKEN)
            await kept.get(REPOSITORY, TOKEN)
            assert len(hub.requests) == requests

    asyncio.run(scenario())


def test_no_caller_gets_another_s_token() -> None:
    async def scenario() -> None:
        answers = [grant("for-a"), reply(401), grant("for-nobody"), reply(403, X_Error_Code="GatedRepo")]
        async with ScriptedHub({ASKED: answers}) as hub, tokens(hub) as kept:
            assert await asked(kept, "hf_a") == "for-a"
            with pytest.raises(NoRight):
                await kept.get(REPOSITORY, "hf_b")
            assert await asked(kept, None) == "for-nobody"
            with pytest.raises(Gated):
                await kept.get(REPOSITORY, "hf_c")
            assert await asked(kept, "hf_a") == "for-a"

    asyncio.run(scenario())


def test_each_revision_kind_and_name_has_its_own_token() -> None:
    async def scenario() -> None:
        models, alone = Repository("owner/repo", "models", COMMIT), Repository("repo", "datasets", COMMIT)
        sources = {"a": REPOSITORY, "b": REPOSITORY.at(OTHER_COMMIT), "c": models, "d": alone}
        script = {f"GET {each.token_target}": grant(token) for token, each in sources.items()}
        async with ScriptedHub(script) as hub, tokens(hub) as kept:
            for _ in range(2):
                given = {token: (await kept.get(each, TOKEN)).token for token, each in sources.items()}
                assert given == {token: token for token in sources}
            assert len(hub.requests) == 4

    asyncio.run(scenario())


def test_callers_at_once_share_one_request() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: grant()}) as hub, tokens(hub) as kept:
            given = await asyncio.gather(*(kept.get(REPOSITORY, TOKEN) for _ in range(50)))
            assert len(set(given)) == 1
            assert len(hub.requests) == 1

    asyncio.run(scenario())


def test_a_caller_that_goes_away_does_not_take_the_token_from_the_others() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: grant()}) as hub, tokens(hub) as kept:
            first = asyncio.create_task(kept.get(REPOSITORY, TOKEN))
            second = asyncio.create_task(kept.get(REPOSITORY, TOKEN))
            await asyncio.sleep(0)
            first.cancel()
            assert (await second) == Access(STORE, GIVEN, int(SOON))
            assert len(hub.requests) == 1

    asyncio.run(scenario())


def test_a_refused_token_is_not_given_again() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: [grant("first"), grant("second")]}) as hub, tokens(hub) as kept:
            refused = await kept.get(REPOSITORY, TOKEN)
            renewed = await asyncio.gather(*(kept.get(REPOSITORY, TOKEN, refused=refused) for _ in range(5)))
            assert {each.token for each in renewed} == {"second"}
            assert await asked(kept, TOKEN, refused=refused) == "second"
            assert len(hub.requests) == 2

    asyncio.run(scenario())


def test_a_failure_is_not_kept() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: [reply(401), grant()]}) as hub, tokens(hub) as kept:
            with pytest.raises(NoRight):
                await kept.get(REPOSITORY, TOKEN)
            assert await asked(kept, TOKEN) == GIVEN

    asyncio.run(scenario())


def test_the_number_of_kept_tokens_is_bounded() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: grant()}) as hub, tokens(hub, entries=2) as kept:
            for caller in ("hf_a", "hf_b", "hf_c", "hf_c", "hf_b", "hf_a"):
                await kept.get(REPOSITORY, caller)
            assert len(hub.requests) == 4

    asyncio.run(scenario())


@pytest.mark.parametrize("token", ["", "a b", "a\r\nb"])
def test_what_is_no_token_is_refused_before_anything_is_sent(token: str) -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: grant()}) as hub, tokens(hub) as kept:
            with pytest.raises(NoRight):
                await kept.get(REPOSITORY, token)
            assert hub.connections == 0

    asyncio.run(scenario())


def test_a_token_is_read_from_headers_where_the_body_is_none() -> None:
    headers = {
        "x-xet-cas-url": STORE + "/",
        "x-xet-access-token": "t",
        "x-xet-token-expiration": "1800000000",
    }
    access = read_access(Answer(200, headers, b""), "https://hub.example")
    assert access == Access(STORE, "t", 1_800_000_000)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff",
        b'{"accessToken":"\xff"}',
        b'{"x":' + b"[" * 100_000,
        b'{"accessToken":"t","exp":1800000000}',
        b'{"accessToken":"t","exp":"soon","casUrl":"https://c"}',
        b'{"accessToken":"t","exp":0,"casUrl":"https://c"}',
        b'{"accessToken":"t","exp":1e300,"casUrl":"https://c"}',
        b'{"accessToken":"","exp":1800000000,"casUrl":"https://c"}',
        b'{"accessToken":"a\\r\\nb: c","exp":1800000000,"casUrl":"https://c"}',
        b'{"accessToken":"%s","exp":1800000000,"casUrl":"https://c"}' % (b"x" * 20_000),
        b'{"accessToken":"t","exp":1800000000,"casUrl":"file:///etc/passwd"}',
        b'{"accessToken":"t","exp":1800000000,"casUrl":"https://user:password@c"}',
        b'{"accessToken":"t","exp":1800000000,"casUrl":"https://c?x=y"}',
        b'{"accessToken":"t","exp":1800000000,"casUrl":"http://c"}',
    ],
)
def test_an_answer_without_sense_is_a_failure(body: bytes) -> None:
    with pytest.raises(UpstreamFailed):
        read_access(Answer(200, {}, body), "https://hub.example")


def test_a_store_without_tls_is_one_for_a_hub_without_tls() -> None:
    body = b'{"accessToken":"t","exp":1800000000,"casUrl":"http://127.0.0.1:9/cas/"}'
    assert read_access(Answer(200, {}, body), "http://127.0.0.1:8").url == "http://127.0.0.1:9/cas"


def test_the_representation_holds_no_secret() -> None:
    assert "secret" not in repr(Access("https://cas.example/secret", "secret", 1.0))


def test_the_memory_holds_no_token_of_a_caller() -> None:
    async def scenario() -> None:
        async with ScriptedHub({ASKED: grant()}) as hub, tokens(hub) as kept:
            await kept.get(REPOSITORY, TOKEN)
            assert TOKEN not in repr(vars(kept._kept))  # noqa: SLF001  nothing else shows what is kept

    asyncio.run(scenario())
