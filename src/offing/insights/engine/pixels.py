"""The image as every metric sees it: 8-bit samples, and what is derived from them once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from offing.insights.engine.srgb import LINEAR

Result = TypeVar("Result")


class Pixels:
    """One decoded and resized image.

    ``samples`` is uint8 sRGB of shape (H, W, 3), of any strides, or of shape (H, W) where the image is
    gray; H and W are at least 1. Nothing here writes to it.
    """

    def __init__(self, samples: NDArray[np.uint8]) -> None:
        self.samples = samples
        self._kept: dict[Callable[[Pixels], Any], Any] = {}

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.samples.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.samples.shape[1])

    @property
    def gray(self) -> NDArray[np.uint8] | None:
        """Shape (H, W): the one channel of a gray image; None where the image has colour channels."""
        return self.samples if self.samples.ndim == 2 else None  # noqa: PLR2004  rows and columns

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """Shape (H, W, 3); of a gray image a read-only view with the channel three times."""
        if self.gray is None:
            return self.samples
        return np.broadcast_to(self.gray[..., None], (*self.gray.shape, 3))

    @cached_property
    def luma(self) -> NDArray[np.int32]:
        """Shape (H, W): exact Rec. 709 luma in ten-thousandths, 2126 R + 7152 G + 722 B, 0 to 2,550,000."""
        if self.gray is not None:
            return self.gray * np.int32(10_000)
        red, green, blue = (self.samples[..., channel] for channel in range(3))
        luma = red * np.int32(2126)
        luma += green * np.int32(7152)
        luma += blue * np.int32(722)
        return luma

    @cached_property
    def light(self) -> NDArray[np.float64]:
        """Shape (3, H, W): linear light 0.0 to 1.0 of the red, the green and the blue plane.

        Sums of it are exact in any order (see :data:`offing.insights.engine.srgb.LINEAR`).
        """
        shape = (3, self.height, self.width)
        if self.gray is not None:
            return np.broadcast_to(LINEAR.take(self.gray), shape)
        light = np.empty(shape)
        for channel in range(3):
            # A level is always inside the table; "clip" only spares numpy a checked, buffered copy.
            np.take(LINEAR, self.samples[..., channel], out=light[channel], mode="clip")
        return light

    @cached_property
    def image(self) -> Image.Image:
        """The samples as a Pillow image of mode L or RGB."""
        if self.gray is not None:
            return Image.fromarray(self.gray)
        # A copy by planes is several times faster than the one that Pillow makes of odd strides.
        packed = self.samples.flags.c_contiguous
        planes = [self.samples[..., channel] for channel in range(3)]
        return Image.fromarray(self.samples if packed else np.stack(planes, axis=2))

    def once(self, compute: Callable[[Pixels], Result]) -> Result:
        """What ``compute`` gives for this image, computed when first asked for and kept."""
        if compute not in self._kept:
            self._kept[compute] = compute(self)
        return cast("Result", self._kept[compute])
