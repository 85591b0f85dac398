"""Every range of a file is what the file has there, by plan and unpacked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.xet.engine.chunks import Scheme
from offing.xet.hub import unpacking
from offing.xet.hub.disk import Disk
from offing.xet.hub.recipes import Recipe
from offing.xet.hub.reconstruction import reconstruct
from offing.xet.hub.shards import Term
from offing.xet.hub.unpacking import unpack
from offing.xet.hub.xorbs import Xorbs
from tests.xet.hub.building import term, xorb

RANDOM = random.Random(4)  # noqa: S311  the same bytes in every run
XORBS = [[RANDOM.randbytes(RANDOM.randint(1, 40)) for _ in range(12)] for _ in range(3)]


@pytest.fixture(scope="module")
def xorbs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Xorbs]:
    disk = Disk(tmp_path_factory.mktemp("hub"))
    store = Xorbs(disk)
    for contents in XORBS:
        name, data = xorb(contents, list(Scheme))
        with disk.temporary() as temporary:
            temporary.write_bytes(data)
            store.take(name, temporary)
    yield store
    disk.close()


@st.composite
def files(draw: st.DrawFn) -> tuple[Recipe, bytes]:
    terms: list[Term] = []
    content = b""
    for _ in range(draw(st.integers(1, 6))):
        chunks = XORBS[draw(st.integers(0, 2))]
        start = draw(st.integers(0, 11))
        end = draw(st.integers(start + 1, 12))
        terms.append(term(xorb(chunks, list(Scheme))[0], chunks, start, end))
        content += b"".join(chunks[start:end])
    return Recipe(terms), content


@settings(max_examples=300)
@given(file=files(), data=st.data())
def test_a_range_is_what_the_file_has_there(
    xorbs: Xorbs, file: tuple[Recipe, bytes], data: st.DataObject
) -> None:
    recipe, content = file
    first = data.draw(st.integers(0, len(content) - 1))
    after = data.draw(st.integers(first + 1, len(content)))
    assert b"".join(unpack(recipe, (first, after), xorbs)) == content[first:after]

    plan = reconstruct(recipe, (first, after), xorbs)
    total = sum(each.length for each in plan.terms)
    last = plan.terms[-1]
    index = plan.indexes[last.xorb]
    assert plan.skip < plan.indexes[plan.terms[0].xorb].unpacked(plan.terms[0].start, plan.terms[0].start + 1)
    assert plan.skip + after - first <= total
    # No chunk is asked for that has no byte of the range.
    assert total - plan.skip - (after - first) < index.unpacked(last.end - 1, last.end)
    for each in plan.terms:
        assert any(start <= each.start and each.end <= end for start, end in plan.chunks[each.xorb])


@given(file=files())
def test_windows_join_without_a_seam(xorbs: Xorbs, file: tuple[Recipe, bytes]) -> None:
    recipe, content = file
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unpacking, "WINDOW", 7)
        assert b"".join(unpack(recipe, (0, recipe.size), xorbs)) == content


def test_runs_of_one_xorb_are_asked_for_once_and_at_most_so_many_together(xorbs: Xorbs) -> None:
    contents = XORBS[0]
    name = xorb(contents, list(Scheme))[0]
    runs = [(0, 2), (1, 3), (6, 7), (3, 4), (9, 12)]
    recipe = Recipe([term(name, contents, *run) for run in runs])
    plan = reconstruct(recipe, (0, recipe.size), xorbs)
    assert plan.chunks == {name: [(0, 4), (6, 7), (9, 12)]}

    def sign(xorb: str, ranges: list[tuple[int, int]]) -> str:
        return f"{xorb}/{len(ranges)}"

    second = plan.second_version(sign, together=2)
    assert [each["url"] for each in second["xorbs"][name]] == [f"{name}/2", f"{name}/1"]
    first = plan.first_version(sign)
    assert [each["range"] for each in first["fetch_info"][name]] == [
        {"start": 0, "end": 4},
        {"start": 6, "end": 7},
        {"start": 9, "end": 12},
    ]
    stored = (xorbs.path(name)).read_bytes()
    assert first["fetch_info"][name][-1]["url_range"]["end"] == len(stored) - 1


def test_a_xorb_that_went_missing_is_an_error_and_no_wrong_answer(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    with pytest.raises(FileNotFoundError):
        reconstruct(Recipe([Term("a" * 64, 0, 1, 10)]), (0, 10), Xorbs(disk))
    disk.close()
