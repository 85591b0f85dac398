"""``offing.insights`` as a library: what its documents say works, and calls do not disturb each other."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

import offing.insights
from offing.insights import Limits, Options, analyze
from offing.insights.engine.names import ALL_METRICS
from offing.insights.engine.outcome import Job, encode_job
from offing.insights.problems import InvalidImage, InvalidOption
from offing.kernel.problems import Problem
from tests.insights.images import saved, scene
from tests.insights.photographs import photograph

ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def run(program: str, *, at: Path = ROOT) -> str:
    """What a Python program of its own prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=at)
    return done.stdout


def loaded_by(program: str) -> set[str]:
    """The first names of the modules that a program loads, beside those that Python starts with."""
    printed = run(f"import sys; before = set(sys.modules)\n{program}\nprint(*set(sys.modules) - before)")
    return {name.partition(".")[0] for name in printed.split()}


def test_the_python_lines_of_the_readme_print_what_they_say() -> None:
    blocks = PYTHON.findall((ROOT / "README.md").read_text())
    assert blocks
    for block in blocks:
        promised = [line.partition("  # ")[2] for line in block.splitlines() if line.startswith("print")]
        assert promised
        assert run(block).splitlines() == promised


def test_the_lines_in_the_module_s_own_words_work(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(saved(scene("photo", (30, 20)), "JPEG"))
    assert offing.insights.__doc__
    lines = offing.insights.__doc__.partition("\n\n")[2]
    assert run(f"{lines}\nprint(report.width, report.height)", at=tmp_path) == "30 20\n"


def test_every_public_name_is_there() -> None:
    for name in offing.insights.__all__:
        assert getattr(offing.insights, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = offing.insights.analyse


def test_numpy_and_pillow_are_loaded_by_the_first_use_and_not_before() -> None:
    assert not {"numpy", "PIL"} & loaded_by("import offing.insights; offing.insights.Options()")
    assert {"numpy", "PIL"} <= loaded_by("from offing.insights import analyze")
    assert not {"starlette", "uvicorn", "httpcore"} & loaded_by("from offing.insights import analyze, Report")


def test_pillow_s_own_limits_stay_as_the_caller_has_them() -> None:
    printed = run(
        "from PIL import Image, PngImagePlugin as png\n"
        "before = Image.MAX_IMAGE_PIXELS, png.MAX_TEXT_CHUNK, png.MAX_TEXT_MEMORY\n"
        "from offing.insights import analyze; from pathlib import Path\n"
        "analyze(Path('examples/harbour.jpg').read_bytes())\n"
        "print(before == (Image.MAX_IMAGE_PIXELS, png.MAX_TEXT_CHUNK, png.MAX_TEXT_MEMORY))"
    )
    assert printed == "True\n"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"metrics": ("brightness", "sharpnes")},
            "metrics does not know 'sharpnes'. It knows: brightness, median,",
        ),
        ({"metrics": ("all",)}, "metrics does not know 'all'."),
        ({"metrics": ("Median",)}, "metrics does not know 'Median'."),
        ({"metrics": "median"}, "The metrics are a tuple of names."),
        ({"metrics": ["median"]}, "The metrics are a tuple of names."),
        (
            {"edge_mode": "left"},
            "edge_mode does not know 'left'. It knows: None, left_right, top_bottom, all.",
        ),
        ({"edge_mode": ""}, "edge_mode does not know ''."),
        ({"orientation": "EXIF"}, "orientation does not know 'EXIF'. It knows: stored, exif."),
        ({"alpha": "pink"}, "alpha does not know 'pink'. It knows: ignore, white, black, checker."),
        ({"precision": None}, "precision does not know None. It knows: exact, fast."),
    ],
)
def test_an_option_that_is_not_known_is_refused_with_those_that_are(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        Options(**given)
    assert str(caught.value).startswith(told)
    assert isinstance(caught.value, Problem)


def test_a_format_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidOption, match=r"formats does not know 'BMP'. It knows: JPEG, PNG, WEBP"):
        Limits(formats=("JPEG", "BMP"))  # type: ignore[arg-type]


def test_options_reach_a_worker_as_they_are_and_are_checked_there_too() -> None:
    options = Options(
        metrics=ALL_METRICS, edge_mode="all", orientation="exif", alpha="checker", precision="fast"
    )
    limits = Limits(formats=("PNG", "AVIF"), max_pixels=5, max_scans=6, threads=7)
    sent = encode_job(options, limits)
    assert msgspec.msgpack.decode(sent, type=Job) == Job(options, limits)
    with pytest.raises(InvalidOption):
        msgspec.msgpack.decode(sent.replace(b"brightness", b"brightnes5"), type=Job)


def test_equal_options_are_one_key() -> None:
    assert len({Options(), Options(metrics=("brightness",)), Options(edge_mode=None)}) == 1
    assert len({Options(), Options(alpha="white"), Options(metrics=("median",))}) == 3


def test_a_file_is_not_written_to_and_may_be_a_bytearray() -> None:
    whole = saved(photograph("bytes", (700, 500)), "JPEG", progressive=True)
    data = bytearray(whole)
    for options in (Options(), Options(precision="fast", alpha="white", orientation="exif")):
        assert analyze(data, options) == analyze(whole, options)
    assert data == whole


def test_a_report_is_json_with_what_was_asked_for_alone() -> None:
    report = analyze(saved(scene("json", (9, 8)), "PNG"), Options(metrics=("tone",)))
    assert list(msgspec.json.decode(msgspec.json.encode(report))) == ["tone", "width", "height", "algorithm"]
    with pytest.raises(AttributeError):
        report.width = 3  # type: ignore[misc]


def test_a_problem_tells_what_to_do_about_it() -> None:
    with pytest.raises(InvalidImage) as caught:
        analyze(b"no image")
    assert str(caught.value) == "Invalid or corrupted image file"
    assert caught.value.public_remedy == "Send a whole JPEG or PNG file."


def test_calls_at_once_give_what_single_calls_give() -> None:
    files = [
        saved(photograph("threads", (1300, 900)), "JPEG"),
        saved(photograph("threads 2", (2200, 1500)), "JPEG", progressive=True),
        saved(photograph("threads 3", (1300, 800)).convert("RGBA"), "PNG", compress_level=1),
        saved(photograph("threads 4", (300, 200)).convert("P"), "PNG", transparency=3),
        saved(photograph("threads 5", (200, 300)).convert("L"), "PNG"),
    ]
    asked = [
        Options(metrics=ALL_METRICS, edge_mode="all"),
        Options(metrics=("median", "histogram"), alpha="checker"),
        Options(metrics=("brightness", "blurhash"), precision="fast", edge_mode="left_right"),
    ]
    jobs = list(itertools.product(files, asked))
    single = [analyze(data, options) for data, options in jobs]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(2):
            assert list(pool.map(lambda job: analyze(*job), jobs)) == single


def test_a_call_leaves_no_thread_behind() -> None:
    before = threading.enumerate()
    analyze(saved(photograph("threads", (1300, 900)), "JPEG"), limits=Limits(threads=4))
    assert threading.enumerate() == before
