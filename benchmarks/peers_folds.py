"""The folds of `benchmarks/peers.py`: fit a peer to one, score it, and know it when it is done."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from datasets import DatasetDict
from inference import read_sentences
from peers_models import PEERS, Peer, Settings

from cuoshi.errors import EncoderError, TrainingError
from cuoshi.experiments.fold import describe_sentences, split_fold, write_fold
from cuoshi.files import sha256
from cuoshi.measures import MEASURES
from cuoshi.stages.annotation import SPEECHES_FILE
from cuoshi.stages.config import ANNOTATION, SPEECHES, CrossvalConfig, PreprocessConfig
from cuoshi.stages.scoring import gold_labels
from cuoshi.stages.thresholds import choose_thresholds

TIMED_SENTENCES = 512
TIMED_SECONDS = 2.0
"""A peer that is faster than this reads the sentences again, and its best time counts."""


@dataclass
class Comparison:
    """Every peer on every fold, as far as they have been run.

    Attributes:
        crossval: which speeches each fold holds out.
        preprocess: how a fold's data are made.
        settings: what the peers are made with.
        folder: a folder for each peer, with a file for each finished fold.
    """

    crossval: CrossvalConfig
    preprocess: PreprocessConfig
    settings: Settings
    folder: Path
    _splits: dict[Any, DatasetDict] = field(default_factory=dict, repr=False)

    @property
    def numbers(self) -> range:
        """The numbers of the folds, from 1."""
        return range(1, len(self.crossval.folds) + 1)

    def finished(self, name: str) -> dict[int, Path]:
        """The files of a peer's folds that were run on these data with these settings."""
        paths = {number: self._path(name, number) for number in self.numbers}
        return {
            number: path
            for number, path in paths.items()
            if path.is_file() and read_run(path)["inputs"] == self._describe(name, number)
        }

    def run(self, name: str, number: int) -> dict[str, Any]:
        """Fit a peer to a fold and write its file; what it holds.

        Raises:
            DataError: as `preprocess` does.
            EncoderError: there is no encoder to start from.
        """
        path, inputs = self._path(name, number), self._describe(name, number)
        work = path.with_suffix("")
        work.mkdir(parents=True, exist_ok=True)
        fold = fit_and_score(PEERS[name], self._split(name, number), self.settings, work)
        write_fold(path, {"inputs": inputs, **fold})
        shutil.rmtree(work)
        return fold

    def _path(self, name: str, number: int) -> Path:
        return self.folder / name / f"fold-{number}.jsonl"

    def _data(self, name: str) -> PreprocessConfig:
        authored = PEERS[name].authored
        if authored is None:
            return self.preprocess
        return self.preprocess.model_copy(update={"authored": list(authored)})

    def _split(self, name: str, number: int) -> DatasetDict:
        # The search for near-duplicates takes longer than most peers do.
        key = (number, *self._data(name).authored)
        if key not in self._splits:
            held = self.crossval.folds[number - 1]
            self._splits[key] = split_fold(SPEECHES, ANNOTATION, self._data(name), held)
        return self._splits[key]

    def _describe(self, name: str, number: int) -> str:
        data = self._data(name)
        inputs = [
            self.crossval.folds[number - 1],
            data.model_dump_json(),
            self.settings.train.model_dump_json(),
            self.settings.evaluate.model_dump_json(),
            self._digest_encoder,
            *(sha256(ANNOTATION / file) for file in (SPEECHES_FILE, *data.authored, *data.bodies)),
            *(sha256(path) for path in sorted(SPEECHES.glob("*.txt"))),
        ]
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]

    @cached_property
    def _digest_encoder(self) -> str:
        try:
            return sha256(self.settings.base / "model.safetensors")
        except FileNotFoundError as error:
            raise EncoderError(
                f"{self.settings.base} holds no encoder; run `dvc repro base`"
            ) from error


def read_run(path: Path) -> dict[str, Any]:
    """The first line of a fold's file: what is known of the run."""
    with path.open(encoding="utf-8") as lines:
        run: dict[str, Any] = json.loads(next(lines))
    return run


def fit_and_score(
    peer: Peer, dataset: DatasetDict, settings: Settings, work: Path
) -> dict[str, Any]:
    """Fit a peer to a fold and score its test part.

    Args:
        peer: which one.
        dataset: the fold, as `split_fold` makes it.
        settings: what the peer is made with.
        work: a folder of this fold's own.

    Returns:
        A fold as `cuoshi.experiments.fold.run_fold` gives it, with seconds in place of minutes,
        sentences a second and bytes. A collapsed run has its message instead, and scores of 0.
    """
    validation, test = dataset["validation"], dataset["test"]
    texts, contexts = list(test["text"]), list(test["context"])
    collapsed = {}
    begin = time.monotonic()
    try:
        fitted = peer.fit(dataset, settings, work)
    except TrainingError as error:
        collapsed = {"collapsed": str(error)}
        seconds = time.monotonic() - begin
        thresholds = [0.5] * len(MEASURES)
        scores = bare = np.zeros((len(test), len(MEASURES)), dtype=np.float32)
        cost: dict[str, Any] = {}
    else:
        thresholds = fitted.thresholds or choose_thresholds(
            gold_labels(validation),
            fitted.score(list(validation["text"]), list(validation["context"])),
        )
        seconds = time.monotonic() - begin
        scores = fitted.score(texts, contexts)
        bare = fitted.score(texts, [""] * len(texts)) if peer.reads_context else scores
        timed = read_sentences(TIMED_SENTENCES)
        rate = measure_rate(lambda: fitted.score(timed, [""] * len(timed)), len(timed))
        cost = {"rate": round(rate, 1), "bytes": fitted.size}
    return {
        "training_sentences": len(dataset["train"]),
        "seconds": round(seconds, 1),
        "thresholds": dict(zip(MEASURES, thresholds, strict=True)),
        **cost,
        **collapsed,
        "sentences": describe_sentences(test, scores, bare),
    }


def measure_rate(read: Callable[[], object], sentences: int) -> float:
    """Sentences a second of `read`, which reads so many; the first call is not counted."""
    read()
    best, spent = float("inf"), 0.0
    while spent < TIMED_SECONDS:
        begin = time.perf_counter()
        read()
        taken = time.perf_counter() - begin
        best, spent = min(best, taken), spent + taken
    return sentences / best
