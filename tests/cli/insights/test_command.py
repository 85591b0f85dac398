"""``offing insights`` as it is run: good and bad inputs of every kind, in one go."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from offing.insights.engine.analyze import analyze
from offing.insights.engine.names import ALL_METRICS
from offing.insights.engine.options import Options
from tests.cli.insights.files import gray, noise
from tests.cli.program import run

MAX_BYTES = 20_000
SCORE = {0: 0, 51: 20, 102: 40, 153: 60, 255: 100}


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[str]:
    """A server on loopback; its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Run:
    """One run over inputs of every kind: what it was given, and the lines that it printed."""

    def __init__(self, folder: Path) -> None:
        gray(folder / "black.png", 0)
        gray(folder / "photos" / "b.JPG", 51)
        gray(folder / "photos" / "a.png", 102)
        gray(folder / "photos" / "below" / "c.jpeg", 153)
        gray(folder / "photos" / ".hidden.png", 0)
        (folder / "photos" / "notes.txt").write_text("no image")
        (folder / "none").mkdir()
        (folder / "empty.jpg").touch()
        (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
        noise(folder / "large.png", (200, 200))
        gray(folder / "animated.gif", 0)
        white = gray(folder / "white.png", 255).read_bytes()
        with serving({"/white.png": white, "/large": b"x" * (MAX_BYTES + 1)}) as base:
            self.inputs = [
                "black.png", "missing.jpg", "photos", "broken.jpg", "-", "empty.jpg", "large.png",
                "none", "animated.gif", f"{base}/white.png", f"{base}/gone.png", f"{base}/large",
                "http://10.0.0.1/", "http:///", "white.png",
            ]  # fmt: skip
            self.ended = run(
                "insights", "--json", "--metrics", "all", *self.inputs,
                stdin=white, cwd=folder, OFFING_INSIGHTS_MAX_BYTES=str(MAX_BYTES),
                OFFING_FETCH_ALLOW_NETWORKS="127.0.0.0/8",
            )  # fmt: skip
        self.base = base
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in self.ended.stdout.splitlines()]
        self.by_input = {line["input"]: line for line in self.lines}

    def error(self, named: str) -> dict[str, str]:
        """The error of one input."""
        error: dict[str, str] = self.by_input[named]["error"]
        assert set(error) == {"code", "detail", "remedy"}
        assert all(error.values())
        return error


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("inputs"))


def test_answers_come_in_the_order_of_the_inputs_with_directories_in_their_place(ran: Run) -> None:
    listed = ran.inputs.copy()
    listed[2:3] = ["photos/a.png", "photos/b.JPG", "photos/below/c.jpeg"]
    assert [line["input"] for line in ran.lines] == listed
    assert all(next(iter(line)) == "input" for line in ran.lines)


def test_bad_inputs_do_not_stop_the_others_and_the_exit_code_tells_of_them(ran: Run) -> None:
    good = [line for line in ran.lines if "error" not in line]
    assert [line["brightness_score"] for line in good] == [0, 40, 20, 60, 100, 100, 100]
    assert ran.ended.returncode == 1
    assert ran.ended.stderr == b""


def test_a_line_holds_the_fields_that_the_engine_answers_in_their_order(ran: Run, tmp_path: Path) -> None:
    whole = analyze(gray(tmp_path / "white.png", 255).read_bytes(), Options(metrics=ALL_METRICS))
    fields = [
        name for name in whole.__struct_fields__ if not name.startswith("edge_") or name == "edge_density"
    ]
    assert list(ran.by_input["white.png"]) == ["input", *fields]


def test_standard_input_and_a_url_give_what_the_file_gives(ran: Run) -> None:
    from_file, from_stdin, from_url = (
        {**ran.by_input[named], "input": ""} for named in ("white.png", "-", f"{ran.base}/white.png")
    )
    assert from_file == from_stdin == from_url


