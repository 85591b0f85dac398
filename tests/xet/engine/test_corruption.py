"""Damage of every kind: a whole file that is not the one asked for is never taken for it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from offing.xet.engine.chunks import HEADER_BYTES, Scheme
from offing.xet.engine.reader import Reader
from offing.xet.engine.verify import WholeFile
from offing.xet.hub.faults import Rule
from offing.xet.problems import Corrupt, XetProblem
from tests.xet.engine.stocked import (
    FILES,
    REPOSITORY,
    Outcome,
    Stocked,
    Stored,
    collect,
    impatient,
    read,
    stored_chunks,
)

NAME = "mixed.bin"
BYTES: dict[str, Callable[[Stored], int]] = {
    "version": lambda chunk: chunk.place,
    "compressed length, low": lambda chunk: chunk.place + 1,
    "compressed length, middle": lambda chunk: chunk.place + 2,
    "compressed length, high": lambda chunk: chunk.place + 3,
    "scheme": lambda chunk: chunk.place + 4,
    "length, low": lambda chunk: chunk.place + 5,
    "length, middle": lambda chunk: chunk.place + 6,
    "length, high": lambda chunk: chunk.place + 7,
    "first of the payload": lambda chunk: chunk.place + HEADER_BYTES,
    "fifth of the payload": lambda chunk: chunk.place + HEADER_BYTES + 4,
    "seventh of the payload": lambda chunk: chunk.place + HEADER_BYTES + 6,
    "middle of the payload": lambda chunk: (chunk.place + HEADER_BYTES + chunk.end) // 2,
    "last of the payload": lambda chunk: chunk.end - 1,
}
"""In an LZ4 frame the first four bytes are its mark, the fifth its flags, the seventh may be a check."""
MASKS = (0x01, 0x80, 0x03)


def check(outcome: Outcome, name: str = NAME) -> None:
    """The right file, or a problem and less than the whole of it."""
    if outcome.problem is None:
        assert outcome.content == FILES[name]
    else:
        assert len(outcome.content) < len(FILES[name])


def check_failed(outcome: Outcome, name: str = NAME) -> None:
    """A problem, and less than the whole file."""
    assert isinstance(outcome.problem, XetProblem)
    assert len(outcome.content) < len(FILES[name])


@pytest.fixture
def chunks(stocked: Stocked) -> list[Stored]:
    """The chunks of the file's xorb."""
    return stored_chunks(stocked.xorb_of(NAME))


@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("where", BYTES)
def test_a_changed_byte_never_gives_another_file(stocked: Stocked, scheme: Scheme, where: str) -> None:
    name = "words.bin" if scheme is Scheme.LZ4 else NAME
    chunks = stored_chunks(stocked.xorb_of(name))
    of_scheme = [chunk for chunk in chunks if chunk.header.scheme == scheme]
    assert len(of_scheme) >= 3

    async def test(reader: Reader) -> None:
        for chunk in (of_scheme[0], of_scheme[-1]):
            for mask in MASKS:
                stocked.hub.set_faults(Rule(what="flip", on="xorb", at=BYTES[where](chunk), mask=mask))
                outcome = await read(reader, name)
                check(outcome, name)
                # Of a frame, some flags may change and its content stay the same.
                if scheme is Scheme.NONE or "payload" not in where:
                    check_failed(outcome, name)

    stocked.run(test, retries=impatient(1))


def test_a_changed_byte_anywhere_never_gives_another_file(stocked: Stocked, chunks: list[Stored]) -> None:
    chance = random.Random(11)  # noqa: S311  the same in every run

    async def test(reader: Reader) -> None:
        for _ in range(60):
            place, mask = chance.randrange(chunks[-1].end), chance.randrange(1, 256)
            stocked.hub.set_faults(Rule(what="flip", on="xorb", at=place, mask=mask))
            check(await read(reader, NAME))

    stocked.run(test, retries=impatient(1))


def test_damage_that_the_next_answer_does_not_have_is_mended(stocked: Stocked, chunks: list[Stored]) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.set_faults(Rule(what="flip", on="xorb", at=chunks[2].place, times=1))
        outcome = await read(reader, NAME)
        assert outcome.problem is None
        assert outcome.content == FILES[NAME]

    stocked.run(test)


def test_damage_is_told_as_such(stocked: Stocked, chunks: list[Stored]) -> None:
    async def test(reader: Reader) -> None:
        for place in (chunks[0].place, chunks[0].place + HEADER_BYTES, chunks[-1].end - 1):
            stocked.hub.set_faults(Rule(what="flip", on="xorb", at=place))
            assert isinstance((await read(reader, NAME)).problem, Corrupt)

    stocked.run(test)


