"""Stage evaluate: measure the trained model and two baselines on the test speeches."""

from __future__ import annotations

import json
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
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from cuoshi.errors import ModelError
from cuoshi.files import replace_folder, write_json, write_jsonl
from cuoshi.measures import MEASURES, MEASURES_ENGLISH
from cuoshi.stages.config import (
    PROCESSED,
    REPORTS,
    TRAINED,
    EvaluateConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.keywords import predict_keywords
from cuoshi.stages.metrics import (
    bootstrap_intervals,
    measure_decisions,
    measure_scores,
    reliability,
)
from cuoshi.stages.scoring import gold_labels, load_split, predict_logits, sigmoid
from cuoshi.text.plain import plain, plain_context


def evaluate(
    trained: Path, processed: Path, config: EvaluateConfig
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
    scores, thresholds = score_with_model(trained, read, config.batch_size)
    predicted = scores >= thresholds
    texts = list(test["text"])

    metrics = measure_decisions(gold, predicted)
    metrics |= measure_scores(gold, scores, config.calibration_bins)
    for measure, value in metrics.pop("average_precision").items():
        metrics["measures"][measure]["average_precision"] = value
    metrics["intervals"] = bootstrap_intervals(
        gold, predicted, scores, config.resamples, config.seed
    )
    bare, _ = score_with_model(trained, read, config.batch_size, with_context=False)
    baselines = {
        "keywords": predict_keywords(texts),
        "tfidf_svm": fit_svm(training, config).predict(texts).astype(bool),
    }
    report = {
        "test": metrics,
        "test_without_context": measure_decisions(gold, bare >= thresholds),
        "baselines": {name: measure_decisions(gold, p) for name, p in baselines.items()},
        "sentences": len(test),
    }
    plots = build_plots(gold, predicted, scores, config.calibration_bins)
    return report, plots, list_mistakes(test, gold, predicted, scores)


def make_plain(split: Dataset) -> Dataset:
    """A split as the exported model reads it."""
    return split.map(
        lambda row: {"text": plain(row["text"]), "context": plain_context(row["context"])},
        keep_in_memory=True,
        load_from_cache_file=False,
    )


def score_with_model(
    trained: Path, split: Dataset, batch_size: int, *, with_context: bool = True
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Probabilities `(len(split), 4)` and thresholds `(4,)` of a trained model.

    Raises:
        ModelError: there is no trained model.
    """
    try:
        run = json.loads((trained / "thresholds.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{trained} holds no trained model; run `dvc repro train`") from error
    logits = predict_logits(
        AutoModelForSequenceClassification.from_pretrained(trained),
        AutoTokenizer.from_pretrained(trained),
        list(split["text"]),
        list(split["context"]) if with_context else None,
        max_length=run["max_length"],
        batch_size=batch_size,
    )
    thresholds = np.array([run["thresholds"][measure] for measure in MEASURES], dtype=np.float32)
    return sigmoid(logits), thresholds


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
    report, plots, mistakes = evaluate(TRAINED, PROCESSED, read_config(EvaluateConfig, "evaluate"))
    with replace_folder(REPORTS / "plots") as folder:
        for name, points in plots.items():
            write_json(folder / f"{name}.json", points)
    write_jsonl(REPORTS / "mistakes.jsonl", mistakes)
    write_json(REPORTS / "metrics.json", report)
    print(f"test: {report['sentences']} sentences of real speeches, {len(mistakes)} with a mistake")
    print(show(report))


if __name__ == "__main__":
    run_stage(main)
