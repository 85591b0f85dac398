"""The hostile files as requests of this benchmark."""

from __future__ import annotations

import io

from PIL import Image

from bench.insights.hostile import Case
from bench.insights.wire import upload


def cases() -> list[Case]:
    """TEMPORARY."""
    out = []
    b = io.BytesIO()
    Image.new("RGB", (13000, 13000), (10, 200, 30)).save(b, "JPEG", quality=50)
    out.append(Case("flat jpeg", upload(b.getvalue())))
    b = io.BytesIO()
    Image.new("1", (20000, 20000)).save(b, "PNG")
    out.append(Case("1-bit png", upload(b.getvalue(), media_type="image/png", unique=False)))
    b = io.BytesIO()
    Image.new("RGB", (512, 512), (10, 200, 30)).save(b, "JPEG", progressive=True)
    d = b.getvalue()
    at = d.rindex(b"\xff\xda")
    scan = d[at:-2]
    out.append(Case("many scans", upload(d[:at] + scan * 8000 + d[-2:])))
    for n in range(0, 300, 30):
        out.append(Case(f"cut {n}", upload(d[:n], unique=False)))
    return out