@pytest.mark.parametrize(
    ("named", "code", "words"),
    [
        ("missing.jpg", "unreadable", "No such file"),
        ("none", "unreadable", "No image"),
        ("broken.jpg", "invalid-image", "JPEG header"),
        ("empty.jpg", "empty-image", "Empty"),
        ("large.png", "image-too-large", f"max size bytes {MAX_BYTES}"),
        ("animated.gif", "unsupported-type", "image/gif"),
        ("http://10.0.0.1/", "address-refused", "public"),
        ("http:///", "bad-url", "URL"),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(ran: Run, named: str, code: str, words: str) -> None:
    error = ran.error(named)
    assert error["code"] == code
    assert words in error["detail"]


def test_a_url_that_does_not_answer_200_or_answers_too_much_is_an_error(ran: Run) -> None:
    assert "404" in ran.error(f"{ran.base}/gone.png")["detail"]
    assert ran.error(f"{ran.base}/large")["code"] == "answer-too-large"


def test_all_good_exits_with_0_and_options_reach_the_engine(tmp_path: Path) -> None:
    path = gray(tmp_path / "gray.png", 51)
    ended = run("insights", "--edge-mode", "left_right", "--metrics", "median, Contrast", path)
    assert ended.returncode == 0
    assert json.loads(ended.stdout) == {
        "input": str(path), "edge_brightness_score": 20, "edge_average_luminance": 51.0,
        "edge_mode": "left_right", "median_luminance": 51.0, "contrast": 0.0,
        "width": 8, "height": 4, "algorithm": "rec709",
    }  # fmt: skip


def test_a_table_is_printed_where_it_is_asked_for(tmp_path: Path) -> None:
    gray(tmp_path / "a.png", 51)
    ended = run("insights", "--table", "a.png", "b.png", cwd=tmp_path, COLUMNS="80")
    assert ended.returncode == 1
    assert ended.stdout.decode().splitlines() == [
        "input  brightness_score  average_luminance  size",
        "a.png                20               51.0   8x4",
        "b.png  unreadable: No such file or directory.",
    ]
    assert ended.stderr == b"1 of 2 failed.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Missing argument"),
        (("-", "-"), "only once"),
        (("--metrics", "brightnes", "a.jpg"), "No metric is called brightnes"),
        (("--alpha", "green", "a.jpg"), "checker"),
        (("--edge-mode", "", "a.jpg"), "top_bottom"),
    ],
)
def test_a_wrong_use_exits_with_2_and_says_what_is_right(arguments: tuple[str, ...], words: str) -> None:
    ended = run("insights", *arguments)
    assert ended.returncode == 2
    assert words in ended.stderr.decode()
    assert ended.stdout == b""


def test_a_setting_that_does_not_fit_exits_with_2() -> None:
    ended = run("insights", "a.jpg", OFFING_INSIGHTS_MAX_BYTES="much")
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"offing: OFFING_INSIGHTS_MAX_BYTES must be ")


def test_many_more_inputs_than_processors_are_all_answered_whatever_the_queue(tmp_path: Path) -> None:
    levels = [*SCORE] * 80
    paths = {level: gray(tmp_path / f"{level}.png", level) for level in SCORE}
    ended = run("insights", *(paths[level] for level in levels), OFFING_INSIGHTS_QUEUE="0")
    assert ended.returncode == 0
    assert [json.loads(line)["brightness_score"] for line in ended.stdout.splitlines()] == [
        SCORE[level] for level in levels
    ]


def test_a_file_name_that_is_no_utf_8_comes_back_as_it_is(tmp_path: Path) -> None:
    name = b"caf\xe9.png"
    try:
        (tmp_path / name.decode(errors="surrogateescape")).write_bytes(
            gray(tmp_path / "a.png", 255).read_bytes()
        )
    except OSError:
        pytest.skip("this file system holds names in UTF-8 only")
    ended = run("insights", name.decode(errors="surrogateescape"), cwd=tmp_path)
    assert json.loads(ended.stdout)["input"].encode(errors="surrogateescape") == name
