"""The OCR benchmark's own instruments: what they report is what happened."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from bench.insights.wire import Answer, Connection
from bench.ocr import beside, environment, exchange, labelled, load, peers, soak, table
from bench.ocr.beside import Figures
from bench.ocr.latency import Effort
from bench.ocr.peers import PROGRAMS, Environment, Peer, PeerFailedError, Reading
from bench.ocr.rows import TIMES, Row


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row("simple", "", "ms", 600, 100), "goal"),
        (Row("simple", "", "ms", 450, 100), "must"),
        (Row("simple", "", "ms", 449, 100), "no"),
        (Row("simple", "", "ms", None, 100), "no"),
        (Row("requests a second, complex", "", "/s", 1, 6, more_is_better=True), "must"),
        (Row("requests a second, complex", "", "/s", 1, 9, more_is_better=True, broken="503"), "no"),
        (Row("word-F1, complex", "", "", 0.9, 0.955, more_is_better=True), "must"),
        (Row("word-F1, complex", "", "", 0.9, 0.954, more_is_better=True), "no"),
        (Row("word-F1, Korean", "", "", 0, 0.9, more_is_better=True), "goal"),
        (Row("character error rate", "", "", 0.5, 0.0), "goal"),
        (Row("character error rate", "", "", 0.5, 0.051), "no"),
        (Row("start in the container", "", "s", None, None), ""),
        (Row("start in the container", "", "s", None, 3.1), "no"),
        (Row("growth", "", "%", None, -0.5), "goal"),
        (Row("a row without a target", "", "s", 1, 9), ""),
    ],
)
def test_a_row_is_judged_by_its_target(row: Row, reached: str) -> None:
    assert row.reached == reached


def test_a_line_of_the_table_tells_figures_bounds_and_verdict() -> None:
    speed = Row("simple", "simple", "ms", 400, 80)
    assert table.cells(speed) == (
        "simple", "400 ms", "80.0 ms", f"5.00{TIMES}", f"4.5{TIMES}", f"6{TIMES}", "must",
    )  # fmt: skip
    share = Row("word-F1, simple", "simple", "", 0.99, 0.98751, more_is_better=True)
    assert table.cells(share) == ("simple", "0.99", "0.9875", "", "≥ 0.985", "≥ 0.99", "must")
    growth = Row("growth", "grown", "%", None, 4.0)
    assert table.cells(growth)[2:] == ("4.0 %", "", "≤ 3 %", "≤ 1 %", "no")


def figures(name: str, f1: float, wall: float, group: str = "simple") -> Figures:
    return Figures(name, group, f1, wall, wall, 1.0)


def test_a_peer_is_set_beside_our_fastest_quality_that_reads_as_well() -> None:
    ours = [figures("offing", 0.99, 80), figures("offing, fast", 0.95, 20), figures("offing", 1, 1, "other")]
    good, fair, best = figures("one", 0.97, 160), figures("two", 0.95, 30), figures("three", 0.999, 500)
    assert table.ahead(good, [*ours, good]) == f"offing: 2.00{TIMES}"
    assert table.ahead(fair, [*ours, fair]) == f"offing, fast: 1.50{TIMES}"
    assert table.ahead(best, [*ours, best]) == "none reads as well"
    assert table.ahead(best, [best]) == ""


def test_the_warm_up_round_is_not_counted(labelled_images: Path) -> None:
    images, seconds = labelled.load(labelled_images)[:1], iter([9.0, 1.0, 2.0, 3.0])
    ask = {"one": lambda _: {"lines": ["a b"], "seconds": next(seconds), "cpu": 0.5, "peak": 2_000_000}}
    tallies = beside.take_turns(ask, images, Effort(3, 60))
    assert tallies["one"].figures("one", "simple", images) == Figures("one", "simple", 1, 2000, 500, 2)


def test_images_that_an_engine_gave_up_on_are_told(labelled_images: Path) -> None:
    images = labelled.load(labelled_images)[:1]
    tally = beside.Tally()
    tally.take(images[0], {"file": "one.png", "error": "too small"})
    assert tally.figures("one", "simple", images) is None
    assert tally.failed == {"one": "too small"}


PROGRAM = """
import sys
sys.path.insert(0, {programs!r})
from reading import run

def reader():
    print("engines are talkative")
    def read(file, language):
        print("more talk")
        if "broken" in file:
            raise ValueError("no image")
        if "deadly" in file:
            sys.exit("out of memory")
        return [file, language]
    return read

run(reader)
"""


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    """A peer whose engine gives back what it was asked."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(programs=str(PROGRAMS)))
    return Peer("a peer", Environment("here"), (str(program),))


