"""The first use of a runtime by several threads at once, as a reader begins."""

from __future__ import annotations

import subprocess
import sys

import pytest

FIRST_USE_BY_TWO = """
import sys, threading
import openvino
import offing.ocr.engine.openvino_runtime

sys.setswitchinterval(1e-6)
made = [openvino.op.Constant(openvino.Type.f32, openvino.Shape([2]), [1.0, 2.0]) for _ in range(2)]
ready = threading.Barrier(2)

def read(constant):
    ready.wait()
    assert constant.get_data().tolist() == [1.0, 2.0]

threads = [threading.Thread(target=read, args=(each,)) for each in made]
for each in threads:
    each.start()
for each in threads:
    each.join()
print("read")
"""
"""Where the runtime's module does not prepare this, three processes of four never end."""


@pytest.mark.parametrize("process", range(4))
def test_two_threads_may_be_the_first_to_read_weights(process: int) -> None:
    del process
    ended = subprocess.run(
        [sys.executable, "-c", FIRST_USE_BY_TWO], capture_output=True, timeout=30, check=False
    )
    assert ended.stdout.strip() == b"read", ended.stderr.decode()
