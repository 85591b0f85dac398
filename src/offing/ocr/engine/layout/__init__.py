"""Reading order by geometry alone: boxes of text in, blocks of lines out; no image, no model.

skew ── fragment ── splitting ── columns (gutters, titles) ── rows ── joining ── blocks
"""

from offing.ocr.engine.layout.order import arrange

__all__ = ["arrange"]
