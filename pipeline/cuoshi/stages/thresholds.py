"""Calibrate scores and choose from which on a measure is given, on validation alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

COOLEST, HOTTEST = 0.5, 3.0
"""Temperatures outside are never chosen."""

LOWEST, HIGHEST = 0.2, 0.8
"""Thresholds outside are never chosen: few validation sentences cannot bear them."""

SOFTNESS = 0.5
"""Width, in logits, over which a score counts partly on either side of a threshold."""

PRIOR_THRESHOLD = 0.4
"""Where thresholds lie without evidence. Over calibrated scores the threshold with the best F1 is
half of that F1 (Lipton et al., "Optimal Thresholding of Classifiers to Maximize F1 Measure",
2014), which lies between 0.8 and 0.9 here."""

PRIOR = 20
"""Positive sentences that the prior is worth against those of validation."""


def fit_temperature(gold: NDArray[np.bool_], logits: NDArray[np.float32]) -> float:
    """The divisor of the logits that makes the truth most likely, in hundredths.

    Temperature scaling after Guo et al., "On Calibration of Modern Neural Networks" (2017),
    with one temperature for all measures, since few positive sentences cannot bear four.

    Args:
        gold: which measures each sentence directs, `(n, measures)`.
        logits: `(n, measures)`.
    """
    z = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        scaled = z / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0, scaled) - gold * scaled))

    found = minimize_scalar(loss, bounds=np.log([COOLEST, HOTTEST]), method="bounded")
    return round(float(np.exp(found.x)), 2)


def choose_thresholds(gold: NDArray[np.bool_], scores: NDArray[np.float32]) -> list[float]:
    """The threshold with the best F1 for each measure, drawn to the prior where evidence is thin.

    With a handful of positive sentences the plain F1 jumps from one score to the next and its
    maximum means little. A score therefore counts as given with the probability
    `sigmoid((logit - threshold) / SOFTNESS)`, which makes F1 a smooth function of the threshold.
    The best threshold over `n` positive sentences then counts `n / (n + PRIOR)`, and
    `PRIOR_THRESHOLD` the rest: seven sentences do not say much about the speeches to come.

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
        distance = (logits[:, column, None] - _logit(grid)[None, :]) / SOFTNESS
        given = 1 / (1 + np.exp(-distance))
        f1 = 2 * given[positive].sum(0) / (given.sum(0) + positive.sum())
        # Among equals the one nearest to the prior.
        best = np.flatnonzero(f1 >= f1.max() - 1e-9)
        nearest = best[np.argmin(np.abs(grid[best] - PRIOR_THRESHOLD))]
        weight = positive.sum() / (positive.sum() + PRIOR)
        prior = _logit(np.array(PRIOR_THRESHOLD))
        logit = weight * _logit(grid)[nearest] + (1 - weight) * prior
        threshold = 1 / (1 + np.exp(-logit))
        chosen.append(round(float(threshold), 2))
    return chosen


def _logit(p: NDArray[np.floating]) -> NDArray[np.float64]:
    clipped = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)
