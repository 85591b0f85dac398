"""OpenVINO's model converter, which nothing here needs."""

from __future__ import annotations

import sys

CONVERTER = "openvino.tools.ovc"


def leave_out_converter() -> None:
    """Have OpenVINO load without its converter, in the whole process; to be called before it is loaded.

    The converter is more than half of the time that loading takes, and it loads ``openvino_telemetry``
    where that is installed. OpenVINO itself is made to do without it.
    """
    sys.modules.setdefault(CONVERTER, None)  # type: ignore[arg-type]  # None is how a module is left out
