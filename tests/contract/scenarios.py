"""What schemathesis sends to a server, and how each answer was judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

EXAMPLES = 80
BEYOND_A_SCHEMA = ["positive_data_acceptance"]
"""No schema can say that some bytes are an image, or that something answers at a URL."""
FORM = "multipart/form-data"
WRONG_MEMBER = re.compile(r"violates \S+ at /properties/(\w+)")


def scenarios(base_url: str, paths: str = "") -> Iterator[ScenarioFinished]:
    """What was sent, phase by phase and route by route: examples, edge cases, then random ones.

    ``paths``: a regular expression of those that are asked; empty for all.
    """
    whole = schemathesis.openapi.from_url(f"{base_url}/openapi.json")
    schema = whole.include(path_regex=paths) if paths else whole
    schema.config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none")
    schema.config.checks.update(excluded_check_names=BEYOND_A_SCHEMA)
    schema.hook(filter_failure)
    for event in from_schema(schema).execute():
        assert not isinstance(event, FatalError | NonFatalError), event
        if isinstance(event, ScenarioFinished):
            yield event


def filter_failure(_: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Whether a failure is one: in a form, a list of one is what is in it, and a list of none is nothing."""
    del response
    if case.media_type != FORM or not isinstance(case.body, dict):
        return True
    sent = [case.body.get(name) for name in WRONG_MEMBER.findall(failure.message)]
    return not sent or not all(isinstance(each, list) and len(each) <= 1 for each in sent)
