"""Hostile and odd request bodies for ``POST /v1/image/analysis``: multipart/form-data (RFC 7578) and not."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.hostile import png_writer as png

BOUNDARY = "----OffingBoundary7MA4YWxk"
KIND = f"multipart/form-data; boundary={BOUNDARY}"
DISPOSITION = b'Content-Disposition: form-data; name="image"; filename="x.png"'
PNG_TYPE = b"Content-Type: image/png"

FINE = frozenset({200})
MALFORMED = frozenset({400})
MISSING = frozenset({422})
NO_IMAGE = frozenset({400, 415, 422})
"""Nothing in it is a file called ``image``; whether the form or the field is to blame is open."""
LENIENT_OR_STRICT = frozenset({200, 400, 422})
"""The standards leave it open."""
TOO_MUCH = frozenset({400, 413, 431})


@dataclass(frozen=True)
class Form:
    """A request body, the Content-Type that comes with it, and the right statuses of the answer."""

    name: str
    make: Callable[[], bytes]
    right: frozenset[int]
    content_type: str | None = KIND


def part(
    content: bytes | None = None,
    headers: tuple[bytes, ...] = (DISPOSITION, PNG_TYPE),
    boundary: str = BOUNDARY,
) -> bytes:
    """One part, with its delimiter before it; a small PNG where no content is given."""
    lines = (b"--" + boundary.encode(), *headers, b"", png.gray() if content is None else content, b"")
    return b"\r\n".join(lines)


def closing(boundary: str = BOUNDARY) -> bytes:
    """The delimiter that ends a form."""
    return b"--" + boundary.encode() + b"--\r\n"


def field(name: str, value: bytes = b"v") -> bytes:
    """A text field."""
    return part(value, (b'Content-Disposition: form-data; name="' + name.encode() + b'"',))


def whole(*parts: bytes) -> bytes:
    """A form of the parts."""
    return b"".join(parts) + closing()


def forms() -> Iterator[Form]:
    """All of them."""
    for group in (_boundaries, _types, _counts, _names, _filenames, _part_headers, _ends, _storms):
        yield from group()


def _boundaries() -> Iterator[Form]:
    body = partial(whole, part())
    yield Form("boundary-missing", body, MALFORMED, "multipart/form-data")
    yield Form("boundary-empty", body, frozenset({400, 422}), "multipart/form-data; boundary=")
    yield Form("boundary-empty-in-quotes", body, frozenset({400, 422}), 'multipart/form-data; boundary=""')
    yield Form("boundary-of-another-form", body, MALFORMED, "multipart/form-data; boundary=another")
    yield Form("boundary-in-quotes", body, FINE, f'multipart/form-data; boundary="{BOUNDARY}"')
    yield Form(
        "boundary-after-another-parameter",
        body,
        FINE,
        f"multipart/form-data; charset=utf-8; boundary={BOUNDARY}",
    )
    yield Form("boundary-given-twice", body, LENIENT_OR_STRICT, f"{KIND}; boundary=another")
    yield Form("type-in-capitals", body, FINE, f"MULTIPART/FORM-DATA; BOUNDARY={BOUNDARY}")
    for name, boundary, right in (
        ("of-70-characters", "b" * 70, FINE),
        ("of-one-character", "b", FINE),
        ("of-every-legal-sign", "a'()+_,-./:=?b", FINE),
        ("of-71-characters", "b" * 71, frozenset({200, 400})),
        ("of-10-kilobytes", "b" * 10_000, frozenset({200, 400, 431})),
    ):
        kind = f'multipart/form-data; boundary="{boundary}"'
        yield Form(f"boundary-{name}", partial(_bounded, boundary), right, kind)


def _bounded(boundary: str) -> bytes:
    return part(boundary=boundary) + closing(boundary)


def _types() -> Iterator[Form]:
    for name, kind, content in (
        ("none", None, b""),
        ("none-with-a-png", None, png.gray()),
        ("json", "application/json", b'{"image": "x"}'),
        ("urlencoded", "application/x-www-form-urlencoded", b"image=x"),
        ("plain-png", "image/png", png.gray()),
        ("text", "text/plain", b"image"),
    ):
        yield Form(f"type-{name}", partial(bytes, content), MISSING, kind)
    body = partial(whole, part())
    yield Form("type-multipart-mixed", body, NO_IMAGE, f"multipart/mixed; boundary={BOUNDARY}")
    yield Form(
        "type-of-backslashes", body, NO_IMAGE, 'application/x-www-form-urlencoded; !="' + "\\" * 20_000
    )
    yield Form("type-of-semicolons", body, NO_IMAGE | {200}, KIND + ";" * 20_000)
    yield Form("type-empty", body, NO_IMAGE, "")


def _counts() -> Iterator[Form]:
    few = b"".join(field(f"field{number}") for number in range(20))
    yield Form("20-fields-beside-the-image", partial(whole, few, part()), FINE)
    yield Form("10000-fields", lambda: whole(field("a") * 10_000, part()), TOO_MUCH)
    yield Form("10000-files", lambda: whole(_other_file() * 10_000, part()), TOO_MUCH)
    yield Form("10000-images", lambda: whole(part() * 10_000), TOO_MUCH)
    yield Form("no-parts", closing, NO_IMAGE)
    yield Form("empty", bytes, NO_IMAGE)
    yield Form("only-another-file", lambda: whole(_other_file()), MISSING)
    yield Form(
        "field-of-4-megabytes", lambda: whole(field("a", bytes(4 * 1024 * 1024)), part()), FINE | TOO_MUCH
    )
    yield Form("image-and-field-of-that-name", lambda: whole(field("image"), part()), LENIENT_OR_STRICT)


def _other_file() -> bytes:
    return part(
        b"v", (b'Content-Disposition: form-data; name="other"; filename="y"', b"Content-Type: text/plain")
    )


def _named(text: bytes, content: bytes | None = None) -> bytes:
    return whole(part(content, (b"Content-Disposition: " + text, PNG_TYPE)))


def _names() -> Iterator[Form]:
    for name, right, text in (
        ("without-quotes", FINE, b"form-data; name=image; filename=x.png"),
        ("without-name", frozenset({400, 422}), b'form-data; filename="x.png"'),
        ("without-filename", MISSING, b'form-data; name="image"'),
        ("in-capitals", MISSING, b'form-data; name="IMAGE"; filename="x.png"'),
        ("of-many", MISSING, b'form-data; name="image[]"; filename="x.png"'),
        ("empty", frozenset({400, 422}), b'form-data; name=""; filename="x.png"'),
        ("in-extended-form", LENIENT_OR_STRICT, b"form-data; name*=utf-8''image; filename=\"x.png\""),
        ("in-pieces", LENIENT_OR_STRICT, b'form-data; name*0="im"; name*1="age"; filename="x.png"'),
        ("percent-encoded", MISSING, b'form-data; name="im%61ge"; filename="x.png"'),
        ("of-invalid-utf-8", MISSING, b'form-data; name="\xff\xfe"; filename="x.png"'),
        (
            "of-6000-characters",
            MISSING | TOO_MUCH,
            b'form-data; name="' + b"n" * 6000 + b'"; filename="x.png"',
        ),
        ("twice", LENIENT_OR_STRICT, b'form-data; name="image"; name="other"; filename="x.png"'),
        ("of-an-attachment", LENIENT_OR_STRICT, b'attachment; name="image"; filename="x.png"'),
    ):
        yield Form(f"name-{name}", partial(_named, text), right)
    yield Form("disposition-missing", lambda: whole(part(None, (PNG_TYPE,))), frozenset({400, 422}))
    yield Form("disposition-empty", partial(_named, b""), frozenset({400, 422}))


def _filenames() -> Iterator[Form]:
    for name, right, filename in (
        ("empty", FINE, b""),
        ("of-a-parent-folder", FINE, b"../../../etc/passwd"),
        ("of-a-drive", FINE, rb"C:\windows\win.ini"),
        ("in-utf-8", FINE, "ночь-夜-🌃.png".encode()),
        ("of-invalid-utf-8", FINE, b"\xff\xfe\xfa.png"),
        ("with-percent-encoded-newlines", FINE, b"x%0D%0AContent-Type: text/html"),
        ("with-an-escaped-quote", FINE, rb"x\"y.png"),
        ("with-a-nul", LENIENT_OR_STRICT, b"x\0.png"),
        ("of-5000-characters", FINE | TOO_MUCH, b"x" * 5000),
        ("of-100000-characters", FINE | TOO_MUCH, b"x" * 100_000),
    ):
        text = b'form-data; name="image"; filename="' + filename + b'"'
        yield Form(f"filename-{name}", partial(_named, text), right)
    extended = b"form-data; name=\"image\"; filename*=utf-8''n%C3%A4cht.png"
    yield Form("filename-in-extended-form-alone", partial(_named, extended), LENIENT_OR_STRICT)
    both = b'form-data; name="image"; filename="x.png"; filename*=utf-8\'\'n%C3%A4cht.png'
    yield Form("filename-in-both-forms", partial(_named, both), FINE)


def _part_headers() -> Iterator[Form]:
    ours = (DISPOSITION, PNG_TYPE)
    capitals = (DISPOSITION.replace(b"Content-Disposition", b"CONTENT-DISPOSITION"), PNG_TYPE.lower())
    folded = (b'Content-Disposition: form-data;\r\n name="image"; filename="x"', PNG_TYPE)
    for name, right, headers in (
        ("in-capitals", FINE, capitals),
        ("in-the-other-order", FINE, (PNG_TYPE, DISPOSITION)),
        ("without-type", frozenset({415}), (DISPOSITION,)),
        ("with-empty-type", frozenset({415}), (DISPOSITION, b"Content-Type:")),
        ("with-two-types", LENIENT_OR_STRICT | {415}, (*ours, b"Content-Type: text/html")),
        ("folded", LENIENT_OR_STRICT, folded),
        ("without-colon", NO_IMAGE, (b"Content-Disposition", PNG_TYPE)),
        ("with-a-nul", LENIENT_OR_STRICT, (*ours, b"X-A: \0")),
        ("with-spaces-in-the-name", LENIENT_OR_STRICT, (*ours, b"X A: b")),
        ("of-a-megabyte", TOO_MUCH, (*ours, b"X-A: " + b"b" * 1024 * 1024)),
        ("with-a-name-of-100-kilobytes", TOO_MUCH, (*ours, b"X" * 100_000 + b": b")),
        ("10000-of-them", TOO_MUCH, (*ours, *[b"X-A: b"] * 10_000)),
        ("of-10000-parameters", FINE | TOO_MUCH, (DISPOSITION + b"; a=b" * 10_000, PNG_TYPE)),
        ("transfer-encoding-binary", FINE, (*ours, b"Content-Transfer-Encoding: binary")),
        ("transfer-encoding-unknown", LENIENT_OR_STRICT, (*ours, b"Content-Transfer-Encoding: x-zip")),
    ):
        yield Form(f"part-headers-{name}", partial(whole, part(None, headers)), right)
    encoded = part(base64.b64encode(png.gray()), (*ours, b"Content-Transfer-Encoding: base64"))
    yield Form("part-headers-transfer-encoding-base64", partial(whole, encoded), MALFORMED)
    nested = part(
        b"--inner\r\n\r\nx\r\n--inner--\r\n",
        (DISPOSITION, b"Content-Type: multipart/mixed; boundary=inner"),
    )
    yield Form("part-headers-of-a-nested-form", partial(whole, nested), NO_IMAGE)
    inner = whole(part()).replace(b"Offing", b"Inner")
    yield Form("part-headers-of-a-form-called-a-png", partial(whole, part(inner)), MALFORMED)


def _ends() -> Iterator[Form]:
    body = whole(part())
    for name, right, content in (
        ("without-the-last-newline", FINE, body[:-2]),
        ("with-words-after-it", FINE, body + b"the epilogue"),
        ("with-words-before-it", LENIENT_OR_STRICT, b"the preamble\r\n" + body),
        ("with-line-feeds-only", frozenset({400, 422}), body.replace(b"\r\n", b"\n")),
        ("before-its-closing-delimiter", frozenset({400, 422}), part()),
        ("inside-its-closing-delimiter", frozenset({400, 422}), body[:-5]),
        ("inside-the-image", frozenset({400, 422}), body[:200]),
        ("inside-the-headers", frozenset({400, 422}), body[:90]),
        ("inside-the-first-delimiter", frozenset({400, 422}), body[:9]),
        ("after-another-form", LENIENT_OR_STRICT, body + body),
        (
            "of-delimiters-without-parts",
            frozenset({400, 413, 422}),
            (b"--" + BOUNDARY.encode() + b"\r\n") * 1000,
        ),
        ("of-random-bytes", MALFORMED, bytes(range(256)) * 100),
    ):
        yield Form(f"body-{name}", partial(bytes, content), right)


def _storms() -> Iterator[Form]:
    """Bodies that make a careless parser go over the same bytes again and again, or log each of them."""
    almost = b"\r\n--" + BOUNDARY.encode()[:-1]
    comment = png.chunk(b"tEXt", b"k\0" + almost * 100_000)
    yield Form("storm-of-almost-delimiters", lambda: whole(part(png.gray(4, 4, comment))), FINE)
    returns = png.chunk(b"tEXt", b"k\0" + b"\r" * 3_000_000)
    yield Form("storm-of-carriage-returns", lambda: whole(part(png.gray(4, 4, returns))), FINE)
    yield Form("storm-of-newlines-before", lambda: b"\r\n" * 1_000_000 + whole(part()), LENIENT_OR_STRICT)
    yield Form("storm-of-words-after", lambda: whole(part()) + b"x" * 2_000_000, FINE | TOO_MUCH)
    yield Form("storm-of-newlines-after", lambda: whole(part()) + b"\r\n" * 1_000_000, FINE | TOO_MUCH)
    yield Form("storm-of-delimiters", lambda: (b"\r\n--" + BOUNDARY.encode()) * 100_000, TOO_MUCH | {422})
