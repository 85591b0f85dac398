"""Versions of hf_xet against the hub and this service: what one uploads, all download."""

from __future__ import annotations

import random
from importlib.metadata import version as version_of
from pathlib import Path

import pytest

from tests.contract.xet.content import sha256
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub
from tests.xet.interop.pinned import VERSIONS, NotInstalled, pinned
from tests.xet.interop.programs import digests, environment, run
from tests.xet.proxy_fixture import RunningProxy

INSTALLED = version_of("hf-xet")
SOURCE = random.Random(51)  # noqa: S311  the same bytes in every run
BIG = SOURCE.randbytes(5_000_000)
FILES = {
    "weights.bin": BIG,
    # Old pieces in another order with new ones between: many short terms.
    "deep/er/shuffled.bin": b"".join(
        BIG[place : place + 300_000] + SOURCE.randbytes(20_000) for place in range(4_000_000, -1, -1_000_000)
    ),
    "zeros.bin": bytes(1_500_000),
    "config.json": b"{}",
}
UPLOAD = """
import sys
from importlib.metadata import version
from huggingface_hub import HfApi
api = HfApi()
api.create_repo(sys.argv[1])
api.upload_folder(repo_id=sys.argv[1], folder_path=sys.argv[2])
print(version("hf-xet"))
"""
DOWNLOAD = """
import sys
from importlib.metadata import version
from huggingface_hub import snapshot_download
print(snapshot_download(sys.argv[1]))
print(version("hf-xet"))
"""


def client_of(version: str, endpoint: str, home: Path) -> dict[str, str]:
    """The environment of a client that has some version of hf_xet."""
    variables = environment(endpoint, home, HF_TOKEN=OWNER_TOKEN)
    if version == INSTALLED:
        return variables
    try:
        return variables | {"PYTHONPATH": str(pinned(version))}
    except NotInstalled as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("version", [*VERSIONS, INSTALLED])
def test_what_a_version_uploads_itself_and_this_service_download(
    proxy: RunningProxy, calm_hub: RunningHub, tmp_path: Path, version: str
) -> None:
    source = tmp_path / "source"
    for path, content in FILES.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(content)
    name = f"acme/by-{version.replace('.', '-')}"
    at_hub = client_of(version, calm_hub.base, tmp_path / "at-hub")
    assert run(UPLOAD, at_hub, name, str(source))[-1] == version
    rows = calm_hub.api().get_paths_info(name, list(FILES))
    assert {row.path for row in rows if row.xet_hash} == FILES.keys() - {"config.json"}
    expected = {path: sha256(content) for path, content in FILES.items()}
    calm_hub.log.clear()
    *_, folder, used = run(DOWNLOAD, at_hub, name)
    assert used == version
    assert digests(Path(folder)) == expected
    asked = {each.headers.get("user-agent", "").partition("/")[0] for each in calm_hub.log.of("xorb")}
    assert asked, "the client did not ask the content store"
    assert "offing" not in asked
    through = client_of(version, proxy.base, tmp_path / "through")
    *_, folder, used = run(DOWNLOAD, through, name)
    assert used == version
    assert digests(Path(folder)) == expected


def test_three_versions_are_tried() -> None:
    assert len({*VERSIONS, INSTALLED}) >= 3
    assert "1.7.0" in VERSIONS
