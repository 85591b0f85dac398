"""The benchmark's own instruments: what they report is what happened."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image

from bench.insights import hostile, process_tree, table
from bench.insights.bystander import EVERY, Bystander, Log
from bench.insights.images import difference, numbers
from bench.insights.rows import TIMES, Row
from bench.insights.sides import Side
from bench.insights.toll import Case
from bench.insights.wire import Answer, Connection, Unanswered, Upload, upload

MEGABYTE = 1 << 20
Answering = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answering) -> Iterator[int]:
    """A server on loopback whose POSTs are answered by the function."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def echo(handler: BaseHTTPRequestHandler) -> None:
    """Answer 200 with the body that came."""
    body = handler.rfile.read(int(handler.headers["Content-Length"]))
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "JPEG")
    return out.getvalue()


def image_in(body: bytes) -> bytes:
    """The file of a multipart body with one part."""
    head, _, rest = body.partition(b"\r\n\r\n")
    return rest[: rest.rindex(b"\r\n" + head.split(b"\r\n")[0])]


def test_no_two_requests_are_equal_but_their_pixels_are() -> None:
    with serving(echo) as port, Connection(port) as connection:
        prepared = upload(jpeg())
        one, other = (image_in(connection.post(prepared).body) for _ in range(2))
    assert one != other
    assert len({Image.open(io.BytesIO(each)).tobytes() for each in (one, other, jpeg())}) == 1


def test_a_file_that_shall_not_be_made_unique_is_sent_as_it_is() -> None:
    with serving(echo) as port, Connection(port) as connection:
        body = connection.post(upload(b"not an image", unique=False)).body
    assert image_in(body) == b"not an image"


def test_an_answer_that_comes_before_the_whole_body_was_read_is_still_read() -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(413)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_WR)
        while handler.connection.recv(1 << 16):  # else the kernel resets and the answer is lost
            pass
        handler.close_connection = True

    with serving(refuse) as port, Connection(port) as connection:
        prepared = Upload(b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n", b"x" * 1000)
        assert connection.post(prepared).status == 413


def test_a_server_that_is_late_counts_as_no_answer() -> None:
    over = threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        over.wait(10)
        handler.close_connection = True

    with serving(wait) as port, Connection(port) as connection:
        start = time.perf_counter()
        with pytest.raises(Unanswered):
            connection.post(upload(jpeg()), limit=0.1)
        assert 0.1 <= time.perf_counter() - start < 5
        over.set()


def test_the_bystander_counts_the_requests_that_a_stall_kept_it_from_sending() -> None:
    stalled = threading.Event()

    def stall_once(handler: BaseHTTPRequestHandler) -> None:
        if not stalled.is_set():
            stalled.set()
            time.sleep(8 * EVERY)
        echo(handler)

    log = Log()
    with serving(stall_once) as port, Bystander(port, upload(jpeg()), log):
        stalled.wait(10)
        time.sleep(10 * EVERY)
    assert not log.failed
    assert sum(waited > 2 * EVERY for waited in log.waited) >= 4
    assert log.slowest >= 8 * EVERY * 1000


def test_the_bystander_counts_what_waited_in_vain_when_it_is_stopped() -> None:
    over = threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        over.wait(10)
        handler.close_connection = True

    log = Log()
    with serving(wait) as port:
        with Bystander(port, upload(jpeg()), log):
            time.sleep(4 * EVERY)
        over.set()
    assert len(log.waited) >= 4
    assert not log.failed


def test_the_memory_of_a_grandchild_is_counted() -> None:
    hold = f"import sys; held = b'x' * {40 * MEGABYTE}; print('ready', flush=True); sys.stdin.read()"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdout.readline()
        peak = process_tree.Peak()
        with process_tree.Watch(process.pid, peak, every=0.005):
            time.sleep(0.05)
        alone = process_tree.resident([process.pid])
        process.stdin.close()
    assert len(process_tree.tree(process.pid)) == 1  # none is left but the id that was asked for
    assert peak.samples > 1
    assert peak.resident >= alone + 40 * MEGABYTE
    assert 40 * MEGABYTE <= peak.proportional <= peak.resident


def test_a_process_is_known_by_when_it_started() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        once, again = (process_tree.born([process.pid]) for _ in range(2))
        process.communicate(b"\n")
    assert once == again
    assert process.pid in once
    assert process_tree.born([process.pid]) == {}


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row("start", "", "s", 1.0, 0.5), "goal"),
        (Row("start", "", "s", 1.0, 0.9), "must"),
        (Row("start", "", "s", 1.0, 1.1), "no"),
        (Row("start", "", "s", 1.0, 0.5, broken="the numbers differ"), "no"),
        (Row("requests a second, small gray", "", "/s", 100, 500, more_is_better=True), "goal"),
        (Row("requests a second, small gray", "", "/s", 500, 100, more_is_better=True), "no"),
        (Row("peak resident", "", "MB", 1364, 300), "goal"),
        (Row("peak resident", "", "MB", 1364, 301), "must"),
        (Row("peak resident", "", "MB", 1364, 451), "no"),
        (Row("start in the container", "", "s", None, 2.6), "no"),
        (Row("start in the container", "", "s", None, None), ""),
        (Row("a row without a target", "", "s", 1.0, 9.0), ""),
    ],
)
def test_a_row_is_judged_by_its_target(row: Row, reached: str) -> None:
    assert row.reached == reached


def test_a_reference_that_was_cut_off_is_shown_as_a_lower_bound() -> None:
    row = Row("slowest hostile answer", "slowest", "s", 30.0, 2.0, reference_at_least=True)
    assert table.cells(row) == ("slowest", "> 30.0 s", "2.00 s", f"> 15.0{TIMES}", "≤ 3 s", "", "must")


def test_an_answer_from_a_cache_is_not_taken_for_a_measurement() -> None:
    with pytest.raises(ValueError, match="cached"):
        numbers(Answer(200, b'{"width": 1, "cached": true}', 0.1))


def test_answers_are_compared_by_each_number_and_the_worst_bucket() -> None:
    levels = {"average_luminance": 10.0, "median_luminance": 20.0, "edge_average_luminance": 30.0}
    one = {**levels, "histogram": [{"percent": 60.0}, {"percent": 40.0}]}
    other = {**levels, "median_luminance": 20.5, "histogram": [{"percent": 59.5}, {"percent": 40.5}]}
    assert difference(one, other) == {
        "average_luminance": 0.0,
        "median_luminance": 0.5,
        "edge_average_luminance": 0.0,
        "worst_bucket": 0.5,
    }


SERVER = """
import http.server, os, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"hang" in body:
            time.sleep(60)
        if b"die" in body:
            os._exit(1)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_server_that_is_held_or_ended_is_replaced_and_both_are_told(tmp_path: Path) -> None:
    program = tmp_path / "server.py"
    program.write_text(SERVER)
    side = Side("a fragile server", (sys.executable, str(program), "{port}"), tmp_path)
    cases = [
        Case(name, upload(name.encode(), unique=False), frozenset({200}))
        for name in ("first", "hang", "second", "die", "third")
    ]
    toll = hostile.expose(side, cases, upload(jpeg()), hostile.Effort(limit=0.3, requests=0))
    results = {name: (each.result, each.right) for name, each in toll.outcomes.items()}
    fine = ("200", True)
    lost = {"hang": ("late", False), "die": ("died", False)}
    assert results == {"first": fine, "second": fine, "third": fine} | lost
    assert toll.peak.resident > MEGABYTE
    assert max(toll.log.waited) >= 0.2
