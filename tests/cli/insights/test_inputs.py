"""Inputs: what names stand for, and how files are read within the limit."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from offing.cli.files import PIECE_BYTES, Unreadable
from offing.cli.insights.inputs import SUFFIXES, expand, read
from offing.insights.engine.header import MEDIA_TYPES
from offing.insights.problems import EmptyImage, ImageTooLarge


def test_every_format_has_its_suffixes() -> None:
    assert set(SUFFIXES) == set(MEDIA_TYPES)


def test_files_urls_and_standard_input_stand_for_themselves() -> None:
    named = ["b.txt", "-", "https://a.example/", "a.jpg", "HTTP://b.example"]
    assert expand(named, ["JPEG"]) == named


def test_a_directory_stands_for_the_images_of_allowed_formats_below_it(tmp_path: Path) -> None:
    for name in (
        "b/2.jpg",
        "b/1.PNG",
        "a/3.jpeg",
        "z.jpg",
        ".hidden/x.jpg",
        "b/.x.jpg",
        "b/4.gif",
        "b/5.txt",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    below = [str(tmp_path / name) for name in ("z.jpg", "a/3.jpeg", "b/1.PNG", "b/2.jpg")]
    assert expand([str(tmp_path)], ["JPEG", "PNG"]) == below
    assert expand([str(tmp_path)], ["GIF"]) == [str(tmp_path / "b/4.gif")]
    assert expand([str(tmp_path)], ["TIFF"]) == [str(tmp_path)]


def test_a_link_to_a_directory_above_is_not_followed_for_ever(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert expand([str(tmp_path)], ["JPEG"]) == [str(tmp_path / "a.jpg")]


@pytest.mark.parametrize("size", [1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1])
def test_a_file_of_exactly_the_limit_is_read_and_one_of_a_byte_more_is_not(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    assert asyncio.run(read(str(path), size)) == path.read_bytes()
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ImageTooLarge) as caught:
        asyncio.run(read(str(path), size))
    assert caught.value.members["received_size_bytes"] == size + 1


def test_an_endless_pipe_is_read_one_byte_past_the_limit_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def write_for_ever() -> None:
        with path.open("wb", buffering=0) as pipe:
            try:
                while True:
                    pipe.write(bytes(4096))
            except BrokenPipeError:
                pass

    writer = threading.Thread(target=write_for_ever)
    writer.start()
    with pytest.raises(ImageTooLarge) as caught:
        asyncio.run(read(str(path), 10_000))
    writer.join(10)
    assert caught.value.members["received_size_bytes"] == 10_001
    assert not writer.is_alive()


def test_an_empty_file_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(EmptyImage):
        asyncio.run(read(str(tmp_path / "empty"), 10))


@pytest.mark.parametrize("path", ["nothing-here", ".", "a\0b", "x" * 5000])
def test_what_cannot_be_read_is_a_problem_whatever_the_name(path: str) -> None:
    with pytest.raises(Unreadable):
        asyncio.run(read(path, 10))
