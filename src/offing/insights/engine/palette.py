"""The few colours that an image is made of.

The pixels are first counted in 16 x 16 x 16 boxes of sRGB levels. The boxes' mean colours, as whole
thousandths of Oklab, are clustered by k-means with weights: the first centre is the heaviest box, each next
one the box with the largest weight times squared distance from the centres so far. Then the two nearest
clusters are joined until at most six are left and none are near. Only the counts enter, and in whole
numbers, so the result depends neither on chance, nor on the pixels' order, nor on the machine.

Sources: S. Lloyd, "Least squares quantization in PCM" (1982); for the start, D. Arthur and
S. Vassilvitskii, "k-means++" (2007), with the largest weight taken instead of a drawn one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from offing.insights.engine.oklab import oklab
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.results import Swatch
from offing.insights.engine.shares import apportion
from offing.insights.engine.srgb import hexadecimal

MOST = 6
"""Entries at most."""

NEAR = 60
"""Thousandths of Oklab: clusters nearer than this are joined (100 is the way from black to white over 10)."""

SMALLEST = 0.001
"""Share of the pixels below which a cluster joins its nearest."""

_SEEDS, _ROUNDS, _BOXES, _LANES, _PARTS = 10, 8, 4096, 4, 10_000

Floats = NDArray[np.float64]


def dominant_color(pixels: Pixels) -> str:
    """The colour of the palette's largest share, as ``#rrggbb``."""
    return pixels.once(palette)[0].color


def palette(pixels: Pixels) -> tuple[Swatch, ...]:
    """One to six colours with their shares, the largest first, of equal ones the smaller ``#rrggbb``."""
    weights, sums = _join(*_cluster(*_count(pixels)))
    shares = apportion([int(weight) for weight in weights], _PARTS)
    colors = [hexadecimal(total / weight) for total, weight in zip(sums, weights, strict=True)]
    ordered = sorted(zip(shares, colors, strict=True), key=lambda entry: (-entry[0], entry[1]))
    return tuple(Swatch(color, share / _PARTS) for share, color in ordered)


def _count(pixels: Pixels) -> tuple[Floats, Floats]:
    """Pixels (N,) and summed linear light (N, 3) of each box that has any."""
    red, green, blue = (pixels.rgb[..., channel] for channel in range(3))
    box = (red & 0xF0).astype(np.uint16) << 4
    box |= green & 0xF0
    box |= blue >> 4
    index = box.ravel().astype(np.intp)
    # Neighbours are mostly of one box, and adding to one place twice in a row stalls the processor: the
    # pixels take turns among four tables.
    for lane in range(1, _LANES):
        index[lane::_LANES] += lane * _BOXES
    tables: list[NDArray[Any]] = [np.bincount(index, minlength=_LANES * _BOXES)]
    tables += [np.bincount(index, plane.ravel(), _LANES * _BOXES) for plane in pixels.light]
    weights, *sums = (table.reshape(_LANES, _BOXES).sum(axis=0, dtype=np.float64) for table in tables)
    used = weights > 0
    return weights[used], np.stack(sums, axis=1)[used]


def _cluster(weights: Floats, sums: Floats) -> tuple[Floats, Floats]:
    """Pixels and summed light of each cluster of boxes."""
    points = _place(weights, sums)
    centres = _seeds(points, weights)
    labels = _nearest(points, centres)
    weighted = points * weights[:, None]
    for _ in range(_ROUNDS):
        filled, moved = _totals(labels, len(centres), weights, weighted)
        taken = filled > 0
        centres[taken] = np.rint(moved[taken] / filled[taken, None])
        before, labels = labels, _nearest(points, centres)
        if np.array_equal(before, labels):
            break
    filled, light = _totals(labels, len(centres), weights, sums)
    return filled[filled > 0], light[filled > 0]


def _totals(
    labels: NDArray[np.intp], clusters: int, weights: Floats, columns: Floats
) -> tuple[Floats, Floats]:
    """Sums over each cluster: of the weights (clusters,) and of the columns (clusters, 3)."""
    totals: list[NDArray[Any]] = [np.bincount(labels, each, clusters) for each in (weights, *columns.T)]
    return totals[0], np.stack(totals[1:], axis=1)


def _nearest(points: Floats, centres: Floats) -> NDArray[np.intp]:
    # The point's own square is the same for every centre and left out.
    nearest: NDArray[np.intp] = np.argmin((centres**2).sum(axis=1) - points @ (2 * centres.T), axis=1)
    return nearest


def _seeds(points: Floats, weights: Floats) -> Floats:
    chosen = int(np.argmax(weights))
    seeds = [points[chosen]]
    away = np.full(len(points), np.inf)
    squares = np.einsum("ij,ij->i", points, points)
    while len(seeds) < _SEEDS:
        away = np.minimum(away, squares - points @ (2 * seeds[-1]) + seeds[-1] @ seeds[-1])
        if not away.any():
            break
        chosen = int(np.argmax(weights * away))
        seeds.append(points[chosen])
    return np.stack(seeds)


def _join(weights: Floats, sums: Floats) -> tuple[Floats, Floats]:
    """Join clusters until at most :data:`MOST` are left, none :data:`NEAR` another and none too small."""
    least = SMALLEST * weights.sum()
    while len(weights) > 1:
        places = _place(weights, sums)
        distances = ((places[:, None] - places) ** 2).sum(axis=2)
        np.fill_diagonal(distances, np.inf)
        if weights.min() < least:
            first = int(np.argmin(weights))
            second = int(np.argmin(distances[first]))
        else:
            first, second = divmod(int(np.argmin(distances)), len(weights))
            if len(weights) <= MOST and distances[first, second] >= NEAR**2:
                break
        weights[second] += weights[first]
        sums[second] += sums[first]
        weights, sums = np.delete(weights, first), np.delete(sums, first, axis=0)
    return weights, sums


def _place(weights: Floats, sums: Floats) -> Floats:
    """Mean colours in whole thousandths of Oklab: whole, so that every distance below is exact."""
    return np.rint(oklab(sums / weights[:, None]) * 1000)
