"""Forms are read the same however they are cut into chunks, and every count and size is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

import pytest
from hypothesis import example, given, settings, strategies

from offing.kernel.multipart import (
    LARGEST_BOUNDARY,
    LARGEST_HEADERS,
    MOST_HEADERS,
    MOST_PARTS,
    Part,
    read_form,
)
from offing.kernel.problems import BadRequest

BOUNDARY = b"----boundary"
NAMES = strategies.text(
    strategies.characters(codec="utf-8", exclude_characters='"\\\r\n\x00', exclude_categories=["Cc"]),
    min_size=1,
)
NEAR_BOUNDARY = strategies.sampled_from(
    [b"\r\n------bound", b"\r\n------boundar", b"\r\n", b"--", b"\r\n------boundaryx", b"------boundary--"]
)
DATA = strategies.lists(strategies.one_of(strategies.binary(max_size=60), NEAR_BOUNDARY), max_size=6).map(
    b"".join
)
FIELDS = strategies.lists(strategies.tuples(NAMES, strategies.none() | NAMES, DATA), min_size=1, max_size=6)


def read(chunks: Iterable[bytes], content_type: str | None = None) -> list[Part]:
    """Read a form that comes in chunks."""

    async def arriving() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    kind = content_type or f"multipart/form-data; boundary={BOUNDARY.decode()}"
    return asyncio.run(read_form(arriving(), kind))


def part(data: bytes = b"data", *headers: bytes, disposition: bytes = b'form-data; name="field"') -> bytes:
    """One part, without its boundary."""
    return b"\r\n".join([b"Content-Disposition: " + disposition, *headers, b"", data])


def form(*parts: bytes, boundary: bytes = BOUNDARY) -> bytes:
    """A whole form."""
    return (
        b"".join(b"--" + boundary + b"\r\n" + each + b"\r\n" for each in parts) + b"--" + boundary + b"--\r\n"
    )


def cut(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Cut data into chunks, the sizes taken in turn."""
    chunks: list[bytes] = []
    begin = 0
    while begin < len(data):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(data[begin : begin + size])
        begin += size
    return chunks


@settings(max_examples=200, deadline=None)
@given(fields=FIELDS, sizes=strategies.lists(strategies.integers(1, 40), min_size=1, max_size=8))
@example(fields=[("a", None, b"\r\n------bound"), ("b", "c", b"")], sizes=[1])
def test_any_form_in_any_chunks_comes_out_as_it_went_in(
    fields: list[tuple[str, str | None, bytes]], sizes: list[int]
) -> None:
    if any(b"\r\n--" + BOUNDARY in b"\r\n" + data + b"\r\n" for _, _, data in fields):
        return  # the writer of such a form has to choose another boundary
    parts = [
        part(
            data,
            disposition=f'form-data; name="{name}"'.encode()
            + (b"" if filename is None else f'; filename="{filename}"'.encode()),
        )
        for name, filename, data in fields
    ]
    found = read(cut(form(*parts), sizes))
    assert [(each.name, bytes(each.data)) for each in found] == [(name, data) for name, _, data in fields]
    assert [each.filename is None for each in found] == [filename is None for _, filename, _ in fields]


@settings(max_examples=300, deadline=None)
@given(
    body=strategies.lists(
        strategies.one_of(
            strategies.binary(max_size=30),
            strategies.sampled_from(
                [
                    b"--" + BOUNDARY,
                    b"\r\n",
                    b"--",
                    b"Content-Disposition: form-data; name=",
                    b": ",
                    b"\r\n\r\n",
                ]
            ),
        ),
        max_size=20,
    ).map(b"".join),
    sizes=strategies.lists(strategies.integers(1, 50), min_size=1, max_size=4),
)
def test_nonsense_is_a_bad_request_and_nothing_else(body: bytes, sizes: list[int]) -> None:
    outcomes = []
    for chunks in (cut(body, sizes), [body]):
        try:
            outcomes.append([(each.name, bytes(each.data)) for each in read(chunks)])
        except BadRequest:
            outcomes.append([])
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("length", range(len(form(part()))))
def test_a_form_that_ends_early_is_a_bad_request(length: int) -> None:
    whole = form(part())
    if length >= len(whole.removesuffix(b"\r\n")):
        assert len(read([whole[:length]])) == 1  # only the line's end is missing
    else:
        with pytest.raises(BadRequest):
            read([whole[:length]])


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "multipart/mixed; boundary=x",
        "multipart/form-data; boundary=" + "x" * (LARGEST_BOUNDARY + 1),
        "multipart/form-data; charset=utf-8; bound=x",
        ";;;===",
    ],
)
def test_a_type_without_a_valid_boundary_is_a_bad_request(content_type: str) -> None:
    with pytest.raises(BadRequest):
        read([form(part())], content_type or " ")


