"""Memory that server and workers share: nothing is copied, nothing is lost, nothing piles up."""

from __future__ import annotations

import mmap
import os
import sys

import numpy as np
import pytest

from offing.ocr.documents import shared_memory
from offing.ocr.documents.shared_memory import Canvases, mapped, shared_copy, shared_file
from tests.kernel.probe.processes import descriptors

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux seals files in memory")


@pytest.fixture(params=["memory", "disk"])
def _either_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with files in memory, once as on systems that have none."""
    if request.param == "disk" and hasattr(os, "memfd_create"):
        monkeypatch.delattr(os, "memfd_create")


@pytest.mark.usefixtures("_either_kind")
@pytest.mark.parametrize("size", [1, 4096, 5_000_001])
def test_a_copy_is_whole(size: int) -> None:
    data = os.urandom(size)
    file = shared_copy(data)
    try:
        with mmap.mmap(file, 0, prot=mmap.PROT_READ) as memory:
            assert memory[:] == data
    finally:
        os.close(file)


@pytest.mark.usefixtures("_either_kind")
def test_what_one_side_writes_the_other_sees() -> None:
    file = shared_file(1 << 20)
    one, other = mapped(file, 4096), mapped(file, 1 << 20)
    os.close(file)
    one[5:8] = b"abc"
    assert other[:10] == b"\0\0\0\0\0abc\0\0"


@on_linux
def test_nobody_can_pull_the_memory_away_from_under_a_reader() -> None:
    file = shared_file(8192)
    try:
        for size in (0, 4096, 16384):
            with pytest.raises(PermissionError):
                os.ftruncate(file, size)
    finally:
        os.close(file)


@on_linux
def test_room_that_is_not_written_takes_no_memory() -> None:
    file = shared_file(1 << 30)
    try:
        os.pwrite(file, b"x", 1 << 20)
        assert os.fstat(file).st_blocks * 512 <= 1 << 16
    finally:
        os.close(file)


def test_pixels_are_those_that_were_painted() -> None:
    canvases = Canvases(10_000)
    canvas = canvases.take()
    os.pwrite(canvas.file, bytes(range(24)), 0)
    pixels = canvases.pixels(canvas, 4, 2)
    assert pixels.shape == (2, 4, 3)
    assert pixels.ravel().tolist() == list(range(24))
    canvases.close()


def test_a_canvas_comes_back_when_its_last_view_is_gone_and_not_before() -> None:
    canvases = Canvases(10_000)
    canvas = canvases.take()
    pixels = canvases.pixels(canvas, 10, 10)
    part = pixels[2:, 3:][::2]
    flat = part[0].reshape(-1)
    del pixels, part
    assert canvases.take() is not canvas
    del flat
    assert canvases.take() is canvas
    canvas.close()


def test_large_canvases_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_memory, "KEPT_BYTES", 3_000)
    canvases = Canvases(10_000)
    files = descriptors(os.getpid())
    large, small = canvases.take(), canvases.take()
    pixels = [canvases.pixels(large, 100, 100), canvases.pixels(small, 10, 10)]
    assert [each.size for each in pixels] == [30_000, 300]
    pixels.clear()
    assert (large.file, small.file >= 0) == (-1, True)
    assert canvases.take() is small
    small.close()
    del large, small
    assert descriptors(os.getpid()) == files


def test_pixels_outlive_the_canvases() -> None:
    files = descriptors(os.getpid())
    canvases = Canvases(100)
    idle, used = canvases.take(), canvases.take()
    canvases.give_back(idle)
    pixels = canvases.pixels(used, 10, 10)
    canvases.close()
    pixels[:] = 7
    assert np.unique(pixels).tolist() == [7]
    del pixels, idle, used
    assert descriptors(os.getpid()) == files
