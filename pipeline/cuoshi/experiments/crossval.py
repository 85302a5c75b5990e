"""Pool the out-of-fold scores of the cross-validation into figures that can be believed.

Every real sentence is scored by a model that has seen no sentence of its speech, and decided
with thresholds from inside that model's training part.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score

from cuoshi.errors import DataError
from cuoshi.experiments.fold import fold_path
from cuoshi.files import write_json
from cuoshi.measures import MEASURES
from cuoshi.stages.config import REPORTS, CrossvalConfig, read_config, run_stage
from cuoshi.stages.metrics import Flags, Scores, measure_decisions, measure_scores, reliability


def crossval(paths: list[Path], config: CrossvalConfig) -> dict[str, Any]:
    """Figures over the out-of-fold predictions in `paths`, and a table by document.

    Returns:
        What `measure_decisions` and `measure_scores` give, over all sentences and seeds;
        intervals that resample speeches; the same without context; the reliability curve.

    Raises:
        DataError: a fold has not been run.
    """
    runs, rows = read_folds(paths)
    gold = flags([row["measures"] for row in rows])
    scores = np.array([row["scores"] for row in rows], dtype=np.float32)
    bare = np.array([row["bare"] for row in rows], dtype=np.float32)
    thresholds = np.array([row["thresholds"] for row in rows], dtype=np.float32)
    predicted = scores >= thresholds
    speeches = np.array([row["speech"] for row in rows])

    figures = measure_decisions(gold, predicted)
    figures |= measure_scores(gold, scores, config.calibration_bins)
    for measure, value in figures.pop("average_precision").items():
        figures["measures"][measure]["average_precision"] = value
    figures["intervals"] = resample_speeches(
        gold, predicted, scores, speeches, config.resamples, config.seeds[0]
    )
    figures["at_one_half"] = measure_decisions(gold, scores >= 0.5)
    figures["without_context"] = measure_decisions(gold, bare >= thresholds)
    figures["documents"] = measure_documents(gold, predicted, speeches)
    figures["reliability"] = reliability(gold, scores, config.calibration_bins)
    figures["sentences"] = len({row["id"] for row in rows})
    figures["seeds"] = config.seeds
    figures["minutes_per_fold"] = round(float(np.mean([run["minutes"] for run in runs])), 1)
    return figures


def read_folds(paths: list[Path]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The runs, and their held-out sentences, each with the thresholds of its run.

    Raises:
        DataError: a file is missing.
    """
    runs, rows = [], []
    for path in paths:
        try:
            run, *sentences = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        except FileNotFoundError as error:
            raise DataError(
                f"{path} is missing; run `dvc repro experiments/crossval/dvc.yaml`"
            ) from error
        runs.append(run)
        thresholds = [run["thresholds"][measure] for measure in MEASURES]
        rows += [{**sentence, "thresholds": thresholds} for sentence in sentences]
    return runs, rows


def resample_speeches(
    gold: Flags,
    predicted: Flags,
    scores: Scores,
    speeches: NDArray[np.str_],
    resamples: int,
    seed: int,
) -> dict[str, list[float]]:
    """95 % percentile intervals that draw whole speeches.

    Sentences of one speech resemble each other, so that drawing sentences would promise too
    much (the cluster bootstrap; Davison and Hinkley, "Bootstrap Methods and their
    Application", 1997, section 3.8).

    Args:
        gold, predicted: `(n, 4)`.
        scores: `(n, 4)`.
        speeches: of each sentence, `(n,)`.
    """
    generator = np.random.default_rng(seed)
    members = [np.flatnonzero(speeches == name) for name in np.unique(speeches)]
    drawn: dict[str, list[float]] = {}
    for _ in range(resamples):
        chosen = generator.integers(0, len(members), len(members))
        rows = np.concatenate([members[i] for i in chosen])
        g, p = gold[rows], predicted[rows]
        f1 = f1_score(g, p, average=None, zero_division=0.0)
        drawn.setdefault("macro_f1", []).append(f1.mean())
        drawn.setdefault("exact_match", []).append((g == p).all(1).mean())
        for i, measure in enumerate(MEASURES):
            drawn.setdefault(f"{measure}.f1", []).append(f1[i])
            if g[:, i].any():
                precision = average_precision_score(g[:, i], scores[rows, i])
                drawn.setdefault(f"{measure}.average_precision", []).append(precision)
    return {
        name: [round(float(q), 6) for q in np.percentile(values, [2.5, 97.5])]
        for name, values in drawn.items()
    }


def measure_documents(
    gold: Flags, predicted: Flags, speeches: NDArray[np.str_]
) -> dict[str, dict[str, Any]]:
    """Sentences, micro-F1 and exact match by document."""
    documents = np.array([speech.split("#")[0] for speech in speeches])
    table = {}
    for document in np.unique(documents):
        rows = documents == document
        figures = measure_decisions(gold[rows], predicted[rows])
        table[str(document)] = {
            "sentences": int(rows.sum()),
            "positives": int(gold[rows].sum()),
            "micro_f1": figures["micro_f1"],
            "exact_match": figures["exact_match"],
        }
    return table


def flags(measures: list[list[str]]) -> Flags:
    """Lists of measures as `(n, 4)`."""
    return np.array([[measure in row for measure in MEASURES] for row in measures], dtype=bool)


def show(figures: dict[str, Any]) -> str:
    """The figures as a table for the terminal."""
    lines = ["measure  precision  recall     F1   95 % interval  average precision"]
    for measure, row in figures["measures"].items():
        low, high = figures["intervals"][f"{measure}.f1"]
        lines.append(
            f"{measure}         {row['precision']:.3f}   {row['recall']:.3f}  {row['f1']:.3f}   "
            f"{low:.3f} – {high:.3f}              {row['average_precision']:.3f}"
        )
    low, high = figures["intervals"]["macro_f1"]
    lines.append(f"macro-F1                     {figures['macro_f1']:.3f}   {low:.3f} – {high:.3f}")
    lines.append(
        f"exact match {figures['exact_match']:.3f}, calibration error "
        f"{figures['calibration_error']:.3f}; macro-F1 at 0.5 "
        f"{figures['at_one_half']['macro_f1']:.3f}, without context "
        f"{figures['without_context']['macro_f1']:.3f}"
    )
    return "\n".join(lines)


def main() -> None:
    """Pool the folds that configs/crossval.yaml names."""
    config = read_config(CrossvalConfig, "crossval")
    paths = [fold_path(n + 1, seed) for seed in config.seeds for n in range(len(config.folds))]
    figures = crossval(paths, config)
    write_json(REPORTS / "crossval.json", figures)
    print(f"{figures['sentences']} sentences, each scored by a model that saw none of its speech")
    print(show(figures))


if __name__ == "__main__":
    run_stage(main)