@pytest.mark.parametrize("boundary", [b"x", b"x" * LARGEST_BOUNDARY, b"'()+_,-./:=?"])
def test_boundaries_of_every_allowed_kind_are_taken(boundary: bytes) -> None:
    kind = f'Multipart/Form-Data; charset=utf-8; boundary="{boundary.decode()}"'
    (only,) = read([form(part(), boundary=boundary)], kind)
    assert only.data == b"data"


def test_a_form_may_have_so_many_parts() -> None:
    assert len(read([form(*[part()] * MOST_PARTS)])) == MOST_PARTS
    with pytest.raises(BadRequest, match=str(MOST_PARTS)):
        read([form(*[part()] * (MOST_PARTS + 1))])


def test_a_part_may_have_so_many_headers() -> None:
    extra = [b"X-%d: value" % number for number in range(MOST_HEADERS)]
    assert len(read([form(part(b"", *extra[:-1]))])[0].headers) == MOST_HEADERS
    with pytest.raises(BadRequest, match="too many headers"):
        read([form(part(b"", *extra))])


def test_a_part_may_not_repeat_a_header_to_pass_the_bound() -> None:
    with pytest.raises(BadRequest):
        read([form(part(b"", *[b"X-Same: value"] * 10_000))])


@pytest.mark.parametrize("sizes", [[1 << 20], [1000]])
def test_a_part_may_have_headers_so_large(sizes: list[int]) -> None:
    room = LARGEST_HEADERS - len(b'Content-Dispositionform-data; name="field"X-Long')
    assert read(cut(form(part(b"", b"X-Long: " + b"a" * room)), sizes))[0].data == b""
    for headers in (
        [b"X-Long: " + b"a" * (room + 1)],
        [b"X-%d: " % number + b"a" * 2000 for number in range(5)],
        [b"a" * (LARGEST_HEADERS + 1) + b": value"],
    ):
        with pytest.raises(BadRequest):
            read(cut(form(part(b"", *headers)), sizes))


def test_headers_that_never_end_are_not_gathered() -> None:
    taken = 0

    def endless() -> Iterable[bytes]:
        nonlocal taken
        yield b"--" + BOUNDARY + b"\r\nX-Long: "
        while True:
            taken += 1000
            yield b"a" * 1000

    with pytest.raises(BadRequest):
        read(endless())
    assert taken < 2 * LARGEST_HEADERS


def test_the_names_of_a_part_are_read_as_utf_8() -> None:
    disposition = 'form-data; name="größe"; filename="Öl & Essig.jpg"'.encode()
    (only,) = read([form(part(disposition=disposition))])
    assert (only.name, only.filename) == ("größe", "Öl & Essig.jpg")


def test_what_is_not_utf_8_does_not_fail() -> None:
    (only,) = read([form(part(disposition=b'form-data; name="\xff\xfe"'))])
    assert only.name == "\ufffd\ufffd"


def test_the_type_of_a_part_is_as_it_came() -> None:
    typed, untyped = read([form(part(b"", b"CONTENT-TYPE: Image/JPEG; x=y"), part())])
    assert (typed.content_type, untyped.content_type) == ("Image/JPEG; x=y", None)


def test_a_part_without_a_name_is_a_part() -> None:
    (only,) = read([form(b"X-Other: 1\r\n\r\ndata")])
    assert (only.name, only.filename) == (None, None)
    assert only.data == b"data"


def test_parts_of_the_same_name_come_in_their_order() -> None:
    assert [bytes(each.data) for each in read([form(part(b"1"), part(b"2"))])] == [b"1", b"2"]


def test_what_follows_the_closing_boundary_is_no_part() -> None:
    assert len(read([form(part()) + form(part())])) == 1


def test_a_form_without_parts_has_none() -> None:
    assert read([b"--" + BOUNDARY + b"--\r\n"]) == []
