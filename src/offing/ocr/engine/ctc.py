"""From the scores of a recognition network to text (CTC greedy decoding, Graves et al. 2006, section 3.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.recognised import Recognised, Span
from offing.ocr.engine.runtime import Tensor

BLANK = 0
NOTHING = 20
"""So far below the best score, ten thousand classes together change a probability by 2 in 100,000."""


class Alphabet:
    """The characters of a recognition model, by class; class 0 is CTC's blank."""

    def __init__(self, characters: list[str], classes: int) -> None:
        # Models count a space as their last class, whether or not their list holds one.
        given = ["", *characters]
        self.characters = given + [" "] * (classes - len(given))


def decode(scores: Tensor, alphabet: Alphabet, *, raw: bool, used: float) -> Recognised:
    """The text of one line.

    ``scores`` is (steps, classes), before the softmax where ``raw``; ``used`` is the share of the steps
    that lies over the line's image, the rest over padding. Confidence is the mean probability of the
    characters that are kept.
    """
    best = scores.argmax(axis=1)
    kept = best != BLANK
    kept[1:] &= best[1:] != best[:-1]
    steps = np.flatnonzero(kept)
    if not steps.size:
        return Recognised("", 0.0)
    classes = best[steps]
    sure = _probabilities(scores, steps, classes, raw=raw)
    text = [alphabet.characters[each] for each in classes]
    places = (steps + 0.5) / (len(scores) * used)
    return Recognised("".join(text).strip(), float(sure.mean()), _spans(text, sure, np.minimum(places, 1.0)))


def _probabilities(
    scores: Tensor, steps: NDArray[np.intp], classes: NDArray[np.intp], *, raw: bool
) -> Tensor:
    """Of the best classes. What the softmax would make nothing of is left out of its sum, to spare time."""
    top = scores[steps, classes]
    if not raw:
        return top
    shares = np.empty(len(steps), np.float32)
    for place, (step, most) in enumerate(zip(steps, top, strict=True)):
        row = scores[step]
        shares[place] = 1 / np.exp(row[row > most - NOTHING] - most).sum()
    return shares


def _spans(text: list[str], sure: Tensor, places: NDArray[np.float64]) -> tuple[Span, ...]:
    """The words between spaces, narrow or wide; a word's edge lies half way to the space beside it."""
    spans: list[Span] = []
    last = len(text) - 1
    first = 0
    for here in range(len(text) + 1):
        if here <= last and not text[here].isspace():
            continue
        if here > first:
            start = (places[first - 1] + places[first]) / 2 if first else 0.0
            end = (places[here - 1] + places[here]) / 2 if here <= last else 1.0
            word, share = "".join(text[first:here]), float(sure[first:here].mean())
            spans.append(Span(word, share, float(start), float(end)))
        first = here + 1
    return tuple(spans)
