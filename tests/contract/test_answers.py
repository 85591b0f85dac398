"""What ``POST /v1/image/analysis`` answers to a sound image."""

from __future__ import annotations

from functools import cache

import httpx
import pytest

from tests.contract.asking import ANALYSIS, check, send, unique_image, upload, without_the_moment
from tests.hostile import forms
from tests.insights import oracle
from tests.insights.images import Sample, flat, samples

ALL = "brightness,median,histogram"
DARK = flat((10, 20, 30), (4, 4))
ANSWER_TO_DARK = {
    "brightness_score": 7,
    "average_luminance": 18.6,
    "width": 4,
    "height": 4,
    "algorithm": "rec709",
}
EVERY_FIELD = [
    "brightness_score",
    "average_luminance",
    "edge_brightness_score",
    "edge_average_luminance",
    "edge_mode",
    "median_luminance",
    "histogram",
    "width",
    "height",
    "algorithm",
    "cached",
    "processing_time_ms",
]
LABELS = [
    "0-24",
    "25-50",
    "51-75",
    "76-101",
    "102-127",
    "128-152",
    "153-178",
    "179-203",
    "204-229",
    "230-255",
]
CHOSEN = (
    "gray-25", "gray-76", "gray-102", "gray-153", "gray-230", "png-1-64x48", "png-LA-64x48",
    "png-P-alpha-of-each-index-513x130",
    "png-RGBA-130x513", "png-I16-64x48", "raw-png-colour2-16bit-13x9-interlaced", "size-10000x1-png",
    "size-300x1900-png",
    "size-694x347-png", "jpeg-CMYK-baseline-650x403", "jpeg-YCCK-progressive-33x17", "jpeg-RGB-420-650x403",
    "jpeg-quality-1",
    "orientation-6-jpeg", "tie-percent-1",
)  # fmt: skip


@cache
def named() -> dict[str, Sample]:
    return {sample.name: sample for sample in samples()}


@pytest.mark.parametrize("name", CHOSEN)
def test_every_kind_of_image_gets_the_contracts_numbers(client: httpx.Client, name: str) -> None:
    data = named()[name].make()
    for edge_mode, expected in oracle.read_every_edge(data).items():
        params = {"metrics": ALL} | ({"edge_mode": edge_mode} if edge_mode else {})
        found = without_the_moment(upload(client, data, params=params))
        assert list(found.items()) == list(expected.items())


def test_brightness_alone_is_answered_when_nothing_is_asked_for(client: httpx.Client) -> None:
    response = upload(client, DARK)
    assert list(response.json()) == [*ANSWER_TO_DARK, "cached", "processing_time_ms"]
    assert without_the_moment(response) == ANSWER_TO_DARK


def test_the_fields_stand_in_the_contracts_order(client: httpx.Client) -> None:
    response = upload(client, DARK, params={"metrics": "histogram,median,brightness", "edge_mode": "all"})
    assert list(response.json()) == EVERY_FIELD


def test_the_histogram_has_ten_labelled_buckets_in_order(client: httpx.Client) -> None:
    histogram = upload(client, DARK, params={"metrics": "histogram"}).json()["histogram"]
    assert [list(bucket) for bucket in histogram] == [["range", "percent"]] * 10
    assert [bucket["range"] for bucket in histogram] == LABELS
    assert [bucket["percent"] for bucket in histogram] == [100.0] + [0.0] * 9


@pytest.mark.parametrize(
    ("gray", "score"), [(0, 0), (1, 0), (64, 25), (127, 50), (128, 50), (250, 98), (254, 100), (255, 100)]
)
def test_a_flat_gray_has_its_own_value(client: httpx.Client, gray: int, score: int) -> None:
    found = upload(client, flat((gray, gray, gray), (5, 5)), params={"metrics": "brightness,median"}).json()
    assert found["brightness_score"] == score
    assert found["average_luminance"] == found["median_luminance"] == gray


def test_the_answer_is_ascii_json_of_exactly_that_type(client: httpx.Client) -> None:
    response = upload(client, DARK, params={"metrics": ALL, "edge_mode": "all"})
    assert response.headers["content-type"] == "application/json"
    assert response.content.isascii()
    if "content-encoding" not in response.headers:  # what stands in front may compress
        assert int(response.headers["content-length"]) == len(response.content)