def test_a_peer_answers_in_lines_of_json_whatever_its_engine_prints(peer: Peer, tmp_path: Path) -> None:
    with Reading(peer, tmp_path) as reading:
        assert reading.ready >= 0
        told = reading.read(Path("fine"), "eng")
        assert told["lines"] == ["fine", "eng"]
        assert 0 <= told["cpu"] < 5
        assert 0 < told["seconds"] < 5
        assert told["peak"] > 1_000_000
        assert reading.read(Path("broken"), "eng") == {"file": "broken", "error": "ValueError: no image"}
        assert reading.read(Path("fine"), "deu")["lines"] == ["fine", "deu"]


def test_a_peer_that_ends_is_told_with_what_it_printed_last(peer: Peer, tmp_path: Path) -> None:
    with Reading(peer, tmp_path) as reading, pytest.raises(PeerFailedError, match="out of memory"):
        reading.read(Path("deadly"), "eng")


def test_an_environment_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    place = tmp_path / "kept"
    place.mkdir()
    (place / "ready").write_text("one==1 two==2")
    (place / "mine").touch()
    peers.set_up(Environment("kept", ("one==1",), ("two==2",)), tmp_path)
    assert (place / "mine").exists()


def test_peers_that_are_not_set_up_are_named(tmp_path: Path) -> None:
    with pytest.raises(PeerFailedError, match=r"paddleocr, rapidocr, faster-paddle.*bench\.ocr\.peers"):
        peers.check(tmp_path)


ANSWER = {"success": True, "results": [{"text": "one"}, {"text": "two"}], "timings": {"recognition": 5.5}}


@contextmanager
def serving(statuses: list[int] | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server on loopback that gives an answer of two lines, and the bodies that it was sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            content = json.dumps(ANSWER).encode()
            self.send_response(statuses.pop() if statuses else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1], bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_image_is_sent_as_the_file_of_a_form_and_its_answer_read() -> None:
    with serving() as (port, bodies), Connection(port) as connection:
        seen = exchange.seen(connection.post(exchange.upload(b"\x89PNG pixels")))
    assert seen == exchange.Seen(("one", "two"), 5.5)
    assert b'name="file"; filename="page.png"' in bodies[0]
    assert b"\r\n\r\n\x89PNG pixels\r\n--" in bodies[0]


@pytest.mark.parametrize("answer", [Answer(503, b"{}", 0.1), Answer(200, b'{"success": false}', 0.1)])
def test_an_answer_without_success_is_not_taken_for_a_measurement(answer: Answer) -> None:
    with pytest.raises(ValueError, match="status"):
        exchange.seen(answer)


@pytest.mark.parametrize(
    ("timings", "engine"),
    [
        ({"engine_ms": 70, "detection_ms": 20, "decode_ms": 5}, 70),
        ({"decode": 5, "detection": 20, "recognition": 40, "queue": 3}, 60),
        ({"decode": 5}, None),
        ({}, None),
    ],
)
def test_decoding_and_waiting_are_not_the_engines_time(
    timings: dict[str, float], engine: float | None
) -> None:
    assert exchange.engine_milliseconds(timings) == engine


def test_every_client_sends_every_image_and_refusals_are_counted() -> None:
    images = [f"image {number}".encode() for number in range(3)]
    with serving([503]) as (port, bodies):
        told = load.run(port, images, 0.2)
    assert told["statuses"]["503"] == 1
    assert sum(told["statuses"].values()) == len(bodies) > load.CLIENTS
    assert all(any(image in body for body in bodies) for image in images)
    row = load.row("simple", [told], [told])
    assert row.broken == "answers that were not 200: 503"


def test_growth_is_that_of_the_second_half() -> None:
    held = [(answers, 100 + min(answers, 100) // 2) for answers in range(5, 205, 5)]
    assert soak.Soak(held, answered=200).growth == pytest.approx(0, abs=3)
    held = [(answers, 100 + answers) for answers in range(5, 205, 5)]
    assert soak.Soak(held, answered=200).growth == pytest.approx(50, abs=6)
    assert soak.Soak().growth == 0


def test_a_soak_that_was_cut_short_or_refused_does_not_count() -> None:
    rows = soak.rows("", "", soak.Soak([(5, 10_000_000)], answered=5, refused=1), soak.Effort(10, 1))
    told = {row.name: (row.ours, row.reached, row.broken) for row in rows}
    assert told["resident"] == (10, "no", "1 were refused, only 5 were sent")


def test_the_mixture_is_the_same_each_time_and_of_many_sizes(labelled_images: Path) -> None:
    Image.effect_mandelbrot((400, 300), (-3, -2.5, 2, 2.5), 9).save(labelled_images / "one.png")
    images = labelled.load(labelled_images)
    once, again = soak.mixture(images, 9), soak.mixture(images, 9)
    assert once == again
    assert len({Image.open(io.BytesIO(each)).size for each in once}) == 9


def test_the_instruction_sets_that_matter_are_named() -> None:
    cpuinfo = (
        "processor : 0\nflags\t\t: fpu avx2 avx512f avx512_vnni sse2\n\nprocessor : 1\nflags : amx_tile\n"
    )
    assert environment.processor_flags(cpuinfo) == ["avx2", "avx512f", "avx512_vnni"]
