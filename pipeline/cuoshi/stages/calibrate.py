"""Stage calibrate: weigh the network and the codebook's words, on validation alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from cuoshi.calibration import Calibration
from cuoshi.errors import DataError, ModelError
from cuoshi.files import write_json
from cuoshi.keywords import predict_keywords
from cuoshi.stages.config import (
    PROCESSED,
    REPORTS,
    TRAINED,
    CalibrateConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.scoring import gold_labels, load_split, predict_logits, sigmoid
from cuoshi.stages.thresholds import choose_thresholds
from cuoshi.text.plain import plain, plain_context

REPORT = REPORTS / "calibration.json"


def calibrate(trained: Path, processed: Path, config: CalibrateConfig) -> dict[str, Any]:
    """Fit the calibration on the validation split, read as the exported model reads.

    Returns:
        What `Calibration.dump` gives, and the log-loss on validation before and after.

    Raises:
        ModelError: `trained` holds no trained model.
        DataError: the validation split directs no measure.
    """
    validation = make_plain(load_split(processed, "validation"))
    gold = gold_labels(validation)
    logits = read_logits(trained, validation, config.batch_size)
    keywords = predict_keywords(list(validation["text"]))
    calibration = fit_calibration(gold, logits, keywords, config.penalty)
    return calibration.dump() | {
        "log_loss": _log_loss(gold, calibration.weigh(logits, keywords)),
        "log_loss_of_the_network": _log_loss(gold, sigmoid(logits)),
        "sentences": len(validation),
    }


def fit_calibration(
    gold: NDArray[np.bool_],
    logits: NDArray[np.floating],
    keywords: NDArray[np.bool_],
    penalty: float,
) -> Calibration:
    """Weights by logistic regression over all (sentence, measure) pairs, then thresholds.

    Args:
        gold: which measures each sentence directs, `(n, 4)`.
        logits: the network's, `(n, 4)`.
        keywords: what `predict_keywords` says, `(n, 4)`.
        penalty: C of scikit-learn's `LogisticRegression`.

    Raises:
        DataError: no sentence directs a measure.
    """
    if not gold.any():
        raise DataError(
            "the validation speeches direct no measure; name others in configs/preprocess.yaml"
        )
    regression = LogisticRegression(C=penalty)
    regression.fit(np.stack([logits.ravel(), keywords.ravel()], axis=1), gold.ravel())
    (scale, keyword), bias = regression.coef_[0], regression.intercept_[0]
    weights = (round(float(scale), 3), round(float(keyword), 3), round(float(bias), 3))
    scores = Calibration(*weights, thresholds=()).weigh(logits, keywords)
    return Calibration(*weights, thresholds=tuple(choose_thresholds(gold, scores)))


def read_calibration(path: Path) -> Calibration:
    """The calibration that the stage has written.

    Raises:
        ModelError: it is not there.
    """
    try:
        return Calibration.parse(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing; run `dvc repro calibrate`") from error


def make_plain(split: Dataset) -> Dataset:
    """A split as the exported model reads it."""
    return split.map(
        lambda row: {"text": plain(row["text"]), "context": plain_context(row["context"])},
        keep_in_memory=True,
        load_from_cache_file=False,
    )


def read_run(trained: Path) -> dict[str, Any]:
    """What the stage train notes beside its model: `max_length` and `thresholds` among it.

    Raises:
        ModelError: there is no trained model.
    """
    try:
        run = json.loads((trained / "thresholds.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{trained} holds no trained model; run `dvc repro train`") from error
    return dict(run)


def read_logits(
    trained: Path, split: Dataset, batch_size: int, *, with_context: bool = True
) -> NDArray[np.float32]:
    """Logits of a trained model, `(len(split), 4)`.

    Raises:
        ModelError: there is no trained model.
    """
    run = read_run(trained)
    return predict_logits(
        AutoModelForSequenceClassification.from_pretrained(trained),
        AutoTokenizer.from_pretrained(trained),
        list(split["text"]),
        list(split["context"]) if with_context else None,
        max_length=run["max_length"],
        batch_size=batch_size,
    )


def _log_loss(gold: NDArray[np.bool_], scores: NDArray[np.float32]) -> float:
    return round(float(log_loss(gold.ravel(), scores.ravel().astype(np.float64))), 6)


def main() -> None:
    """Run the stage with configs/calibrate.yaml."""
    report = calibrate(TRAINED, PROCESSED, read_config(CalibrateConfig, "calibrate"))
    write_json(REPORT, report)
    thresholds = " ".join(f"{m} {t:.2f}" for m, t in report["thresholds"].items())
    print(
        f"log-loss on validation {report['log_loss_of_the_network']:.4f} by the network alone, "
        f"{report['log_loss']:.4f} with the codebook's words; thresholds {thresholds}"
    )


if __name__ == "__main__":
    run_stage(main)
