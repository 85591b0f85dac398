"""What ``POST /v1/image/analysis/url`` refuses before it fetches anything."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.contract.asking import BY_URL, ask_by_url, check, error_of

PRIVATE = (
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1",
    "017700000001", "0177.0.0.1",
    "0", "0.0.0.0", "00000", "localhost", "LOCALHOST", "localhost.", "10.0.0.1", "10.1", "172.16.0.1",  # noqa: S104  not bound to, but asked for
    "172.31.255.255",
    "192.168.0.1", "192.168.257", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.254",
    "192.0.0.1", "192.0.2.1",
    "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]", "[2002:7f00:1::]", "[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[ff02::1]",
    "[2001:db8::1]",
    "127.0.0.1:22", "user:password@127.0.0.1", "example.com@127.0.0.1", "①②⑦.⓪.⓪.①", "127。0。0。1",
    "%31%32%37.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("url", ["", " ", "\t\n  "])
def test_an_empty_url_is_400(client: httpx.Client, url: str) -> None:
    assert error_of(ask_by_url(client, {"url": url}), 400) == {"error": "URL cannot be empty"}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/x.png", "file:///etc/hostname", "javascript:alert(1)",
        "data:image/png;base64,AA==", "//example.com/x",
        "example.com/x.png", "gopher://127.0.0.1:6379/_x", "blob:http://example.com/x", "http:/example.com",
        "http:example.com",
        "x", "/etc/hostname", "http", "https:",
    ],
)  # fmt: skip
def test_another_scheme_is_400(client: httpx.Client, url: str) -> None:
    error = error_of(ask_by_url(client, {"url": url}), 400)
    assert list(error) == ["error", "detail"]
    assert error["error"] == "Invalid URL scheme"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", PRIVATE)
def test_an_address_that_is_not_public_is_400_in_every_notation(
    client: httpx.Client, host: str, scheme: str
) -> None:
    error = error_of(ask_by_url(client, {"url": f"{scheme}://{host}/x.png"}), 400)
    assert list(error) == ["error", "detail"]
    assert error["error"] == "Invalid URL"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "/x",
        "[::1",
        "::1]",
        "[]",
        "[zz]",
        "a b",
        "a\nb",
        "127.0.0.1:99999",
        "127.0.0.1:x",
        "..",
        "\x00",
        "a" * 300,
        "-" * 70 + ".com",
    ],
)
def test_a_malformed_url_is_400(client: httpx.Client, host: str) -> None:
    error = error_of(ask_by_url(client, {"url": f"http://{host}"}), 400)
    assert error["error"] in {"Invalid URL", "Invalid URL scheme", "Failed to download image from URL"}


def test_spaces_around_the_url_do_not_hide_its_address(client: httpx.Client) -> None:
    assert error_of(ask_by_url(client, {"url": "  http://127.0.0.1/  "}), 400)["error"] == "Invalid URL"


def test_the_refusal_does_not_tell_addresses(client: httpx.Client) -> None:
    response = ask_by_url(client, {"url": "http://localhost/x"})
    assert "127.0.0.1" not in response.text
    assert "::1" not in response.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"url": "", "metrics": "foo", "edge_mode": "foo"}, "Invalid metrics requested"),
        ({"url": "ftp://x", "edge_mode": "foo"}, "Invalid edge_mode requested"),
        ({"url": "ftp://x", "metrics": None, "edge_mode": None}, "Invalid URL scheme"),
        ({"url": "ftp://x", "metrics": " MEDIAN,, ", "edge_mode": " ALL "}, "Invalid URL scheme"),
        ({"url": "http://127.0.0.1", "unknown": [1, 2]}, "Invalid URL"),
    ],
)
def test_parameters_are_checked_first_and_as_for_uploads(
    client: httpx.Client, fields: dict[str, Any], told: str
) -> None:
    assert error_of(ask_by_url(client, fields), 400)["error"] == told


def test_parameter_errors_have_the_same_bodies_as_for_uploads(client: httpx.Client) -> None:
    error = error_of(ask_by_url(client, {"url": "http://127.0.0.1", "metrics": "foo,median"}), 400)
    assert list(error) == ["error", "invalid_metrics", "valid_metrics"]
    assert error["invalid_metrics"] == ["foo"]
    error = error_of(ask_by_url(client, {"url": "http://127.0.0.1", "edge_mode": " Left"}), 400)
    assert list(error) == ["error", "received", "valid_modes"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"url": None},
        {"url": 5},
        {"url": ["http://127.0.0.1"]},
        {"metrics": "median"},
        {"url": "http://127.0.0.1", "metrics": 5},
        [],
        "x",
        None,
    ],
    ids=str,
)
def test_a_missing_or_mistyped_field_is_422(client: httpx.Client, fields: Any) -> None:
    assert ask_by_url(client, fields).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="open"),
        pytest.param(b"\xff\xfe", id="not-utf-8"),
        pytest.param(b'{"url": "\\ud800"}', id="lone-surrogate"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b'{"url": 1e999999}', id="huge-number"),
        pytest.param(b"{" + b'"a":1,' * 9_000 + b'"url":""', id="unclosed"),
    ],
)
def test_a_body_that_is_not_json_is_refused(client: httpx.Client, body: bytes) -> None:
    response = check(client.post(BY_URL, content=body, headers={"Content-Type": "application/json"}))
    assert response.status_code in {400, 413, 422}


def test_a_body_of_a_megabyte_is_refused(client: httpx.Client) -> None:
    response = ask_by_url(client, {"url": "http://127.0.0.1/" + "x" * 1_000_000})
    assert response.status_code in {400, 413, 422}
