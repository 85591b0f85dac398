"""What holds for the container of image insights alone: it resizes by the code of its own."""

from __future__ import annotations

import json
import platform

import pytest

from tests.e2e.engine import built_image, running_container
from tests.e2e.services import INSIGHTS


@pytest.mark.skipif(platform.machine() != "x86_64", reason="images for other processors resize by Pillow")
def test_the_image_brings_its_own_resize() -> None:
    asked = (
        "import os; from offing.insights.engine.lanczos import LIBRARY; print(int(os.path.exists(LIBRARY)))"
    )
    with built_image(INSIGHTS) as image, running_container(image) as container:
        assert json.loads(container.execute("python3", "-c", asked))
