import numpy as np
import pytest

from cuoshi.stages.thresholds import (
    COOLEST,
    HIGHEST,
    HOTTEST,
    LOWEST,
    PRIOR_THRESHOLD,
    choose_thresholds,
    fit_temperature,
)


def test_a_threshold_lies_between_what_is_given_and_what_is_not() -> None:
    gold = np.array([[True]] * 200 + [[False]] * 800)
    scores = np.array([[0.7]] * 200 + [[0.4]] * 800, dtype=np.float32)
    (threshold,) = choose_thresholds(gold, scores)
    assert 0.4 < threshold <= 0.7


@pytest.mark.parametrize(("positive", "negative"), [(0.01, 0.001), (0.999, 0.99)])
def test_thresholds_stay_within_bounds(positive: float, negative: float) -> None:
    gold = np.array([[True], [False]])
    scores = np.array([[positive], [negative]], dtype=np.float32)
    (threshold,) = choose_thresholds(gold, scores)
    assert LOWEST <= threshold <= HIGHEST


def test_a_measure_without_positive_sentences_gets_the_prior() -> None:
    gold, scores = np.zeros((5, 2), dtype=bool), np.full((5, 2), 0.3)
    assert choose_thresholds(gold, scores) == [PRIOR_THRESHOLD] * 2


def test_one_odd_sentence_does_not_move_the_threshold_to_its_score() -> None:
    gold = np.array([[True]] * 7 + [[False]] * 90)
    scores = np.concatenate([np.full(6, 0.9), [0.21], np.full(85, 0.02), np.full(5, 0.3)])
    (threshold,) = choose_thresholds(gold, scores[:, None].astype(np.float32))
    assert threshold > 0.3


def test_few_positive_sentences_hardly_move_the_threshold() -> None:
    def choose(number: int) -> float:
        gold = np.array([[True]] * number + [[False]] * number * 9)
        scores = np.array([[0.3]] * number + [[0.01]] * number * 9, dtype=np.float32)
        return choose_thresholds(gold, scores)[0]

    assert 0.3 < choose(5) < PRIOR_THRESHOLD
    assert choose(5) > choose(50) > choose(500)
    assert choose(500) < 0.3


def test_a_temperature_undoes_overconfidence() -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(-2, 2, (4000, 4))
    gold = generator.random(logits.shape) < 1 / (1 + np.exp(-logits))
    assert fit_temperature(gold, logits.astype(np.float32)) == pytest.approx(1.0, abs=0.1)
    assert fit_temperature(gold, (1.5 * logits).astype(np.float32)) == pytest.approx(1.5, abs=0.15)


def test_a_temperature_stays_within_bounds() -> None:
    gold = np.array([[True], [False]])
    right = np.array([[9.0], [-9.0]], dtype=np.float32)
    assert fit_temperature(gold, right) == COOLEST
    assert fit_temperature(gold, -right) == HOTTEST
