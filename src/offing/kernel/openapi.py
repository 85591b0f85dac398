"""The OpenAPI 3.1 document, made from the operations that the routes are made from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

import offing
from offing.kernel.operation import Answer, Operation

CONVERTOR = re.compile(r":[a-z]+\}")
"""Starlette's ``{name:path}`` is OpenAPI's ``{name}``."""
REFERENCE = "#/components/schemas/{name}"
PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "remedy": {"type": "string"},
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "code", "remedy", "request_id"],
}
PROBLEM = {"$ref": REFERENCE.format(name="Problem")}


def problem(meaning: str) -> Answer:
    """An answer in the kernel's one error shape."""
    return Answer(meaning, PROBLEM, "application/problem+json")


EVERY_SERVICE = {
    401: problem("Missing or invalid API key (only where keys are set)."),
    408: problem("The body took too long to come."),
    413: problem("The body is larger than the limit."),
    503: problem("Busy, starting or draining; Retry-After says when to come back."),
    504: problem("The request passed its time limit."),
}


def document(operations: Iterable[Operation], title: str, description: str) -> dict[str, Any]:
    """The whole document."""
    operations = list(operations)
    types = list(_types(operations))
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    by_type = dict(zip(map(id, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        entry = _entry(operation, by_type)
        paths.setdefault(CONVERTOR.sub("}", operation.path), {})[operation.method.lower()] = entry
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "description": description,
            "version": offing.__version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM_SCHEMA, **components},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        },
        "security": [{}, {"key": []}],
    }


def _types(operations: Iterable[Operation]) -> Iterator[Any]:
    for operation in operations:
        shapes = [answer.schema for answer in operation.answers.values()]
        shapes.append(operation.body.schema if operation.body else None)
        yield from (shape for shape in shapes if shape is not None and not isinstance(shape, dict))


def _entry(operation: Operation, schemas: dict[int, Any]) -> dict[str, Any]:
    name = operation.path.strip("/").replace("/", "_").translate(str.maketrans("", "", "{}:")) or "root"
    entry: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()}_{name}",
        "tags": [operation.tag or "server"],
    }
    if operation.description:
        entry["description"] = operation.description
    if parameters := [*_path_parameters(operation.path), *_query_parameters(operation.query)]:
        entry["parameters"] = parameters
    if operation.body is not None:
        content = {operation.body.media_type: {"schema": _schema(operation.body.schema, schemas)}}
        entry["requestBody"] = {"required": True, "content": {**content, **_bytes(operation.body.also)}}
    of_service = operation.tag or operation.body
    answers = {**(EVERY_SERVICE if of_service else {}), **operation.answers}
    entry["responses"] = {str(status): _answer(answers[status], schemas) for status in sorted(answers)}
    return entry


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)", path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": "A part of the path.",
            "schema": {"type": "string"},
        }


def _query_parameters(query: Any) -> Iterator[dict[str, Any]]:
    if query is None:
        return
    described = msgspec.json.schema(query)
    (definition,) = (each for each in described["$defs"].values() if "properties" in each)
    for name, optional in definition["properties"].items():
        schema = _where_given(optional)
        yield {
            "name": name,
            "in": "query",
            "required": False,
            # Forms send what is not filled in: where it is allowed, the option is one that is not given.
            "allowEmptyValue": schema.pop("allowEmptyValue", True),
            "description": schema.pop("description", ""),
            "schema": schema,
        }


def _where_given(schema: dict[str, Any]) -> dict[str, Any]:
    """Of what may be absent, which a record has as None, what it is where it is there."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return dict(kinds[0]) if len(kinds) == 1 else schema


def _answer(answer: Answer, schemas: dict[int, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if answer.schema is not None:
        content["schema"] = _schema(answer.schema, schemas)
    if answer.example is not None:
        content["example"] = answer.example
    if not content and not answer.also:
        return {"description": answer.meaning}
    return {"description": answer.meaning, "content": {answer.media_type: content, **_bytes(answer.also)}}


def _bytes(media_types: Iterable[str]) -> dict[str, Any]:
    """Media types of which nothing more is said: their content is theirs (OpenAPI 3.1, section 4.8.14.3)."""
    return {each: {} for each in media_types}


def _schema(shape: Any, schemas: dict[int, Any]) -> Any:
    return shape if isinstance(shape, dict) else schemas[id(shape)]
