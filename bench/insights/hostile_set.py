"""The hostile files and forms of the tests, as requests of this benchmark."""

from __future__ import annotations

from bench.insights.toll import Case
from bench.insights.wire import ALL_METRICS, request, upload
from tests.hostile import corpus, forms


def cases() -> list[Case]:
    """All of them but the truncations, which are many, small and quick, and would dilute every percentile.

    They are made before any is sent, so that making them does not disturb what is measured.
    """
    files = [
        Case(each.name, upload(each.make(), media_type=each.content_type, unique=False), each.right)
        for each in corpus.uploads()
    ]
    bodies = [
        Case(f"form {each.name}", request(ALL_METRICS, each.content_type, each.make()), each.right)
        for each in forms.forms()
    ]
    return files + bodies
