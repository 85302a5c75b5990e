"""The figures of a classifier on labelled sentences, with bootstrap intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_recall_fscore_support,
)

from cuoshi.measures import MEASURES

Flags = NDArray[np.bool_]
Scores = NDArray[np.float32]


def measure_decisions(gold: Flags, predicted: Flags) -> dict[str, Any]:
    """Precision, recall and F1 per measure, and over all of them.

    Args:
        gold, predicted: which measures each sentence directs, `(n, 4)`.
    """
    precision, recall, f1, support = precision_recall_fscore_support(
        gold, predicted, average=None, zero_division=0.0
    )
    return {
        "macro_f1": _round(f1.mean()),
        "micro_f1": _round(f1_score(gold, predicted, average="micro", zero_division=0.0)),
        "exact_match": _round((gold == predicted).all(axis=1).mean()),
        "measures": {
            measure: {
                "precision": _round(precision[i]),
                "recall": _round(recall[i]),
                "f1": _round(f1[i]),
                "support": int(support[i]),
            }
            for i, measure in enumerate(MEASURES)
        },
    }


def measure_scores(gold: Flags, scores: Scores, bins: int) -> dict[str, Any]:
    """Average precision per measure, and how far scores are from frequencies.

    Expected calibration error after Guo et al., "On Calibration of Modern Neural Networks"
    (2017): the mean distance between score and frequency over equally wide bins, weighted by
    their sizes; here over all (sentence, measure) pairs. The Brier score is the mean squared
    difference between score and truth.
    """
    curve = reliability(gold, scores, bins)
    total = sum(point["count"] for point in curve)
    gaps = sum(abs(p["score"] - p["frequency"]) * p["count"] for p in curve)
    return {
        "average_precision": {
            measure: _round(average_precision_score(gold[:, i], scores[:, i]))
            if gold[:, i].any()
            else None
            for i, measure in enumerate(MEASURES)
        },
        "calibration_error": _round(gaps / total),
        "brier": _round(brier_score_loss(gold.reshape(-1), scores.reshape(-1))),
    }


def reliability(gold: Flags, scores: Scores, bins: int) -> list[dict[str, float]]:
    """Mean score and frequency of the truth in each bin of scores that is not empty."""
    truth, score = gold.reshape(-1), scores.reshape(-1).astype(np.float64)
    bin_of = np.minimum((score * bins).astype(int), bins - 1)
    return [
        {
            "score": _round(score[inside].mean()),
            "frequency": _round(truth[inside].mean()),
            "count": int(inside.sum()),
        }
        for b in range(bins)
        if (inside := bin_of == b).any()
    ]


def bootstrap_intervals(
    gold: Flags, predicted: Flags, scores: Scores, resamples: int, seed: int
) -> dict[str, Any]:
    """95 % percentile intervals of every figure, resampling sentences.

    Sentences of one speech are not independent, so the intervals are, if anything, too narrow.
    """
    generator = np.random.default_rng(seed)
    n = len(gold)
    figures: dict[str, list[float]] = {}
    for _ in range(resamples):
        rows = generator.integers(0, n, n)
        g, p, s = gold[rows], predicted[rows], scores[rows]
        hits = (g & p).sum(0)
        given, wanted = p.sum(0), g.sum(0)
        f1 = _divide(2 * hits, given + wanted)
        drawn = {
            "macro_f1": f1.mean(),
            "micro_f1": _divide(2 * hits.sum(), (given + wanted).sum()),
            "exact_match": (g == p).all(1).mean(),
        }
        precision, recall = _divide(hits, given), _divide(hits, wanted)
        for i, measure in enumerate(MEASURES):
            drawn[f"{measure}.precision"] = precision[i]
            drawn[f"{measure}.recall"] = recall[i]
            drawn[f"{measure}.f1"] = f1[i]
            if g[:, i].any():
                drawn[f"{measure}.average_precision"] = average_precision_score(g[:, i], s[:, i])
        for name, value in drawn.items():
            figures.setdefault(name, []).append(float(value))
    return {
        name: [_round(q) for q in np.percentile(values, [2.5, 97.5])]
        for name, values in figures.items()
    }


def _divide(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(a / np.maximum(b, 1), dtype=np.float64)


def _round(value: Any) -> float:
    """Six digits: more would only record the order of additions."""
    return round(float(value), 6)
