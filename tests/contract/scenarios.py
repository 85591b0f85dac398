"""What schemathesis sends to a server, and how each answer was judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis import HookContext
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

EXAMPLES = 80
BEYOND_A_SCHEMA = ["positive_data_acceptance"]
"""No schema can say that some bytes are an image, or that something answers at a URL."""


def scenarios(base_url: str, paths: str = "") -> Iterator[ScenarioFinished]:
    """What was sent, phase by phase and route by route: examples, edge cases, then random ones.

    ``paths``: a regular expression of those that are asked; empty for all.
    """
    whole = schemathesis.openapi.from_url(f"{base_url}/openapi.json")
    schema = whole.include(path_regex=paths) if paths else whole
    schema.config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none")
    schema.config.checks.update(excluded_check_names=BEYOND_A_SCHEMA)
    schema.hook(filter_query)
    for event in from_schema(schema).execute():
        assert not isinstance(event, FatalError | NonFatalError), event
        if isinstance(event, ScenarioFinished):
            yield event


def filter_query(_: HookContext, query: dict[str, Any] | None) -> bool:
    """An option without a value is one that is not given, as forms send it: no schema says that."""
    return "" not in (query or {}).values()
