"""Text within Markdown: lines joined to paragraphs, and characters kept from becoming markup.

Sources: CommonMark 0.31.2, sections 2.4 backslash escapes and 4 leaf blocks; GitHub Flavored Markdown 0.29,
sections 4.10 tables and 6.9 autolinks; RFC 7763 for the type itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"[\\`*_\[\]~|#$]")
_LINK = re.compile(r":(?=//)|(?<=www)\.|(?<=\S)@(?=\S)", re.IGNORECASE)  # links without brackets
_BLOCK = re.compile(r"(?P<number>\d+)(?=[.)](\s|$))|(?=[-+=:])")

_HYPHENS = ("-", "\N{HYPHEN}", "\N{SOFT HYPHEN}")
_UNSPACED = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\u0e00-\u0eff\U00020000-\U0003ffff]"
)
"""Scripts that put no space between words: Chinese, Japanese, Thai and Lao."""


def inline(text: str) -> str:
    """The text so that a Markdown reader shows it as it is, anywhere but at the start of a block."""
    escaped = _MARKUP.sub(r"\\\g<0>", text.strip()).translate(_ENTITIES)
    return _LINK.sub(r"\\\g<0>", escaped)


def at_start(text: str) -> str:
    """The text so that a Markdown reader shows it as it is at the start of a block: as a paragraph."""
    escaped = inline(text)
    start = _BLOCK.match(escaped)
    if start is None:
        return escaped
    return f"{start['number'] or ''}\\{escaped[start.end() :]}"


def joined(texts: Sequence[str]) -> str:
    """Lines as one: words cut by a hyphen are made whole, scripts without spaces are joined without."""
    whole = ""
    for text in texts:
        whole = _appended(whole, text) if whole else text
    return whole


def _appended(text: str, after: str) -> str:
    if not after:
        return text
    if text.endswith(_HYPHENS) and text[-2:-1].isalnum() and after[0].isalnum():
        # Before a capital or a number the hyphen is part of the text: Austria-Hungary, 12-14.
        cut = text[-1] == "\N{SOFT HYPHEN}" or (after[0].isalpha() and not after[0].isupper())
        return (text[:-1] if cut else text) + after
    return text + after if _UNSPACED.match(text[-1]) and _UNSPACED.match(after[0]) else f"{text} {after}"
