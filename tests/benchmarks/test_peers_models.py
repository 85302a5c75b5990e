from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import DatasetDict, load_from_disk
from peers_folds import fit_and_score
from peers_models import PEERS, SHOTS, Settings, add_none, draw_shots, space_out

from cuoshi.experiments.crossval import flags
from cuoshi.measures import MEASURES
from cuoshi.stages.config import EvaluateConfig, TrainConfig
from cuoshi.stages.metrics import measure_decisions
from cuoshi.stages.scoring import gold_labels

LIBRARIES = {"fasttext": "fasttext", "probe": "sentence_transformers", "setfit": "setfit"}


@pytest.fixture
def dataset(tiny_data: Path) -> DatasetDict:
    return DatasetDict({path.name: load_from_disk(str(path)) for path in tiny_data.glob("[!d]*")})


@pytest.fixture
def settings(tiny_base: Path, tiny_config: TrainConfig) -> Settings:
    evaluate = EvaluateConfig(
        seed=1, resamples=20, calibration_bins=10, batch_size=8, ngrams=[1, 2], svm_penalty=1.0
    )
    return Settings(tiny_base, tiny_config.model_copy(update={"epochs": 6.0}), evaluate)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peers_folds.TIMED_SECONDS", 1e-6)
    monkeypatch.setattr("peers_folds.TIMED_SENTENCES", 8)
    monkeypatch.setattr("peers_models.SHOT_STEPS", 30)


def reached(fold: dict[str, Any]) -> float:
    gold = flags([row["measures"] for row in fold["sentences"]])
    scores = np.array([row["scores"] for row in fold["sentences"]])
    thresholds = np.array(list(fold["thresholds"].values()))
    return float(measure_decisions(gold, scores >= thresholds)["macro_f1"])


@pytest.mark.parametrize("name", sorted(set(PEERS) - {"authored", "authored_speeches"}))
def test_a_peer_finds_measures_that_the_words_give_away(
    name: str, dataset: DatasetDict, settings: Settings, tmp_path: Path
) -> None:
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    fold = fit_and_score(PEERS[name], dataset, settings, tmp_path)
    assert [row["id"] for row in fold["sentences"]] == list(dataset["test"]["id"])
    assert list(fold["thresholds"]) == list(MEASURES)
    assert fold["rate"] > 0
    assert fold["bytes"] > 1000
    assert reached(fold) > 0.5
    has_context = any(row["scores"] != row["bare"] for row in fold["sentences"])
    assert has_context == PEERS[name].reads_context


def test_a_collapsed_run_finds_nothing_and_says_why(
    dataset: DatasetDict, settings: Settings, tiny_settings: dict[str, Any], tmp_path: Path
) -> None:
    dead = TrainConfig(**tiny_settings | {"learning_rate": 1e-12, "loss_ceiling": 0.95})
    settings = Settings(settings.base, dead, settings.evaluate)
    fold = fit_and_score(PEERS["authored"], dataset, settings, tmp_path)
    assert fold["collapsed"].startswith("the run collapsed")
    assert reached(fold) == 0
    assert "rate" not in fold
    # With some forty steps an epoch, real sentences alone are never done learning after one.
    assert "rate" in fit_and_score(PEERS["real"], dataset, settings, tmp_path)


def test_what_learns_from_labels_alone_learns_of_sentences_without_any(
    dataset: DatasetDict,
) -> None:
    with_none = add_none(dataset["train"])
    assert (with_none[:, :-1] == gold_labels(dataset["train"])).all()
    assert with_none.any(axis=1).all()
    assert not (with_none[:, -1] & with_none[:, :-1].any(axis=1)).any()


def test_shots_are_real_sentences_as_far_as_these_go(dataset: DatasetDict) -> None:
    training = dataset["train"]
    real = np.arange(len(training)) % 8 < 2
    sources = ["speech" if is_real else "authored sentence" for is_real in real]
    feature = training.features["source"]
    training = training.remove_columns("source").add_column("source", sources)
    training = training.cast_column("source", feature)
    with_none = add_none(training)
    drawn = draw_shots(training, with_none, 1)
    assert drawn == draw_shots(training, with_none, 1) != draw_shots(training, with_none, 2)
    for column in with_none.T:
        assert column[drawn].sum() >= SHOTS
        # No authored sentence was drawn for a measure that has enough real ones.
        enough = (column & real).sum() >= SHOTS
        assert enough or (column & real)[drawn].sum() == (column & real).sum()


def test_characters_stand_apart_without_blanks_of_their_own() -> None:
    assert space_out("对 返乡\n人员") == "对 返 乡 人 员"
