"""Stage evaluate: measure the calibrated model and three baselines on the test speeches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import precision_recall_curve
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from cuoshi.calibration import Calibration
from cuoshi.files import replace_folder, write_json, write_jsonl
from cuoshi.keywords import predict_keywords
from cuoshi.measures import MEASURES, MEASURES_ENGLISH
from cuoshi.stages.calibrate import (
    REPORT,
    make_plain,
    read_calibration,
    read_logits,
    read_run,
)
from cuoshi.stages.config import (
    PROCESSED,
    REPORTS,
    TRAINED,
    EvaluateConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.metrics import (
    bootstrap_intervals,
    measure_decisions,
    measure_scores,
    reliability,
)
from cuoshi.stages.scoring import gold_labels, load_split, sigmoid


def evaluate(
    trained: Path, processed: Path, calibration: Calibration, config: EvaluateConfig
) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    """Score the test split once, read as `cuoshi.text.plain` has it, and derive all from it.

    Returns:
        The metrics, the data of the plots by name, and the mistakes.

    Raises:
        ModelError: `trained` holds no trained model.
    """
    training, test = load_split(processed, "train"), load_split(processed, "test")
    gold = gold_labels(test)
    read = make_plain(test)
    keywords = predict_keywords(list(read["text"]))
    logits = read_logits(trained, read, config.batch_size)
    scores = calibration.weigh(logits, keywords)
    predicted = calibration.decide(scores)
    texts = list(test["text"])

    metrics = measure_decisions(gold, predicted)
    metrics |= measure_scores(gold, scores, config.calibration_bins)
    for measure, value in metrics.pop("average_precision").items():
        metrics["measures"][measure]["average_precision"] = value
    metrics["intervals"] = bootstrap_intervals(
        gold, predicted, scores, config.resamples, config.seed
    )
    bare = calibration.weigh(
        read_logits(trained, read, config.batch_size, with_context=False), keywords
    )
    baselines = {
        "network_alone": sigmoid(logits) >= network_thresholds(trained),
        "keywords": predict_keywords(texts),
        "tfidf_svm": fit_svm(training, config).predict(texts).astype(bool),
    }
    report = {
        "test": metrics,
        "test_without_context": measure_decisions(gold, calibration.decide(bare)),
        "baselines": {name: measure_decisions(gold, p) for name, p in baselines.items()},
        "sentences": len(test),
    }
    plots = build_plots(gold, predicted, scores, config.calibration_bins)
    return report, plots, list_mistakes(test, gold, predicted, scores)


def score_with_model(
    trained: Path, split: Dataset, batch_size: int, *, with_context: bool = True
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What a trained network says without the codebook's words.

    Returns:
        Probabilities, `(len(split), 4)`, and its own thresholds, `(4,)`.

    Raises:
        ModelError: there is no trained model.
    """
    logits = read_logits(trained, split, batch_size, with_context=with_context)
    return sigmoid(logits), network_thresholds(trained)


def network_thresholds(trained: Path) -> NDArray[np.float32]:
    """From which of its own scores on a network gives each measure, `(4,)`.

    Raises:
        ModelError: there is no trained model.
    """
    thresholds = read_run(trained)["thresholds"]
    return np.array([thresholds[measure] for measure in MEASURES], dtype=np.float32)


def fit_svm(training: Dataset, config: EvaluateConfig) -> Pipeline:
    """The baseline: TF-IDF of character n-grams and a linear SVM, trained on the train split."""
    pipeline = Pipeline(
        [
            (
                "tfidf",
                TfidfVectorizer(
                    analyzer="char", ngram_range=tuple(config.ngrams), sublinear_tf=True
                ),
            ),
            ("svm", OneVsRestClassifier(LinearSVC(C=config.svm_penalty, random_state=config.seed))),
        ]
    )
    pipeline.fit(list(training["text"]), gold_labels(training).astype(int))
    return pipeline


def build_plots(
    gold: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    scores: NDArray[np.float32],
    bins: int,
) -> dict[str, list[dict[str, Any]]]:
    """Data of the plots that dvc.yaml lists, by file name."""
    plots: dict[str, list[dict[str, Any]]] = {"reliability": reliability(gold, scores, bins)}
    for i, measure in enumerate(MEASURES):
        name = MEASURES_ENGLISH[measure]
        precision, recall, _ = precision_recall_curve(gold[:, i], scores[:, i])
        plots[f"precision_recall_{name}"] = [
            {"recall": round(float(r), 6), "precision": round(float(p), 6)}
            for p, r in zip(precision, recall, strict=True)
        ]
        plots[f"confusion_{name}"] = [
            {"gold": measure if g else "other", "predicted": measure if p else "other"}
            for g, p in zip(gold[:, i], predicted[:, i], strict=True)
        ]
    return plots


def list_mistakes(
    test: Dataset,
    gold: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    scores: NDArray[np.float32],
) -> list[dict[str, Any]]:
    """Every test sentence with a measure too many or too few, in reading order."""
    rows = np.flatnonzero((gold != predicted).any(axis=1))
    return [
        {
            "document": row["document"],
            "start": row["start"],
            "end": row["end"],
            "text": row["text"],
            "context": row["context"],
            "gold": name_measures(gold[i]),
            "predicted": name_measures(predicted[i]),
            "scores": {m: round(float(s), 3) for m, s in zip(MEASURES, scores[i], strict=True)},
        }
        for i, row in zip(rows.tolist(), test.select(rows), strict=True)
    ]


def name_measures(flags: NDArray[np.bool_]) -> list[str]:
    """The measures whose flag is set."""
    return [measure for measure, flag in zip(MEASURES, flags, strict=True) if flag]


def show(report: dict[str, Any]) -> str:
    """The report as a table for the terminal."""
    test, intervals = report["test"], report["test"]["intervals"]
    lines = ["measure  precision  recall     F1   95 % interval     support"]
    for measure, row in test["measures"].items():
        low, high = intervals[f"{measure}.f1"]
        lines.append(
            f"{measure}         {row['precision']:.3f}   {row['recall']:.3f}  {row['f1']:.3f}   "
            f"{low:.3f} – {high:.3f}   {row['support']:9}"
        )
    low, high = intervals["macro_f1"]
    lines.append(f"macro-F1                     {test['macro_f1']:.3f}   {low:.3f} – {high:.3f}")
    lines.append(
        f"micro-F1 {test['micro_f1']:.3f}, exact match {test['exact_match']:.3f}, calibration "
        f"error {test['calibration_error']:.3f}; macro-F1 without context "
        f"{report['test_without_context']['macro_f1']:.3f}"
    )
    for name, baseline in report["baselines"].items():
        lines.append(f"baseline {name}: macro-F1 {baseline['macro_f1']:.3f}")
    return "\n".join(lines)


def main() -> None:
    """Run the stage with configs/evaluate.yaml."""
    calibration = read_calibration(REPORT)
    config = read_config(EvaluateConfig, "evaluate")
    report, plots, mistakes = evaluate(TRAINED, PROCESSED, calibration, config)
    with replace_folder(REPORTS / "plots") as folder:
        for name, points in plots.items():
            write_json(folder / f"{name}.json", points)
    write_jsonl(REPORTS / "mistakes.jsonl", mistakes)
    write_json(REPORTS / "metrics.json", report)
    print(f"test: {report['sentences']} sentences of real speeches, {len(mistakes)} with a mistake")
    print(show(report))


if __name__ == "__main__":
    run_stage(main)
