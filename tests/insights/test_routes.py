"""The upload route: how options are read, in which order things are checked, what is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from offing.insights.engine.names import ALL_METRICS
from offing.insights.parameters import NAMES
from tests.hostile import png_writer as png
from tests.insights.images import ORIENTATION, flat, noise, saved, scene
from tests.insights.mutations import steady
from tests.insights.photographs import photograph
from tests.insights.serving import BY_URL, PATIENCE, UPLOAD, serving, upload
from tests.insights.test_formats import HEIC

pytestmark = pytest.mark.anyio

PICTURE = flat((10, 200, 30), (20, 10))
V1_FIELDS = ["width", "height", "algorithm", "cached", "processing_time_ms"]
FIELDS_OF = {"brightness": ["brightness_score", "average_luminance"], "median": ["median_luminance"]}
MEGABYTE = 1024 * 1024
KNOWN = st.sampled_from(
    ("all", "brightness", "MEDIAN", " white", "exif ", "fast", "top_bottom", "stored", "exact", "")
)


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with serving() as client:
        yield client


def detail(response: httpx.Response, status: int) -> Any:
    assert response.status_code == status, response.text
    body = response.json()
    assert list(body) == ["detail"]
    return body["detail"]


def unique(number: int) -> bytes:
    """A picture for each number, which no other test sends."""
    return flat((number, 123, 231), (9, 7))


def stages(response: httpx.Response) -> set[str]:
    return {part.partition(";")[0].strip() for part in response.headers["server-timing"].split(",")}


def sample(text: str, name: str) -> float:
    """The value of a metric in the text exposition format."""
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@settings(steady, max_examples=100)
@given(option=st.sampled_from(NAMES), text=st.text(max_size=40) | KNOWN)
async def test_any_text_for_an_option_is_understood_or_refused(
    client: httpx.AsyncClient, option: str, text: str
) -> None:
    response = await client.post(UPLOAD, params={option: text}, files={"image": ("x", PICTURE, "image/png")})
    if response.status_code == 200:
        assert response.json()["width"] == 20
    else:
        told = detail(response, 400)
        assert told["error"] == f"Invalid {option} requested"
        assert all(isinstance(each, list | str) for each in told.values())


@settings(steady, max_examples=100)
@given(
    st.dictionaries(
        st.sampled_from((*NAMES, "url", "other")), st.none() | st.text() | st.integers() | st.lists(st.text())
    )
)
async def test_any_json_gets_an_answer_of_the_contract(
    client: httpx.AsyncClient, asked: dict[str, Any]
) -> None:
    response = await client.post(BY_URL, content=json.dumps(asked))
    assert response.status_code in {400, 422}
    detail(response, response.status_code)


@settings(steady, max_examples=100)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.just(b'{"url":"\\ud800"}'))
async def test_any_body_instead_of_json_is_422_or_refused(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post(BY_URL, content=body)
    assert response.status_code in {400, 422}
    detail(response, response.status_code)


@pytest.mark.parametrize("field", ["url", *NAMES])
async def test_a_field_that_is_no_text_is_422_and_named(client: httpx.AsyncClient, field: str) -> None:
    told = detail(await client.post(BY_URL, json={"url": "http://127.0.0.1", field: 5}), 422)
    assert told == [{"type": "string_type", "loc": ["body", field], "msg": "Input should be a valid string"}]


@pytest.mark.parametrize("asked", ["all", " ALL ", "brightness,all", "all,all,,median"])
async def test_all_stands_for_every_metric_in_the_answers_order(
    client: httpx.AsyncClient, asked: str
) -> None:
    response = await upload(client, PICTURE, query=f"?metrics={asked}")
    expected = [field for name in ALL_METRICS for field in FIELDS_OF.get(name, [name])]
    beyond = [
        name for name in expected if name not in {"histogram", *FIELDS_OF["brightness"], *FIELDS_OF["median"]}
    ]
    v1 = [*FIELDS_OF["brightness"], *FIELDS_OF["median"], "histogram"]
    assert list(response.json()) == [*v1, *beyond, *V1_FIELDS]


async def test_all_beside_an_unknown_name_is_refused(client: httpx.AsyncClient) -> None:
    told = detail(await upload(client, PICTURE, query="?metrics=all,foo"), 400)
    assert told == {
        "error": "Invalid metrics requested",
        "invalid_metrics": ["foo"],
        "valid_metrics": list(ALL_METRICS),
    }


@pytest.mark.parametrize(
    ("option", "listed"),
    [
        ("edge_mode", {"valid_modes": ["left_right", "top_bottom", "all"]}),
        ("orientation", {"valid_values": ["stored", "exif"]}),
        ("alpha", {"valid_values": ["ignore", "white", "black", "checker"]}),
        ("precision", {"valid_values": ["exact", "fast"]}),
    ],
)
@pytest.mark.parametrize("text", ["", " Foo "])
async def test_an_unknown_value_is_told_as_it_came_with_those_that_are_known(
    client: httpx.AsyncClient, option: str, text: str, listed: dict[str, list[str]]
) -> None:
    told = detail(await upload(client, PICTURE, query=f"?{option}={text}"), 400)
    assert told == {"error": f"Invalid {option} requested", "received": text, **listed}


async def test_the_options_beyond_v1_reach_the_engine(client: httpx.AsyncClient) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    turned = saved(scene("turned", (30, 20)), "PNG", exif=exif)
    body = (await upload(client, turned, query="?orientation=%20Exif")).json()
    assert (body["width"], body["height"]) == (20, 30)
    transparent = saved(Image.new("RGBA", (8, 8)), "PNG")
    found = [
        (await upload(client, transparent, query=f"?alpha={name}")).json() for name in ("White", "black")
    ]
    assert [each["brightness_score"] for each in found] == [100, 0]
    large = saved(photograph("fast", (2100, 1400)), "JPEG")
    exact, fast = [
        (await upload(client, large, "image/jpeg", f"?metrics=all&precision={name}")).json()
        for name in ("exact", "FAST")
    ]
    assert fast["cached"] is False
    assert fast["sharpness"] != exact["sharpness"]
    assert fast["average_luminance"] == pytest.approx(exact["average_luminance"], abs=0.2)


@pytest.mark.parametrize(
    ("query", "kind", "size", "status", "told"),
    [
        ("?metrics=foo&edge_mode=foo", "image/gif", 5 * MEGABYTE + 1, 400, "Invalid metrics requested"),
        ("?metrics=median&edge_mode=foo", "image/gif", 5 * MEGABYTE + 1, 400, "Invalid edge_mode requested"),
        ("?metrics=median&edge_mode=all", "image/gif", 5 * MEGABYTE + 1, 415, "Unsupported image type"),
        (
            "?metrics=median&edge_mode=all",
            "image/png",
            5 * MEGABYTE + 1,
            413,
            "Image exceeds maximum allowed size (5MB)",
        ),
        ("?metrics=median&edge_mode=all", "image/gif", 0, 415, "Unsupported image type"),
        ("?metrics=median&edge_mode=all", "image/png", 0, 400, "Empty image file"),
        ("?metrics=median&edge_mode=all", "image/png", 99, 400, "Invalid or corrupted image file"),
    ],
)
async def test_checks_come_in_the_order_of_v1(
    client: httpx.AsyncClient, query: str, kind: str, size: int, status: int, told: str
) -> None:
    response = await upload(client, bytes(size), kind, query)
    assert detail(response, status)["error"] == told


async def test_two_who_send_the_same_at_once_share_one_decode(client: httpx.AsyncClient) -> None:
    data = saved(photograph("flight", (3000, 2000)), "JPEG")
    before = sample((await client.get("/metrics")).text, "offing_cache_lookups_total")
    answers = await asyncio.gather(*(upload(client, data, "image/jpeg") for _ in range(5)))
    assert sorted(answer.json()["cached"] for answer in answers) == [False, True, True, True, True]
    assert sorted("engine" in stages(answer) for answer in answers) == [False, False, False, False, True]
    assert len({answer.json()["average_luminance"] for answer in answers}) == 1
    assert sample((await client.get("/metrics")).text, "offing_cache_lookups_total") == before + 5


async def test_two_who_send_the_same_broken_file_at_once_are_both_told(client: httpx.AsyncClient) -> None:
    data = saved(photograph("broken flight", (2000, 1500)), "JPEG")[:-900]
    answers = await asyncio.gather(*(upload(client, data, "image/jpeg") for _ in range(3)))
    assert [answer.status_code for answer in answers] == [400] * 3
    assert (await upload(client, data, "image/jpeg")).status_code == 400


async def test_the_same_image_with_another_option_is_another_question(client: httpx.AsyncClient) -> None:
    data = unique(1)
    queries = (
        "",
        "?edge_mode=all",
        "?metrics=median",
        "?alpha=white",
        "?orientation=exif",
        "?precision=fast",
    )
    found = [(await upload(client, data, query=query)).json()["cached"] for query in (*queries, *queries)]
    assert found == [False] * 6 + [True] * 6


async def test_the_file_name_and_the_declared_type_are_not_part_of_the_question(
    client: httpx.AsyncClient,
) -> None:
    data = unique(2)
    await upload(client, data)
    assert (await upload(client, data, "image/jpeg")).json()["cached"] is True


async def test_no_more_answers_are_kept_than_the_setting_says() -> None:
    async with serving(OFFING_INSIGHTS_CACHE_ENTRIES="2") as client:
        sent = [unique(number) for number in (1, 2, 1, 3, 1, 2)]
        found = [(await upload(client, data)).json()["cached"] for data in sent]
    assert found == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]  # 3 takes the place of 2, which was used longest ago


@pytest.mark.parametrize("name", ["CACHE_MAX_SIZE", "OFFING_INSIGHTS_CACHE_ENTRIES"])
async def test_a_size_of_zero_keeps_nothing_by_either_name(name: str) -> None:
    async with serving(**{name: "0"}) as client:
        found = [(await upload(client, PICTURE)).json()["cached"] for _ in range(3)]
    assert found == [False] * 3


async def test_an_answer_is_forgotten_when_its_time_is_over() -> None:
    async with serving(CACHE_TTL_SECONDS="1.5") as client:
        first, second = [(await upload(client, PICTURE)).json()["cached"] for _ in range(2)]
        await asyncio.sleep(1.6)
        third = (await upload(client, PICTURE)).json()["cached"]
    assert (first, second, third) == (False, True, False)


async def test_the_file_limit_goes_by_its_alias_too() -> None:
    data = saved(Image.fromarray(noise("limit", (60, 60))), "PNG")
    async with serving(MAX_FILE_SIZE=str(len(data))) as client:
        assert (await upload(client, data)).status_code == 200
        told = detail(await upload(client, data + b"x"), 413)
    assert told["max_size_bytes"] == len(data)
    assert told["received_size_bytes"] == len(data) + 1


async def test_a_format_is_opened_where_a_setting_names_it() -> None:
    async with serving(OFFING_INSIGHTS_FORMATS="JPEG,webp") as client:
        webp = saved(Image.new("RGB", (6, 5), "white"), "WEBP", lossless=True)
        assert (await upload(client, webp, "image/webp")).json()["brightness_score"] == 100
        told = detail(await upload(client, png.gray()), 415)
    assert told["allowed_types"] == ["image/jpeg", "image/webp"]


@pytest.mark.skipif(find_spec("pi_heif") is not None, reason="HEIF's decoder is installed")
async def test_heif_without_its_decoder_is_415_and_no_failure_of_the_server() -> None:
    async with serving(OFFING_INSIGHTS_FORMATS="HEIF") as client:
        told = detail(await upload(client, HEIC, "image/heif"), 415)
    assert told == {
        "error": "Images of this type cannot be decoded on this server",
        "received_type": "image/heif",
    }


async def test_what_the_queue_cannot_hold_is_503_and_says_when_to_come_back() -> None:
    data = [saved(photograph(f"queue {number}", (3000, 2000)), "JPEG") for number in range(3)]
    async with serving(OFFING_INSIGHTS_QUEUE="0") as client:
        async with asyncio.timeout(PATIENCE):
            answers = await asyncio.gather(*(upload(client, each, "image/jpeg") for each in data))
        assert sorted(answer.status_code for answer in answers) == [200, 503, 503]
        for answer in answers:
            if answer.status_code == 503:
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.json()["code"] == "overloaded"
