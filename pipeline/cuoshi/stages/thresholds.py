"""Choose from which score on a measure is given, on validation alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.2, 0.8
"""Thresholds outside are never chosen: few validation sentences cannot bear them."""

SOFTNESS = 0.5
"""Width, in logits, over which a score counts partly on either side of a threshold."""


def choose_thresholds(gold: NDArray[np.bool_], scores: NDArray[np.float32]) -> list[float]:
    """The threshold with the best F1 for each measure.

    With a handful of positive sentences the plain F1 jumps from one score to the next and its
    maximum means little. A score therefore counts as given with the probability
    `sigmoid((logit - threshold) / SOFTNESS)`, which makes F1 a smooth function of the threshold.
    A measure without positive sentences gets 0.5.

    Args:
        gold: which measures each sentence directs, `(n, measures)`.
        scores: probabilities, `(n, measures)`.

    Returns:
        One threshold per measure, in hundredths.
    """
    grid = np.round(np.arange(LOWEST, HIGHEST + 0.005, 0.01), 2)
    logits = _logit(scores)
    chosen = []
    for column in range(gold.shape[1]):
        positive = gold[:, column]
        if not positive.any():
            chosen.append(0.5)
            continue
        distance = (logits[:, column, None] - _logit(grid)[None, :]) / SOFTNESS
        given = 1 / (1 + np.exp(-distance))
        f1 = 2 * given[positive].sum(0) / (given.sum(0) + positive.sum())
        # Among equals the one nearest to 0.5.
        best = np.flatnonzero(f1 >= f1.max() - 1e-9)
        chosen.append(float(grid[best[np.argmin(np.abs(grid[best] - 0.5))]]))
    return chosen


def _logit(p: NDArray[np.floating]) -> NDArray[np.float64]:
    clipped = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)
