"""Pool the out-of-fold scores of the cross-validation into figures that can be believed.

Every real sentence is scored by a model that has seen no sentence of its speech. As the stage
calibrate does, network and codebook are weighed on the validation speeches: on their out-of-fold
scores, but for those that the fold itself holds out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.metrics import average_precision_score, f1_score

from cuoshi.calibration import Calibration
from cuoshi.errors import DataError
from cuoshi.experiments.fold import fold_path
from cuoshi.files import write_json
from cuoshi.keywords import predict_keywords
from cuoshi.measures import MEASURES
from cuoshi.stages.calibrate import fit_calibration
from cuoshi.stages.config import (
    REPORTS,
    SPEECHES,
    CalibrateConfig,
    CrossvalConfig,
    PreprocessConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.metrics import Flags, Scores, measure_decisions, measure_scores, reliability
from cuoshi.stages.preprocess import read_speeches
from cuoshi.text.document import outline
from cuoshi.text.plain import plain


def crossval(
    paths: list[Path],
    texts: Mapping[str, str],
    validation: Sequence[str],
    penalty: float,
    config: CrossvalConfig,
) -> dict[str, Any]:
    """Figures over the out-of-fold predictions in `paths`, and a table by document.

    Args:
        paths: the folds' files.
        texts: of the sentences, by id.
        validation: the speeches that the calibration is fitted on.
        penalty: as `fit_calibration` has it.
        config: what is resampled and how often.

    Returns:
        What `measure_decisions` and `measure_scores` give, over all sentences and seeds;
        intervals that resample speeches; the same without context, and for the network alone with
        the thresholds of its folds; the reliability curve.

    Raises:
        DataError: a fold has not been run, a sentence is not among `texts`, or no validation
            speech is left to a fold.
    """
    runs, rows = read_folds(paths)
    gold = flags([row["measures"] for row in rows])
    network = np.array([row["scores"] for row in rows], dtype=np.float32)
    speeches = np.array([row["speech"] for row in rows])
    scores, bare, thresholds = weigh_folds(rows, texts, validation, penalty)
    predicted = scores >= thresholds

    figures = measure_decisions(gold, predicted)
    figures |= measure_scores(gold, scores, config.calibration_bins)
    for measure, value in figures.pop("average_precision").items():
        figures["measures"][measure]["average_precision"] = value
    figures["intervals"] = resample_speeches(
        gold, predicted, scores, speeches, config.resamples, config.seeds[0]
    )
    figures["at_one_half"] = measure_decisions(gold, scores >= 0.5)
    figures["without_context"] = measure_decisions(gold, bare >= thresholds)
    own_thresholds = np.array([row["thresholds"] for row in rows], dtype=np.float32)
    figures["network_alone"] = measure_decisions(gold, network >= own_thresholds)
    figures["network_alone"] |= measure_scores(gold, network, config.calibration_bins)
    figures["documents"] = measure_documents(gold, predicted, speeches)
    figures["reliability"] = reliability(gold, scores, config.calibration_bins)
    figures["sentences"] = len({row["id"] for row in rows})
    figures["seeds"] = config.seeds
    figures["minutes_per_fold"] = round(float(np.mean([run["minutes"] for run in runs])), 1)
    return figures


def weigh_folds(
    rows: list[dict[str, Any]], texts: Mapping[str, str], validation: Sequence[str], penalty: float
) -> tuple[Scores, Scores, Scores]:
    """What each fold says of its sentences with the codebook's words.

    Args:
        rows: the sentences, as `read_folds` gives them; the rest as `crossval` has it.

    Returns:
        Scores with context, scores without, and thresholds, `(len(rows), 4)` each.

    Raises:
        DataError: a sentence is not among `texts`, or no validation speech is left to a fold.
    """
    gold = flags([row["measures"] for row in rows])
    keywords = find_keywords(rows, texts)
    calibrations = calibrate_folds(rows, gold, keywords, validation, penalty)
    scores, bare = (
        np.concatenate(
            [
                calibration.weigh(logits[None], found[None])
                for logits, found, calibration in zip(
                    _logits(rows, kind), keywords, calibrations, strict=True
                )
            ]
        )
        for kind in ("scores", "bare")
    )
    thresholds = [calibration.thresholds for calibration in calibrations]
    return scores, bare, np.array(thresholds, dtype=np.float32)


def find_keywords(rows: list[dict[str, Any]], texts: Mapping[str, str]) -> Flags:
    """What the codebook's words say of the sentences, `(len(rows), 4)`.

    Raises:
        DataError: a sentence is not among `texts`.
    """
    try:
        return predict_keywords([plain(texts[row["id"]]) for row in rows])
    except KeyError as error:
        raise DataError(
            f"data/speeches has no sentence {error}, which a fold has scored; "
            "run `dvc repro experiments/crossval/dvc.yaml`"
        ) from error


def calibrate_folds(
    rows: list[dict[str, Any]],
    gold: Flags,
    keywords: Flags,
    validation: Sequence[str],
    penalty: float,
) -> list[Calibration]:
    """The calibration of each sentence's fold, none fitted on a sentence that the fold holds out.

    Raises:
        DataError: no validation speech is left to a fold.
    """
    logits = _logits(rows, "scores")
    calibrations: dict[tuple[str, ...], Calibration] = {}
    for row in rows:
        if row["held"] not in calibrations:
            chosen = [r["speech"] in validation and r["speech"] not in row["held"] for r in rows]
            calibrations[row["held"]] = fit_calibration(
                gold[chosen], logits[chosen], keywords[chosen], penalty
            )
    return [calibrations[row["held"]] for row in rows]


def _logits(rows: list[dict[str, Any]], kind: str) -> NDArray[np.float64]:
    # The folds' files hold five decimals.
    scores = np.array([row[kind] for row in rows]).clip(1e-5, 1 - 1e-5)
    return np.asarray(logit(scores))


def read_texts(speeches: Path) -> dict[str, str]:
    """The sentences of the speeches in a folder by their ids."""
    return {
        f"{document}:{sentence.start}": sentence.text
        for document, text in read_speeches(speeches).items()
        for sentence in outline(text)
    }


def read_folds(paths: list[Path]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The runs, and their held-out sentences, each with the thresholds and speeches of its run.

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
        held = tuple(sorted({sentence["speech"] for sentence in sentences}))
        rows += [{**sentence, "thresholds": thresholds, "held": held} for sentence in sentences]
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
        f"{figures['without_context']['macro_f1']:.3f}, by the network alone "
        f"{figures['network_alone']['macro_f1']:.3f}"
    )
    return "\n".join(lines)


def main() -> None:
    """Pool the folds that configs/crossval.yaml names."""
    config = read_config(CrossvalConfig, "crossval")
    paths = [fold_path(n + 1, seed) for seed in config.seeds for n in range(len(config.folds))]
    validation = read_config(PreprocessConfig, "preprocess").validation
    penalty = read_config(CalibrateConfig, "calibrate").penalty
    figures = crossval(paths, read_texts(SPEECHES), validation, penalty, config)
    write_json(REPORTS / "crossval.json", figures)
    print(f"{figures['sentences']} sentences, each scored by a model that saw none of its speech")
    print(show(figures))


if __name__ == "__main__":
    run_stage(main)
