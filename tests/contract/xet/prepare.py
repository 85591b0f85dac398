"""Makes the folder of a hub that holds what the contract asks for: ``python -m … prepare FOLDER``.

``offing xet hub FOLDER/hub`` then serves it, and a server with ``HF_ENDPOINT`` at that hub can be asked with
``--xet-hub``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.contract.xet.content import fill
from tests.xet.hub_fixture import running_hub


def prepare(folder: Path) -> None:
    """Fill ``folder``/hub."""
    folder.mkdir(parents=True, exist_ok=True)
    with running_hub(folder) as hub:
        fill(hub.base)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]))
