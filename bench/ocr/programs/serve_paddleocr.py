"""The anchor behind a plain FastAPI: ``serve_paddleocr.py PORT``.

What a careful user writes in half an hour: one engine built at the start, an upload decoded and read in
the server's thread pool, and a lock, because the engine is not safe under concurrent calls.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

import cv2
import numpy as np
import uvicorn
from anchor import build  # type: ignore[import-not-found]
from fastapi import FastAPI, UploadFile  # type: ignore[import-not-found]

engine = build()
lock = threading.Lock()
app = FastAPI()


@app.post("/ocr")  # type: ignore[untyped-decorator]
def ocr(file: UploadFile) -> dict[str, Any]:
    """Read one uploaded image."""
    started = time.perf_counter()
    image = cv2.imdecode(np.frombuffer(file.file.read(), np.uint8), cv2.IMREAD_COLOR)
    with lock:
        began = time.perf_counter()
        page = engine.predict(image)[0]
        inferred = time.perf_counter() - began
    found = zip(page["rec_texts"], page["rec_scores"], page["rec_polys"], strict=True)
    results = [
        {"text": text, "confidence": float(score), "bbox": polygon.tolist()} for text, score, polygon in found
    ]
    return {
        "success": True,
        "processing_time_ms": (time.perf_counter() - started) * 1000,
        "results": results,
        "timings": {"engine": inferred * 1000},
    }


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
