import numpy as np
import pytest

from cuoshi.stages.metrics import (
    bootstrap_intervals,
    measure_decisions,
    measure_scores,
    reliability,
)

RNG = np.random.default_rng(7)
GOLD = RNG.random((300, 4)) < 0.2
SCORES = np.clip(GOLD * 0.6 + RNG.random((300, 4)) * 0.5, 0, 1).astype(np.float32)
PREDICTED = SCORES >= 0.5


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    figures = measure_decisions(GOLD, PREDICTED)
    for row in figures["measures"].values():
        mean = 2 * row["precision"] * row["recall"] / (row["precision"] + row["recall"])
        assert row["f1"] == pytest.approx(mean, abs=1e-5)
    assert figures["macro_f1"] == pytest.approx(
        np.mean([row["f1"] for row in figures["measures"].values()]), abs=1e-5
    )
    assert sum(row["support"] for row in figures["measures"].values()) == GOLD.sum()


def test_intervals_hold_the_figures_and_repeat_with_the_seed() -> None:
    figures = measure_decisions(GOLD, PREDICTED)
    intervals = bootstrap_intervals(GOLD, PREDICTED, SCORES, resamples=200, seed=1)
    assert intervals == bootstrap_intervals(GOLD, PREDICTED, SCORES, resamples=200, seed=1)
    for name in ("macro_f1", "micro_f1", "exact_match"):
        low, high = intervals[name]
        assert low <= figures[name] <= high
    for measure, row in figures["measures"].items():
        for name in ("precision", "recall", "f1"):
            low, high = intervals[f"{measure}.{name}"]
            assert low <= row[name] <= high


def test_calibration_of_perfect_and_of_opposite_scores() -> None:
    perfect = measure_scores(GOLD, GOLD.astype(np.float32), bins=10)
    opposite = measure_scores(GOLD, (~GOLD).astype(np.float32), bins=10)
    assert (perfect["calibration_error"], perfect["brier"]) == (0, 0)
    assert (opposite["calibration_error"], opposite["brier"]) == (1, 1)
    assert set(perfect["average_precision"].values()) == {1}


def test_reliability_counts_every_decision_once() -> None:
    points = reliability(GOLD, SCORES, bins=10)
    assert sum(point["count"] for point in points) == GOLD.size
    assert sum(p["frequency"] * p["count"] for p in points) == pytest.approx(GOLD.sum(), abs=0.01)
