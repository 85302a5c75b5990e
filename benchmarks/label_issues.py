"""Which labels of the real speeches the cross-validation doubts.

    python benchmarks/label_issues.py

Prints the candidates among the finished folds, the least likely label of each measure first:
whether the label gives the measure, the out-of-fold score, id and text. Confident learning
(Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", 2021)
on one yes-or-no problem for each measure. Needs `pip install '.[peers]'` and at least one fold
(`dvc repro experiments/crossval/dvc.yaml`). What reading them found is in docs/error-analysis.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class

from cuoshi.errors import DataError
from cuoshi.experiments.crossval import read_folds
from cuoshi.experiments.fold import fold_path
from cuoshi.measures import MEASURES
from cuoshi.stages.annotation import SPEECHES_FILE, SpeechUnit, read_annotation
from cuoshi.stages.config import ANNOTATION, CrossvalConfig, read_config, run_stage


@dataclass(frozen=True)
class Candidate:
    """A doubted label: whether sentence `id` directs `measure`, where `score` says otherwise."""

    id: str
    measure: str
    given: bool
    score: float


def find_candidates(paths: list[Path]) -> list[Candidate]:
    """The doubted labels of the folds in `paths`, by measure, the most doubted first.

    Raises:
        DataError: no fold is named, or one is missing.
    """
    if not paths:
        raise DataError("no fold is finished; run `dvc repro experiments/crossval/dvc.yaml`")
    _, rows = read_folds(paths)
    labels = [[MEASURES.index(measure) for measure in row["measures"]] for row in rows]
    scores = np.array([row["scores"] for row in rows])
    # One process: forking costs more than these few hundred sentences.
    ranked, _, _ = find_multilabel_issues_per_class(
        labels, scores, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return [
        Candidate(rows[i]["id"], measure, measure in rows[i]["measures"], float(scores[i, column]))
        for column, (measure, indices) in enumerate(zip(MEASURES, ranked, strict=True))
        for i in indices
    ]


def finished_folds(config: CrossvalConfig) -> list[Path]:
    """The scores of the folds run so far with the first seed."""
    paths = [fold_path(n + 1, config.seeds[0]) for n in range(len(config.folds))]
    return [path for path in paths if path.exists()]


def main() -> None:
    """Print the candidates of the finished folds."""
    units = read_annotation(ANNOTATION / SPEECHES_FILE, SpeechUnit)
    texts = {f"{u.unit.document}:{u.unit.start}": u.unit.text for u in units}
    paths = finished_folds(read_config(CrossvalConfig, "crossval"))
    candidates = find_candidates(paths)
    for c in candidates:
        print(f"{c.measure} {'+' if c.given else '-'} {c.score:.2f} {c.id} {texts[c.id]}")
    print(f"{len(candidates)} candidates in {len(paths)} folds")


if __name__ == "__main__":
    run_stage(main)
