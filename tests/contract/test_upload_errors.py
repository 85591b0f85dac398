"""What ``POST /v1/image/analysis`` answers to what it does not take: statuses and bodies to the letter."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.asking import ANALYSIS, check, error_of, form, send, unique_image, upload
from tests.hostile import forms
from tests.hostile import jpeg_writer as jpeg
from tests.hostile import png_writer as png

LARGEST = 5_242_880
V1_METRICS = {"brightness", "median", "histogram"}
MODES = ["left_right", "top_bottom", "all"]


@pytest.mark.parametrize(
    "declared",
    ["image/gif", "image/webp", "text/plain", "image/jpg", "IMAGE/PNG", "image/png; charset=utf-8", "png"],
)
def test_another_declared_type_is_415(client: httpx.Client, declared: str) -> None:
    error = error_of(upload(client, png.gray(), declared), 415)
    assert list(error.items()) == [
        ("error", "Unsupported image type"),
        ("allowed_types", ["image/jpeg", "image/png"]),
        ("received_type", declared),
    ]


def test_no_declared_type_is_415_and_told_as_null(client: httpx.Client) -> None:
    assert error_of(upload(client, png.gray(), None), 415)["received_type"] is None


def test_a_byte_over_five_megabytes_is_413(client: httpx.Client) -> None:
    error = error_of(upload(client, bytes(LARGEST + 1)), 413)
    assert list(error.items()) == [
        ("error", "Image exceeds maximum allowed size (5MB)"),
        ("max_size_bytes", LARGEST),
        ("received_size_bytes", LARGEST + 1),
    ]


def test_twelve_megabytes_are_413(client: httpx.Client) -> None:
    error = error_of(upload(client, bytes(12 * 1024 * 1024)), 413)
    assert list(error) == ["error", "max_size_bytes", "received_size_bytes"]
    assert error["max_size_bytes"] == LARGEST
    assert error["received_size_bytes"] > LARGEST


def test_twelve_megabytes_in_chunks_are_413(client: httpx.Client) -> None:
    body = form(bytes(12 * 1024 * 1024))
    pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    try:
        response = client.post(ANALYSIS, content=pieces, headers={"Content-Type": forms.KIND})
    except (httpx.WriteError, httpx.RemoteProtocolError):
        return  # the server has hung up on the rest, as it may
    assert error_of(check(response), 413)["max_size_bytes"] == LARGEST


def test_an_empty_file_is_400(client: httpx.Client) -> None:
    assert error_of(upload(client, b""), 400) == {"error": "Empty image file"}


@pytest.mark.parametrize(
    "data",
    [b"garbage", png.SIGNATURE, jpeg.SOI, png.gray()[:50]],
    ids=["garbage", "signature", "start-of-image", "cut"],
)
def test_what_cannot_be_read_is_400_in_our_own_words(client: httpx.Client, data: bytes) -> None:
    error = error_of(upload(client, data), 400)
    assert list(error) == ["error", "details"]
    assert error["error"] == "Invalid or corrupted image file"
    assert isinstance(error["details"], str)
    assert error["details"].strip()


def test_too_many_pixels_are_413_before_any_is_decoded(client: httpx.Client) -> None:
    error = error_of(
        upload(client, png.file(png.header(20_000, 20_000, 1), png.pixels(b"")), "image/png"), 413
    )
    assert list(error) == ["error", "max_pixels", "received_pixels"]
    assert error["error"] == "Image exceeds maximum allowed pixels"
    assert error["received_pixels"] == 400_000_000
    assert 24_000_000 <= error["max_pixels"] < 400_000_000


@pytest.mark.parametrize(
    ("asked", "unknown"),
    [
        ("foo", ["foo"]),
        ("brightness,foo", ["foo"]),
        (" FOO ,median", ["foo"]),
        ("foo,foo", ["foo"]),
        ("brightness;median", ["brightness;median"]),
    ],
)
def test_an_unknown_metric_is_400(client: httpx.Client, asked: str, unknown: list[str]) -> None:
    error = error_of(upload(client, png.gray(), params={"metrics": asked}), 400)
    assert list(error) == ["error", "invalid_metrics", "valid_metrics"]
    assert error["error"] == "Invalid metrics requested"
    assert error["invalid_metrics"] == unknown
    assert set(error["valid_metrics"]) >= V1_METRICS
    assert len(error["valid_metrics"]) == len(set(error["valid_metrics"]))


def test_lists_in_errors_keep_their_order(client: httpx.Client) -> None:
    asked = {"metrics": ",".join(f"unknown{number}" for number in range(30))}
    errors = [error_of(upload(client, png.gray(), params=asked), 400) for _ in range(5)]
    assert len(errors[0]["invalid_metrics"]) == 30
    assert all(error == errors[0] for error in errors)


@pytest.mark.parametrize("asked", ["", " ", "left", "none", "left_right,all", "all;", "ночь"])
def test_an_unknown_edge_mode_is_400_and_told_as_it_came(client: httpx.Client, asked: str) -> None:
    error = error_of(upload(client, png.gray(), params={"edge_mode": asked}), 400)
    assert list(error.items()) == [
        ("error", "Invalid edge_mode requested"),
        ("received", asked),
        ("valid_modes", MODES),
    ]


def test_the_first_fault_in_the_contracts_order_is_told(client: httpx.Client) -> None:
    for data, declared, params, status, told in (
        (b"", "text/plain", {"metrics": "foo", "edge_mode": "foo"}, 400, "Invalid metrics requested"),
        (b"", "text/plain", {"edge_mode": "foo"}, 400, "Invalid edge_mode requested"),
        (b"", "text/plain", {}, 415, "Unsupported image type"),
        (b"garbage", "text/plain", {}, 415, "Unsupported image type"),
        (b"garbage", "image/png", {"metrics": "foo"}, 400, "Invalid metrics requested"),
        (b"", "image/png", {"edge_mode": "foo"}, 400, "Invalid edge_mode requested"),
    ):
        assert error_of(upload(client, data, declared, params), status)["error"] == told


@pytest.mark.parametrize(
    "body",
    [
        form(png.gray(), name="file"),
        form(png.gray(), name="IMAGE"),
        forms.whole(forms.field("image", b"x")),
        forms.whole(forms.field("metrics", b"median")),
    ],
    ids=["another-name", "name-in-capitals", "text-field", "no-file"],
)
def test_a_form_without_the_image_field_is_422(client: httpx.Client, body: bytes) -> None:
    response = send(client, body)
    assert response.status_code == 422
    assert "image" in response.text


def test_a_request_without_a_form_is_422(client: httpx.Client) -> None:
    for response in (client.post(ANALYSIS), client.post(ANALYSIS, json={"image": "x"})):
        assert check(response).status_code == 422
        assert response.headers["content-type"] in {"application/json", "application/problem+json"}


def test_an_error_is_not_remembered_as_an_answer(client: httpx.Client) -> None:
    broken = unique_image()[:70]
    first, second = upload(client, broken), upload(client, broken)
    assert first.status_code == second.status_code == 400
    assert first.json() == second.json()
