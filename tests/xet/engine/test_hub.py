"""Resolving files at a hub on loopback: what is read, where redirects may lead, what a refusal means."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Sequence

import pytest

from offing.kernel.fetch import BadUrl, FetchSettings
from offing.kernel.problems import Problem
from offing.xet.engine.hub import Hub
from offing.xet.engine.repository import Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.problems import (
    BadName,
    EntryNotFound,
    Forbidden,
    Gated,
    NoRight,
    RateLimited,
    RepositoryNotFound,
    RevisionNotFound,
    UpstreamFailed,
    UpstreamTimedOut,
    XetProblem,
)
from offing.xet.wire import Http
from tests.xet.engine.scripted_hub import (
    COMMIT,
    OTHER_COMMIT,
    SHA256,
    TOKEN,
    XET_HASH,
    Script,
    ScriptedHub,
    client,
    impatient,
    reply,
    told,
)

REPOSITORY = Repository("owner/repo")
HEAD = "HEAD /owner/repo/resolve/main/folder/file.bin"
PATH = "folder/file.bin"


async def resolve(
    hub: ScriptedHub, *others: ScriptedHub, token: str | None = TOKEN, path: str = ""
) -> Resolved:
    async with client(hub, *others, path=path) as asking:
        return await asking.resolve(REPOSITORY, PATH, token)


def resolved(script: Script, token: str | None = TOKEN) -> Resolved:
    async def scenario() -> Resolved:
        async with ScriptedHub(script) as hub:
            return await resolve(hub, token=token)

    return asyncio.run(scenario())


def refused(answer: bytes | Sequence[bytes], token: str | None = TOKEN) -> Problem:
    with pytest.raises(Problem) as caught:
        resolved({HEAD: answer}, token)
    return caught.value


def test_a_large_file_is_told_by_the_headers_of_the_answer() -> None:
    found = resolved({HEAD: reply(200, **told(5_000_000_000, ETag='"other"', Content_Length="7"))})
    assert (found.path, found.filename, found.size) == (PATH, "file.bin", 5_000_000_000)
    assert (found.etag, found.sha256, found.xet_hash, found.commit) == (SHA256, SHA256, XET_HASH, COMMIT)
    assert found.pinned == Repository("owner/repo", revision=COMMIT)


def test_a_small_file_is_told_by_its_own_headers() -> None:
    date = "Sun, 06 Nov 1994 08:49:37 GMT"
    found = resolved({HEAD: reply(200, b"hello", X_Repo_Commit=COMMIT, ETag='W/"d0e1"', Last_Modified=date)})
    assert (found.size, found.etag, found.sha256, found.xet_hash) == (5, "d0e1", None, None)
    assert found.last_modified == date


def test_a_redirect_to_storage_is_the_location_and_is_not_asked() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub() as storage:
            signed = f"{storage.origin}/blob?signature=s3cret"
            hub.answer({HEAD: reply(302, b"Found", Location=signed, **told())})
            found = await resolve(hub, storage)
            assert (found.location, found.size, found.sha256) == (signed, 11, SHA256)
            assert storage.requests == []
            assert "s3cret" not in repr(found)

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository_is_followed_with_the_token(status: int) -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub:
            to = "/owner/renamed/resolve/main/folder/file.bin"
            hub.answer(
                {
                    HEAD: reply(status, b"Moved", Location=to, ETag='"of the text"'),
                    f"HEAD {to}": reply(**told()),
                }
            )
            found = await resolve(hub)
            assert found.location == f"{hub.origin}/owner/repo/resolve/{COMMIT}/folder/file.bin"
            assert found.etag == SHA256
            assert hub.tokens == [f"Bearer {TOKEN}"] * 2
            assert hub.connections == 1

    asyncio.run(scenario())


def test_what_only_the_redirect_says_is_kept() -> None:
    to = "/api/resolve-cache/models/owner/repo/file.bin"
    found = resolved(
        {HEAD: reply(307, Location=to, **told()), f"HEAD {to}": reply(200, b"hello world", ETag='"x"')}
    )
    assert (found.commit, found.etag, found.size, found.xet_hash) == (COMMIT, SHA256, 11, XET_HASH)


def test_the_etag_of_a_redirect_within_the_hub_is_not_the_file_s() -> None:
    headers = {"X_Repo_Commit": COMMIT, "X_Linked_Size": "11", "ETag": '"of the text"'}
    found = resolved({HEAD: reply(307, Location="/x", **headers), "HEAD /x": reply(200, ETag='"d0e1"')})
    assert (found.commit, found.etag, found.size) == (COMMIT, "d0e1", 11)


def test_a_hub_behind_the_endpoint_is_followed_without_the_token() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as mirror, ScriptedHub() as behind:
            mirror.answer({HEAD: reply(308, Location=behind.origin + "/x")})
            behind.answer({"HEAD /x": reply(200, **told())})
            found = await resolve(mirror, behind)
            assert (found.size, found.location) == (11, behind.origin + "/x")
            assert mirror.tokens == [f"Bearer {TOKEN}"]
            assert behind.tokens == [None]

    asyncio.run(scenario())


def test_a_redirect_that_leads_away_and_back_does_not_get_the_token_again() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub() as elsewhere:
            hub.answer({HEAD: reply(302, Location=elsewhere.origin + "/x"), "HEAD /y": reply(200, **told())})
            elsewhere.answer({"HEAD /x": reply(302, Location=hub.origin + "/y")})
            await resolve(hub, elsewhere)
            assert hub.tokens == [f"Bearer {TOKEN}", None]
            assert elsewhere.tokens == [None]

    asyncio.run(scenario())


def test_the_hub_s_word_counts_before_that_of_storage() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub() as storage:
            hub.answer(
                {HEAD: reply(302, Location=storage.origin + "/x", X_Repo_Commit=COMMIT, X_Xet_Hash=XET_HASH)}
            )
            other = told(7, X_Repo_Commit=OTHER_COMMIT, X_Xet_Hash="f" * 64)
            storage.answer({"HEAD /x": reply(200, **other)})
            found = await resolve(hub, storage)
            assert (found.commit, found.xet_hash, found.size) == (COMMIT, XET_HASH, 7)

    asyncio.run(scenario())


def test_a_redirect_to_an_address_of_this_network_is_refused() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub() as inner:
            hub.answer({HEAD: reply(302, Location=inner.origin + "/x")})
            with pytest.raises(UpstreamFailed) as caught:
                await resolve(hub)
            assert inner.connections == 0
            assert "127.0.0.1" not in caught.value.public_text

    asyncio.run(scenario())


@pytest.mark.parametrize("location", ["ftp://x/y", "http://user@x/", "http://[", "http://a b/", "//"])
def test_a_redirect_to_what_is_no_address_is_a_failure(location: str) -> None:
    assert isinstance(refused(reply(302, Location=location)), UpstreamFailed)


def test_redirects_end() -> None:
    async def scenario() -> None:
        async with ScriptedHub({HEAD: reply(307, Location=HEAD.removeprefix("HEAD "))}) as hub:
            with pytest.raises(UpstreamFailed):
                await resolve(hub)
            assert len(hub.requests) == 6

    asyncio.run(scenario())


def test_no_token_means_no_authorization() -> None:
    async def scenario() -> None:
        async with ScriptedHub({HEAD: reply(**told())}) as hub:
            await resolve(hub, token=None)
            assert hub.tokens == [None]

    asyncio.run(scenario())


@pytest.mark.parametrize("token", ["", "a b", "a\r\nX-Evil: 1", "a\n", "ä", "\x00", "x" * 4097])
def test_what_is_no_token_is_refused_before_anything_is_sent(token: str) -> None:
    async def scenario() -> None:
        async with ScriptedHub({HEAD: reply(**told())}) as hub:
            with pytest.raises(NoRight):
                await resolve(hub, token=token)
            assert hub.connections == 0

    asyncio.run(scenario())


def test_a_hub_below_a_path_is_asked_there() -> None:
    async def scenario() -> None:
        async with ScriptedHub({HEAD.replace(" ", " /mirror/hub"): reply(**told())}) as hub:
            found = await resolve(hub, path="/mirror/hub/")
            assert found.size == 11

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "endpoint", ["", "hub", "ftp://x", "http://x/?a=b", "http://u:p@x/", "http://x/" + "a" * 512]
)
def test_an_endpoint_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(BadUrl):
        Hub(Http(FetchSettings()), endpoint)


def test_a_path_that_leads_elsewhere_is_never_asked() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, client(hub) as asking:
            with pytest.raises(BadName):
                await asking.resolve(REPOSITORY, "../../x", TOKEN)
            assert hub.connections == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        ({"X_Repo_Commit": ""}, "commit"),
        ({"X_Repo_Commit": "main"}, "commit"),
        ({"X_Repo_Commit": "../" * 13 + "a"}, "commit"),
        ({"X_Linked_Size": "-1"}, "size"),
        ({"X_Linked_Size": "1e9"}, "size"),
        ({"X_Linked_Size": "9" * 17}, "size"),
        ({"X_Linked_ETag": '""'}, "ETag"),
        ({"X_Linked_ETag": '"a b"'}, "ETag"),
        ({"X_Linked_ETag": "x" * 300}, "ETag"),
        ({"X_Linked_ETag": ""}, "ETag"),
        ({"X_Xet_Hash": "ab"}, "hash"),
        ({"X_Xet_Hash": "../" * 21 + "x"}, "hash"),
    ],
)
def test_an_answer_without_sense_is_a_failure(headers: dict[str, str], missing: str) -> None:
    problem = refused(reply(200, **(told() | headers)))
    assert isinstance(problem, UpstreamFailed)
    assert missing in problem.public_text


def test_the_length_of_a_compressed_answer_is_not_taken_for_the_file_s() -> None:
    headers = told() | {"X_Linked_Size": "", "Content_Encoding": "gzip", "Content_Length": "5"}
    assert isinstance(refused(reply(200, **headers)), UpstreamFailed)


@pytest.mark.parametrize(
    ("status", "code", "token", "kind"),
    [
        (404, "RepoNotFound", TOKEN, RepositoryNotFound),
        (401, "RepoNotFound", TOKEN, RepositoryNotFound),
        (401, "RepoNotFound", None, NoRight),
        (404, "RepoNotFound", None, RepositoryNotFound),
        (404, "RevisionNotFound", TOKEN, RevisionNotFound),
        (404, "EntryNotFound", TOKEN, EntryNotFound),
        (403, "GatedRepo", TOKEN, Gated),
        (401, "GatedRepo", None, Gated),
        (401, "", TOKEN, NoRight),
        (401, "", None, NoRight),
        (403, "", TOKEN, Forbidden),
        (404, "", TOKEN, EntryNotFound),
        (404, "<script>", TOKEN, EntryNotFound),
        (400, "", TOKEN, UpstreamFailed),
        (418, "", TOKEN, UpstreamFailed),
        (451, "", TOKEN, UpstreamFailed),
        (304, "", TOKEN, UpstreamFailed),
        (302, "", TOKEN, UpstreamFailed),
        (500, "", TOKEN, UpstreamFailed),
        (500, "EntryNotFound", TOKEN, UpstreamFailed),
        (504, "", TOKEN, UpstreamTimedOut),
        (429, "", TOKEN, RateLimited),
    ],
)
def test_each_refusal_is_told_apart(status: int, code: str, token: str | None, kind: type[Problem]) -> None:
    secret = "the hub's own words " + TOKEN
    problem = refused(reply(status, secret.encode(), X_Error_Code=code, X_Error_Message=secret), token)
    assert type(problem) is kind
    assert "own words" not in str(problem.body()) + str(problem.headers)


def test_a_gated_repository_comes_with_its_page() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, client(hub) as asking:
            data = Repository("owner/repo", "datasets")
            hub.answer({"HEAD /datasets/owner/repo/resolve/main/x": reply(403, X_Error_Code="GatedRepo")})
            with pytest.raises(Gated) as caught:
                await asking.resolve(data, "x", TOKEN)
            assert caught.value.members == {"page": f"{hub.origin}/datasets/owner/repo"}

    asyncio.run(scenario())


def test_a_refusal_of_a_server_behind_the_hub_says_nothing_of_the_caller_s_rights() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub() as elsewhere:
            hub.answer({HEAD: reply(302, Location=elsewhere.origin + "/x")})
            elsewhere.answer({"HEAD /x": reply(403, X_Error_Code="GatedRepo")})
            with pytest.raises(UpstreamFailed) as caught:
                await resolve(hub, elsewhere)
            assert caught.value.members == {"upstream_status": 403}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "failure", [reply(500), reply(502), reply(503), reply(504), reply(408), reply(429), b""]
)
def test_what_may_pass_is_asked_again(failure: bytes) -> None:
    assert resolved({HEAD: [failure, failure, reply(**told())]}).size == 11


def test_a_hub_that_keeps_failing_is_asked_three_times_and_no_more() -> None:
    async def scenario() -> None:
        async with ScriptedHub({HEAD: reply(503)}) as hub:
            with pytest.raises(UpstreamFailed):
                await resolve(hub)
            assert len(hub.requests) == 3

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_asked_again(status: int) -> None:
    async def scenario() -> None:
        async with ScriptedHub({HEAD: reply(status)}) as hub:
            with pytest.raises(XetProblem):
                await resolve(hub)
            assert len(hub.requests) == 1

    asyncio.run(scenario())


def test_a_long_rate_limit_is_told_with_its_seconds_at_once() -> None:
    problem = refused(reply(429, Retry_After="120"))
    assert isinstance(problem, RateLimited)
    assert problem.headers == {"Retry-After": "120"}


def test_a_hub_that_is_not_there_is_a_failure() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub:
            gone = hub.origin
        http = Http(FetchSettings(), trusted=[gone])
        with pytest.raises(UpstreamFailed):
            await Hub(http, gone, retries=impatient()).resolve(REPOSITORY, PATH, TOKEN)
        await http.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "bytes_", [b"HTTP/9.9 huh\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 9999]
)
def test_an_answer_that_is_not_http_is_a_failure(bytes_: bytes) -> None:
    assert isinstance(refused(bytes_ + b"\r\n\r\n"), UpstreamFailed)


def test_the_token_is_in_no_log_no_representation_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (reply(401), reply(500), b"", b"nonsense\r\n\r\n"):
        problem = refused(answer)
        told_of = "".join(traceback.format_exception(problem)) + repr(problem) + str(problem.body())
        assert TOKEN not in told_of
        assert "folder/file.bin" not in str(problem.body())
    assert TOKEN not in caplog.text