def test_the_time_is_told_in_milliseconds_to_two_decimals(client: httpx.Client) -> None:
    taken = upload(client, unique_image()).json()["processing_time_ms"]
    assert isinstance(taken, float | int)
    assert 0 <= taken < 30_000
    assert round(taken, 2) == taken


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("", "brightness"),
        (",,", "brightness"),
        ("  ", "brightness"),
        (" , ", "brightness"),
        ("BRIGHTNESS", "brightness"),
        (" Median ", "median"),
        ("median,", "median"),
        (",histogram", "histogram"),
        ("median,median", "median"),
        ("histogram, MEDIAN", "median,histogram"),
        ("\tmedian\n", "median"),
        ("histogram,brightness,median", ALL),
    ],
)
def test_metrics_are_trimmed_and_lowered_and_empty_ones_left_out(
    client: httpx.Client, asked: str, answered: str
) -> None:
    found = without_the_moment(upload(client, DARK, params={"metrics": asked}))
    expected = oracle.read(DARK, answered.split(","))
    assert list(found.items()) == list(expected.items())


@pytest.mark.parametrize(
    ("asked", "answered"), [(" ALL ", "all"), ("Top_Bottom", "top_bottom"), ("left_right\n", "left_right")]
)
def test_the_edge_mode_is_trimmed_and_lowered(client: httpx.Client, asked: str, answered: str) -> None:
    assert upload(client, DARK, params={"edge_mode": asked}).json()["edge_mode"] == answered


def test_edge_fields_come_without_brightness_too(client: httpx.Client) -> None:
    response = upload(client, DARK, params={"metrics": "median", "edge_mode": "all"})
    assert list(without_the_moment(response)) == [
        "edge_brightness_score", "edge_average_luminance", "edge_mode", "median_luminance", "width",
        "height", "algorithm",
    ]  # fmt: skip


def test_the_last_of_a_repeated_parameter_counts(client: httpx.Client) -> None:
    params = [
        ("metrics", "median"),
        ("metrics", "histogram"),
        ("edge_mode", "all"),
        ("edge_mode", "top_bottom"),
    ]
    found = upload(client, DARK, params=params).json()
    assert found["edge_mode"] == "top_bottom"
    assert "histogram" in found
    assert "median_luminance" not in found


def test_an_option_without_a_value_is_refused_where_the_document_does_not_allow_it(
    client: httpx.Client,
) -> None:
    document = check(client.get("/openapi.json")).json()
    allowed = {
        each["name"]: each["allowEmptyValue"]
        for each in document["paths"][ANALYSIS]["post"]["parameters"]
        if each["in"] == "query"
    }
    assert allowed.pop("metrics")
    assert without_the_moment(upload(client, DARK, params={"metrics": ""})) == ANSWER_TO_DARK
    assert not any(allowed.values())
    for name in allowed:
        refused = upload(client, DARK, params={name: ""})
        assert refused.status_code == 400
        assert refused.json()["detail"]["received"] == ""


def test_parameters_that_v1_does_not_know_are_passed_over(client: httpx.Client) -> None:
    assert without_the_moment(upload(client, DARK, params={"no_such_parameter": "1"})) == ANSWER_TO_DARK


def test_metrics_in_the_form_are_passed_over(client: httpx.Client) -> None:
    body = forms.whole(forms.field("metrics", b"median"), forms.part(DARK))
    assert without_the_moment(send(client, body)) == ANSWER_TO_DARK


def test_of_two_images_in_a_form_the_last_counts(client: httpx.Client) -> None:
    for first, last, score in (((0, 0, 0), (255, 255, 255), 100), ((255, 255, 255), (0, 0, 0), 0)):
        body = forms.whole(forms.part(flat(first)), forms.part(flat(last)))
        assert send(client, body).json()["brightness_score"] == score


def test_an_image_may_come_without_a_file_name(client: httpx.Client) -> None:
    disposition = b'Content-Disposition: form-data; name="image"; filename=""'
    body = forms.whole(forms.part(DARK, (disposition, forms.PNG_TYPE)))
    assert without_the_moment(send(client, body)) == ANSWER_TO_DARK


def test_five_megabytes_are_taken(client: httpx.Client) -> None:
    padded = DARK + bytes(5 * 1024 * 1024 - len(DARK))
    assert without_the_moment(upload(client, padded)) == ANSWER_TO_DARK


def test_a_body_sent_in_chunks_is_read_like_any_other(client: httpx.Client) -> None:
    body = forms.whole(forms.part(DARK))
    pieces = (body[at : at + 7] for at in range(0, len(body), 7))
    response = check(client.post("/v1/image/analysis", content=pieces, headers={"Content-Type": forms.KIND}))
    assert without_the_moment(response) == ANSWER_TO_DARK
