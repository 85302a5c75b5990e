"""One fold of the cross-validation: train without some speeches, then score them.

A killed fold goes on from its last checkpoint, as the stage train does; a finished one is
left alone by DVC (experiments/crossval/dvc.yaml).
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict

from cuoshi.errors import ConfigError
from cuoshi.files import replace_folder, write_jsonl
from cuoshi.stages.config import (
    ANNOTATION,
    BASE,
    REPORTS,
    SPEECHES,
    CrossvalConfig,
    PreprocessConfig,
    TrainConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.evaluate import name_measures, score_with_model
from cuoshi.stages.metrics import Scores
from cuoshi.stages.preprocess import preprocess
from cuoshi.stages.scoring import gold_labels
from cuoshi.stages.train import train

FOLDS = Path("models/crossval")
SCORES = REPORTS / "crossval"


def split_fold(
    speeches: Path, annotation: Path, config: PreprocessConfig, held: list[str]
) -> DatasetDict:
    """The data with `held` as test split; validation is what it is without them.

    Raises:
        DataError: as `preprocess` does.
    """
    validation = [speech for speech in config.validation if speech not in held]
    update = {"test": held, "validation": validation}
    dataset, _ = preprocess(speeches, annotation, config.model_copy(update=update))
    return dataset


def run_fold(
    dataset: DatasetDict, base: Path, config: TrainConfig, batch_size: int, work: Path
) -> dict[str, Any]:
    """Train on a fold's training part and score its test part.

    Args:
        dataset: the fold, as `split_fold` makes it.
        base: the encoder.
        config: settings of the training run.
        batch_size: of the scoring.
        work: a folder of this fold's own, for what the run needs to go on after being killed.

    Returns:
        Minutes and thresholds of the run, and the held-out sentences with their measures and
        scores, `scores` with context and `bare` without, in the order of `MEASURES`.
    """
    processed = work / "processed"
    with replace_folder(processed) as folder:
        dataset.save_to_disk(str(folder))
    begin = time.monotonic()
    run = train(base, processed, config, work / "trained", work / "checkpoints", work / "curves")
    minutes = (time.monotonic() - begin) / 60
    test = dataset["test"]
    paired, _ = score_with_model(work / "trained", test, batch_size)
    bare, _ = score_with_model(work / "trained", test, batch_size, with_context=False)
    return {
        "training_sentences": len(dataset["train"]),
        "minutes": round(minutes, 1),
        "thresholds": run["thresholds"],
        "sentences": describe_sentences(test, paired, bare),
    }


def describe_sentences(test: Dataset, scores: Scores, bare: Scores) -> list[dict[str, Any]]:
    """Each held-out sentence with its measures and scores, `bare` those without context.

    Args:
        test: the held-out part, n sentences.
        scores, bare: probabilities, `(n, 4)`.
    """
    return [
        {
            "id": row["id"],
            "speech": row["speech"],
            "measures": name_measures(gold),
            "scores": [round(float(s), 5) for s in with_context],
            "bare": [round(float(s), 5) for s in without],
        }
        for row, gold, with_context, without in zip(
            test, gold_labels(test), scores, bare, strict=True
        )
    ]


def write_fold(path: Path, fold: dict[str, Any]) -> None:
    """One line for the run and one for each sentence, so that a change reads well in git."""
    run = {key: value for key, value in fold.items() if key != "sentences"}
    write_jsonl(path, [run, *fold["sentences"]])


def fold_path(number: int, seed: int) -> Path:
    """Where the scores of fold `number`, from 1, trained with `seed`, lie."""
    return SCORES / f"fold-{number}-seed-{seed}.jsonl"


def main() -> None:
    """Run the fold that the two arguments name: its number, from 1, and the seed."""
    number, seed = map(int, sys.argv[1:])
    folds = read_config(CrossvalConfig, "crossval").folds
    if not 1 <= number <= len(folds):
        raise ConfigError(
            f"configs/crossval.yaml: crossval.folds has no fold {number}; name 1 to {len(folds)}"
        )
    held = folds[number - 1]
    dataset = split_fold(SPEECHES, ANNOTATION, read_config(PreprocessConfig, "preprocess"), held)
    config = read_config(TrainConfig, "train").model_copy(update={"seed": seed})
    work = FOLDS / f"fold-{number}-seed-{seed}"
    batch_size = read_config(CrossvalConfig, "crossval").batch_size
    fold = run_fold(dataset, BASE, config, batch_size, work)
    write_fold(fold_path(number, seed), fold)
    shutil.rmtree(work)
    print(f"fold {number}, seed {seed}: {len(fold['sentences'])} sentences scored")


if __name__ == "__main__":
    run_stage(main)
