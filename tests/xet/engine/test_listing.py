"""Listings: page after page, bounded, and never a path that leads out of a folder."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine import listing
from offing.xet.engine.links import find_link
from offing.xet.engine.listing import Info, ListedFile
from offing.xet.engine.repository import Repository
from offing.xet.problems import BadName, EntryNotFound, RepositoryNotFound, RevisionNotFound, UpstreamFailed
from tests.xet.engine.scripted_hub import COMMIT, SHA256, TOKEN, XET_HASH, Script, ScriptedHub, client, reply

REPOSITORY = Repository("owner/repo")
TREE = "GET /api/models/owner/repo/tree/main"
FIRST = f"{TREE}?recursive=true"
INFO = "GET /api/models/owner/repo/revision/main?expand=sha&expand=private&expand=gated"


def rows(*rows: dict[str, Any], link: str = "") -> bytes:
    return reply(200, json.dumps(rows).encode(), Link=link)


def row(path: str, size: int = 5, **members: Any) -> dict[str, Any]:
    return {"type": "file", "oid": "0" * 40, "size": size, "path": path, **members}


LARGE = row("weights/a.bin", 135, lfs={"oid": SHA256, "size": 135, "pointerSize": 130}, xetHash=XET_HASH)
FOLDER = {"type": "directory", "oid": "0" * 40, "size": 0, "path": "weights"}


async def listed(hub: ScriptedHub, *others: ScriptedHub, **options: Any) -> list[ListedFile]:
    async with client(hub, *others) as asking:
        return [each async for each in asking.files(REPOSITORY, TOKEN, **options)]


def files(script: Script, **options: Any) -> list[ListedFile]:
    async def scenario() -> list[ListedFile]:
        async with ScriptedHub(script) as hub:
            return await listed(hub, **options)

    return asyncio.run(scenario())


def test_files_are_listed_with_their_hashes_and_folders_are_not() -> None:
    assert files({FIRST: rows(row("config.json"), FOLDER, LARGE)}) == [
        ListedFile("config.json", 5, None, None),
        ListedFile("weights/a.bin", 135, SHA256, XET_HASH),
    ]


def test_a_folder_can_be_listed_alone_and_flat() -> None:
    script = {f"{TREE}/my%20folder/x?recursive=false": rows(row("my folder/x/y"))}
    assert [each.path for each in files(script, folder="my folder/x", recursive=False)] == ["my folder/x/y"]


def test_pages_are_followed_with_the_token() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub:
            second, third = f"{FIRST}&cursor=a%3D", f"{FIRST}&cursor=b"
            absolute = f'<{hub.origin}{second[4:]}>; rel="next"'
            relative = f'</x>; rel=prev, <{third[4:]}>; title="a, b"; rel="next"'
            hub.answer(
                {
                    FIRST: rows(row("1"), link=absolute),
                    second: rows(row("2"), link=relative),
                    third: rows(row("3")),
                }
            )
            assert [each.path for each in await listed(hub)] == ["1", "2", "3"]
            assert hub.tokens == [f"Bearer {TOKEN}"] * 3
            assert hub.connections == 1

    asyncio.run(scenario())


def test_files_come_before_the_next_page_is_asked() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, client(hub) as asking:
            hub.answer({FIRST: rows(row("1"), link=f'<{FIRST[4:]}&cursor=a>; rel="next"')})
            first = await anext(aiter(asking.files(REPOSITORY, TOKEN)))
            assert first.path == "1"
            assert hub.lines == [FIRST]

    asyncio.run(scenario())


def test_a_next_page_at_another_hub_is_asked_of_this_one() -> None:
    async def scenario() -> None:
        async with ScriptedHub() as hub, ScriptedHub() as other:
            link = f'<{other.origin}/api/models/owner/repo/tree/main?recursive=true&cursor=a>; rel="next"'
            hub.answer({FIRST: rows(row("1"), link=link), f"{FIRST}&cursor=a": rows(row("2"))})
            assert [each.path for each in await listed(hub, other)] == ["1", "2"]
            assert other.connections == 0

    asyncio.run(scenario())


def test_a_listing_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 7)

    async def scenario() -> None:
        async with ScriptedHub() as hub:
            hub.answer({FIRST: rows(link=f'<{FIRST[4:]}>; rel="next"')})
            with pytest.raises(UpstreamFailed):
                await listed(hub)
            assert len(hub.requests) == 7

    asyncio.run(scenario())


def test_a_listing_of_too_many_files_is_a_failure_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_FILES", 2)
    page = rows(row("1"), row("2"), link=f'<{FIRST[4:]}>; rel="next"')
    with pytest.raises(UpstreamFailed):
        files({FIRST: page})


def test_a_page_that_is_too_large_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGE_BYTES", 100)
    with pytest.raises(UpstreamFailed):
        files({FIRST: rows(row("1"), row("2"))})


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a\\..\\b",
        ".git/hooks/x",
        "a\x00",
        "x" * 256,
        "\ud800",
    ],
)
def test_a_path_that_leads_elsewhere_is_a_failure(path: str) -> None:
    with pytest.raises(UpstreamFailed):
        files({FIRST: rows(row(path))})


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"null", b"[1]", b"\xff", b"[" * 100_000, b'[{"type":"file"}]',
     b'[{"type":"file","path":"a","size":-1}]', b'[{"type":"file","path":"a","size":10000000000000000}]',
     b'[{"type":"file","path":"a","xetHash":"../x"}]',
     b'[{"type":"file","path":"a","x":' + b"[" * 100_000, b'[{"type":"file","path":"\xff"}]'],
)  # fmt: skip
def test_a_listing_without_sense_is_a_failure(body: bytes) -> None:
    with pytest.raises(UpstreamFailed):
        files({FIRST: reply(200, body)})


def test_what_is_missing_is_told_apart() -> None:
    with pytest.raises(RepositoryNotFound):
        files({FIRST: reply(404)})
    with pytest.raises(RevisionNotFound):
        files({FIRST: reply(404, X_Error_Code="RevisionNotFound")})
    with pytest.raises(EntryNotFound):
        files({}, folder="nothing")
    with pytest.raises(BadName):
        files({}, folder="../x")


def test_a_page_that_fails_is_asked_again() -> None:
    assert len(files({FIRST: [reply(503), b"", rows(row("1"))]})) == 1


@pytest.mark.parametrize(("gated", "is_gated"), [(False, False), ("auto", True), ("manual", True)])
def test_a_revision_is_described(gated: bool | str, is_gated: bool) -> None:  # noqa: FBT001  a case of the test
    async def scenario() -> None:
        body = json.dumps({"id": "owner/repo", "sha": COMMIT, "private": True, "gated": gated}).encode()
        async with ScriptedHub({INFO: reply(200, body)}) as hub, client(hub) as asking:
            assert await asking.info(REPOSITORY, TOKEN) == Info(COMMIT, private=True, gated=is_gated)

    asyncio.run(scenario())


@pytest.mark.parametrize("body", [b"", b"{}", b'{"sha":null}', b'{"sha":"../x"}', b'{"sha":"main"}'])
def test_a_description_without_sense_is_a_failure(body: bytes) -> None:
    async def scenario() -> None:
        async with ScriptedHub({INFO: reply(200, body)}) as hub, client(hub) as asking:
            with pytest.raises(UpstreamFailed):
                await asking.info(REPOSITORY, TOKEN)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("", None),
        ("<a>; rel=next", "a"),
        ('<a>; rel="next"', "a"),
        ('<a>;rel="prev  NEXT"', "a"),
        ('<a>; REL = "next"', "a"),
        ("<a>; rel=prev", None),
        ("<a>; rel=nextly", None),
        ('<a>; title="<b>; rel=next"', None),
        (r'<a>; title="\"; rel=next"', None),
        ('<a>; rel=prev; rel=next, <b>; rel="next"', "b"),
        ('<a,b>; rel="x", , <c?d=e;f=g,h>; rel="next"', "c?d=e;f=g,h"),
        ("<a>; foo; rel=next", "a"),
        ("<a> rel=next", None),
        ("a; rel=next", None),
        ('<a>; rel="next', None),
        ("<>; rel=next", ""),
        ("<a>; rel=next" + " " * 20_000, None),
    ],
)
def test_the_link_of_a_relation_is_found(header: str, target: str | None) -> None:
    assert find_link(header, "next") == target


URI = st.text(st.sampled_from('ab/:?&=;,%" '), max_size=20)
QUOTED = st.text(st.sampled_from("ab;,<>= "), max_size=20)


@given(st.lists(st.tuples(URI, QUOTED, st.sampled_from(["prev", "next", "xet-auth"])), max_size=6))
def test_links_are_found_whatever_stands_between_them(links: list[tuple[str, str, str]]) -> None:
    header = ", ".join(f'<{uri}>; title="{title}"; rel="{relation}"' for uri, title, relation in links)
    expected = next((uri for uri, _, relation in links if relation == "next"), None)
    assert find_link(header, "next") == expected


@given(st.text(st.sampled_from('<>;,="\\ relnxta'), max_size=200))
def test_no_header_breaks_the_reading_of_links(header: str) -> None:
    found = find_link(header, "next")
    assert found is None or f"<{found}>" in header


@pytest.mark.parametrize("part", ["<", ";", '"', "\\", " ", '<a>;x="', "<a>;", "; ", ",", '<>;="\\'])
def test_a_hostile_header_is_read_in_no_time(part: str) -> None:
    assert find_link("<a>" + part * (16_000 // len(part)), "next") is None
