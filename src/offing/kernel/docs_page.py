"""The `/docs` page: every operation of this server on one page, without script or network."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import Any

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0 } code, pre { font: 0.9em ui-monospace, monospace }
pre { padding: .75rem; overflow-x: auto; border-radius: .5rem;
  background: color-mix(in srgb, CanvasText 7%, Canvas) }
details { margin: .5rem 0; padding: .5rem .75rem; border-radius: .5rem;
  border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas) } summary { cursor: pointer }
b.m { display: inline-block; min-width: 3.5em; color: #0a7d4f } b.m.post { color: #2563c9 }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .25rem .5rem }
"""


def page(document: dict[str, Any], try_it: Iterable[str]) -> str:
    """The page for an OpenAPI document and a few command lines to start with."""
    info = document["info"]
    entries = [
        (entry["tags"][0], path, method, entry)
        for path, methods in document["paths"].items()
        for method, entry in methods.items()
    ]
    sections = "".join(
        f"<h2>{escape(tag)}</h2>"
        + "".join(_operation(path, method, entry) for _, path, method, entry in group)
        for tag, group in groupby(sorted(entries, key=lambda each: each[0]), key=lambda each: each[0])
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style>"
        f"<h1>{escape(info['title'])}</h1>"
        f"<p>{escape(info['description'])} Version {escape(info['version'])}. "
        '<a href="/openapi.json">openapi.json</a></p>'
        f"<h2>Try it</h2><pre>{escape(chr(10).join(try_it))}</pre>{sections}</html>"
    )


def _operation(path: str, method: str, entry: dict[str, Any]) -> str:
    description = escape(entry.get("description", "")).replace("\n\n", "</p><p>")
    return (
        f'<details><summary><b class="m {method}">{method.upper()}</b> <code>{escape(path)}</code> '
        f"{escape(entry['summary'])}</summary><p>{description}</p>"
        f"{_parameters(entry)}{_body(entry)}{_answers(entry)}</details>"
    )


def _parameters(entry: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code><td>{escape(each['description'])}"
        for each in entry.get("parameters", ())
    )
    return f"<table><tr><th>Query<th>{rows}</table>" if rows else ""


def _body(entry: dict[str, Any]) -> str:
    kinds = ", ".join(entry.get("requestBody", {}).get("content", ()))
    return f"<p>Takes <code>{escape(kinds)}</code></p>" if kinds else ""


def _answers(entry: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{status}</code><td>{escape(answer['description'])}"
        for status, answer in entry["responses"].items()
    )
    return f"<table><tr><th>Answers<th>{rows}</table>{_example(entry)}"


def _example(entry: dict[str, Any]) -> str:
    for answer in entry["responses"].values():
        for content in answer.get("content", {}).values():
            if "example" in content:
                return f"<pre>{escape(json.dumps(content['example'], indent=2))}</pre>"
    return ""
