"""Finds the operation for a request, and answers 404 and 405 as problems."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from offing.kernel.exchange import exchange_of
from offing.kernel.operation import Operation
from offing.kernel.problems import MethodNotAllowed, NotFound


class Routes:
    """The innermost ASGI app: a table of operations by path and method.

    Paths are Starlette's templates (``/files/{path:path}``); where several fit, one that takes no slashes
    comes before one that does, and then the first. HEAD is answered by GET, and OPTIONS by the list of
    methods.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._exact: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            methods = self._exact.setdefault(operation.path, {})
            methods[operation.method] = operation
            if operation.method == "GET":
                methods.setdefault("HEAD", operation)
        templates = sorted((path for path in self._exact if "{" in path), key=lambda path: ":path}" in path)
        self._patterns = [(*compile_path(path)[::2], self._exact[path]) for path in templates]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        methods = self._find(scope)
        exchange_of(scope).route = next(iter(methods.values())).path
        allowed = ", ".join(sorted({*methods, "OPTIONS"}))
        if scope["method"] == "OPTIONS":
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
            return
        operation = methods.get(scope["method"])
        if operation is None:
            raise MethodNotAllowed(headers={"Allow": allowed})
        response = await operation.endpoint(Request(scope, receive))
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> dict[str, Operation]:
        path = scope["path"]
        if (methods := self._exact.get(path)) is not None and "{" not in path:
            return methods
        for pattern, convertors, methods in self._patterns:
            if match := pattern.fullmatch(path):
                scope["path_params"] = {
                    name: convertors[name].convert(text) for name, text in match.groupdict().items()
                }
                return methods
        raise NotFound
