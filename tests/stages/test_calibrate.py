import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from cuoshi.errors import DataError, ModelError
from cuoshi.measures import MEASURES
from cuoshi.stages.calibrate import calibrate, fit_calibration, read_calibration
from cuoshi.stages.config import CalibrateConfig


@pytest.mark.parametrize("weights", [(1.0, 0.0, 0.0), (0.8, 1.5, -1.0), (1.4, 3.0, -0.5)])
def test_the_weights_are_those_by_which_the_truth_came_about(
    weights: tuple[float, float, float],
) -> None:
    scale, keyword, bias = weights
    generator = np.random.default_rng(1)
    logits = generator.normal(0, 2, (10_000, 4))
    words = generator.random(logits.shape) < 0.3
    truth = expit(scale * logits + keyword * words + bias)
    gold = generator.random(logits.shape) < truth
    found = fit_calibration(gold, logits, words, penalty=1.0)
    assert (found.scale, found.keyword, found.bias) == pytest.approx(weights, abs=0.1)
    assert np.abs(found.weigh(logits, words) - truth).mean() < 0.01


def test_few_sentences_trust_the_words_less() -> None:
    gold = np.eye(4, dtype=bool)
    logits = np.where(gold, 1.0, -1.0)
    few = fit_calibration(gold, logits, gold, penalty=1.0)
    many = fit_calibration(
        np.tile(gold, (50, 1)), np.tile(logits, (50, 1)), np.tile(gold, (50, 1)), 1.0
    )
    assert 0 < few.keyword < many.keyword


def test_validation_speeches_without_a_measure_are_refused() -> None:
    nothing = np.zeros((5, 4), dtype=bool)
    with pytest.raises(DataError, match=r"no measure; name others in configs/preprocess\.yaml"):
        fit_calibration(nothing, np.zeros((5, 4)), nothing, penalty=1.0)


def test_what_is_missing_names_the_stage_to_run(tmp_path: Path, tiny_data: Path) -> None:
    with pytest.raises(ModelError, match=r"calibration\.json is missing; run `dvc repro calibrate"):
        read_calibration(tmp_path / "calibration.json")
    with pytest.raises(ModelError, match=r"holds no trained model; run `dvc repro train`"):
        calibrate(tmp_path, tiny_data, CalibrateConfig(penalty=1.0, batch_size=8))


def test_validation_alone_makes_the_calibration(
    tiny_trained: Path, tiny_data: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_data / "validation", tmp_path / "validation")
    report = calibrate(tiny_trained, tmp_path, CalibrateConfig(penalty=1.0, batch_size=8))
    assert report["sentences"] == 24
    assert list(report["thresholds"]) == list(MEASURES)
    assert report["log_loss"] < 0.5
