"""Markers of requirements: whether one holds on this machine (PyPA's dependency specifiers, PEP 508).

As much of the language as distributions use: comparisons of strings, ``and``, ``or`` and brackets, which
read as Python does. Versions are compared by their numbers. What is not known holds.
"""

from __future__ import annotations

import ast
import os
import platform
import re
import sys

NUMBER = re.compile(r"\d+")


def holds(marker: str, extra: str = "") -> bool:
    """Whether a requirement with this marker is one of the distribution, or of its extra."""
    names = {
        "extra": extra,
        "os_name": os.name,
        "sys_platform": sys.platform,
        "platform_machine": platform.machine(),
        "platform_system": platform.system(),
        "platform_python_implementation": platform.python_implementation(),
        "implementation_name": sys.implementation.name,
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "python_full_version": platform.python_version(),
    }
    return _holds(ast.parse(marker.strip(), mode="eval").body, names) if marker.strip() else True


def _holds(node: ast.expr, names: dict[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        parts = (_holds(each, names) for each in node.values)
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if not isinstance(node, ast.Compare):
        return True
    left, right = _value(node.left, names), _value(node.comparators[0], names)
    if left is None or right is None:
        return True
    return _compare(node.ops[0], left, right)


def _value(node: ast.expr, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _compare(operator: ast.cmpop, left: str, right: str) -> bool:
    if isinstance(operator, ast.In | ast.NotIn):
        return (left in right) == isinstance(operator, ast.In)
    if isinstance(operator, ast.Eq | ast.NotEq):
        return (left == right) == isinstance(operator, ast.Eq)
    ours, theirs = ([int(each) for each in NUMBER.findall(text)] for text in (left, right))
    if isinstance(operator, ast.Lt | ast.GtE):
        return (ours < theirs) == isinstance(operator, ast.Lt)
    return (ours > theirs) == isinstance(operator, ast.Gt)
