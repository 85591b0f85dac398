"""The two Workers, each as ``wrangler dev`` runs it before a container of the same image."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from offing.edge.jsonc import read
from offing.kernel.api_keys import new_key
from tests.e2e.edge import WORKER, Edge, running_edge
from tests.e2e.engine import ROOT
from tests.e2e.services import SERVICES, Service

KEYS = tuple(new_key() for _ in range(4))
"""So many callers that none comes near its rate limit."""
CALLERS = tuple(key for key, _ in KEYS)
ONE_LINE = Path(__file__).parent / "one_line" / "index.ts"
LIBRARY = WORKER / "node_modules" / "@cloudflare" / "containers" / "dist" / "index.js"


@contextmanager
def ours(folder: Path, variables: Mapping[str, str], sleep_after: str = "30m") -> Iterator[Edge]:
    """Our Worker as it is deployed: with dispatcher, keys, limits and a log line for every request."""
    folder.mkdir()
    told = {
        "OFFING_API_KEYS": ",".join(each for _, each in KEYS),
        "LOG_SAMPLE": "1",
        # With one there would be nothing to choose, and no dispatcher would be asked.
        **{f"{service.name.upper()}_INSTANCES": "3" for service in SERVICES},
        **{f"{service.name.upper()}_SLEEP_AFTER": sleep_after for service in SERVICES},
    }
    with running_edge(folder, {**told, **variables}, label="ours") as edge:
        yield edge


@contextmanager
def one_line(folder: Path, service: Service, environment: Mapping[str, str]) -> Iterator[Edge]:
    """The Worker of one line before a service's container, whose environment is given."""
    folder.mkdir()
    config = folder / "wrangler.json"
    config.write_text(json.dumps(configuration(service, environment)))
    with running_edge(folder, {}, "--config", str(config), label=f"line-{service.name}") as edge:
        yield edge


def configuration(service: Service, environment: Mapping[str, str]) -> dict[str, Any]:
    """Of the Worker of one line, for wrangler."""
    deployed = read((WORKER / "wrangler.jsonc").read_text())
    return {
        "name": "one-line",
        "main": str(ONE_LINE),
        "compatibility_date": deployed.text("compatibility_date"),
        "send_metrics": False,
        "alias": {"@cloudflare/containers": str(LIBRARY)},
        "containers": [
            {
                "class_name": "One",
                "image": str(ROOT / "Dockerfile"),
                "image_build_context": str(ROOT),
                "image_vars": {"SERVICE": service.name},
            }
        ],
        "durable_objects": {"bindings": [{"name": "ONE", "class_name": "One"}]},
        "migrations": [{"tag": "v1", "new_sqlite_classes": ["One"]}],
        "vars": {"TOLD": json.dumps(dict(environment))},
    }