def test_a_chunk_that_two_windows_have_is_checked_as_it_is_handed_over(
    stocked: Stocked, chunks: list[Stored]
) -> None:
    content = 0
    for crossing in chunks:
        content += crossing.header.length
        if content > 1 << 20:
            break

    async def test(reader: Reader) -> None:
        for first in range(3):
            rule = Rule(what="flip", at=crossing.place + HEADER_BYTES + 50, first=first, times=1)
            stocked.hub.set_faults(rule)
            check(await read(reader, NAME))

    stocked.run(test)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_truncated_xorb_fails(stocked: Stocked, share: float) -> None:
    xorb = stocked.xorb_of(NAME)
    content = xorb.read_bytes()

    async def test(reader: Reader) -> None:
        with stocked.changed(xorb, content[: int(len(content) * share)]):
            check_failed(await read(reader, NAME))

    stocked.run(test)


def test_a_swapped_xorb_fails(stocked: Stocked) -> None:
    xorb, other = stocked.xorb_of(NAME), stocked.xorb_of("large.bin")

    async def test(reader: Reader) -> None:
        with stocked.changed(xorb, other.read_bytes()):
            check_failed(await read(reader, NAME))

    stocked.run(test)


def test_a_xorb_of_the_same_form_and_other_content_fails(stocked: Stocked) -> None:
    xorb = stocked.xorb_of("large.bin")
    content = bytearray(xorb.read_bytes())
    for chunk in stored_chunks(xorb):
        content[chunk.place + HEADER_BYTES : chunk.end] = bytes(chunk.end - chunk.place - HEADER_BYTES)

    async def test(reader: Reader) -> None:
        with stocked.changed(xorb, bytes(content)):
            outcome = await read(reader, "large.bin")
            check_failed(outcome, "large.bin")
            assert isinstance(outcome.problem, Corrupt)

    stocked.run(test)


Told = dict[str, Any]


def _swap_terms(told: Told) -> Told:
    terms = told["terms"]
    if len(terms) > 3:
        terms[1], terms[2] = terms[2], terms[1]
    return told


def _drop_term(told: Told) -> Told:
    if len(told["terms"]) > 3:
        del told["terms"][1]
    return told


def _repeat_term(told: Told) -> Told:
    told["terms"].insert(0, told["terms"][0])
    return told


def _shift_chunks(told: Told) -> Told:
    chunks = told["terms"][-1]["range"]
    if chunks["start"]:
        told["terms"][-1]["range"] = {"start": chunks["start"] - 1, "end": chunks["end"] - 1}
    return told


def _shift_bytes(told: Told) -> Told:
    for several in told["xorbs"].values():
        for part in several:
            for span in part["ranges"]:
                span["chunks"]["start"] += 1
                span["chunks"]["end"] += 1
    return told


def _lengthen(told: Told) -> Told:
    told["terms"][0]["unpacked_length"] += 1
    return told


def _shorten(told: Told) -> Told:
    told["terms"][-1]["unpacked_length"] -= 1
    return told


def _balance(told: Told) -> Told:
    if len(told["terms"]) > 3:
        told["terms"][1]["unpacked_length"] -= 1000
        told["terms"][2]["unpacked_length"] += 1000
    return told


def _begin_late(told: Told) -> Told:
    told["offset_into_first_range"] += 1
    return told


def _widen(told: Told) -> Told:
    for several in told["xorbs"].values():
        for part in several:
            for span in part["ranges"]:
                span["chunks"]["end"] += 1
    return told


LIES = [
    _swap_terms, _drop_term, _repeat_term, _shift_chunks, _shift_bytes, _lengthen, _shorten, _balance,
    _begin_late, _widen,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", ["edited.bin", "mixed.bin"])
def test_a_plan_that_is_wrong_never_gives_another_file(
    stocked: Stocked, name: str, lie: Callable[[Told], Told]
) -> None:
    async def test(reader: Reader) -> None:
        stocked.hub.app.plan.rewrite = lie
        outcome = await read(reader, name)
        check(outcome, name)
        if name == "edited.bin" and lie is not _widen:  # which is harmless: all that is wanted comes
            check_failed(outcome, name)

    stocked.run(test)


def test_a_plan_of_another_file_fails(stocked: Stocked) -> None:
    async def test(reader: Reader) -> None:
        file = await reader.resolve(REPOSITORY, "large.bin")
        other = (await reader.resolve(REPOSITORY, "edited.bin")).xet_hash or ""
        whole = WholeFile(file.xet_hash or "", file.size)
        stream = reader.verified(file.pinned, other, 0, file.size, whole, token=None)
        check_failed(await collect(stream), "large.bin")

    stocked.run(test)


@pytest.mark.parametrize(("name", "plain"), [("large.bin", True), ("small.txt", False)])
def test_wrong_bytes_of_a_file_that_is_not_read_through_xet_fail(
    stocked: Stocked, name: str, *, plain: bool
) -> None:
    size = len(FILES[name])

    async def test(reader: Reader) -> None:
        assert (await read(reader, name, plain=plain)).content == FILES[name]
        for place in (0, size // 2, size - 1):
            stocked.hub.set_faults(Rule(what="flip", on="resolve", at=place, mask=1))
            outcome = await read(reader, name, plain=plain)
            check_failed(outcome, name)
            assert isinstance(outcome.problem, Corrupt)

    stocked.run(test)
