import json
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import yaml

from cuoshi.errors import DataError
from cuoshi.experiments.crossval import (
    calibrate_folds,
    crossval,
    find_keywords,
    flags,
    read_folds,
    resample_speeches,
    show,
)
from cuoshi.experiments.fold import fold_path, run_fold, split_fold, write_fold
from cuoshi.measures import MEASURES
from cuoshi.stages.config import (
    ANNOTATION,
    SPEECHES,
    CrossvalConfig,
    PreprocessConfig,
    TrainConfig,
    read_config,
)
from cuoshi.stages.preprocess import build_dataset, group_speeches, join_annotation, read_speeches
from cuoshi.stages.scoring import load_split

from ..conftest import PROJECT


@pytest.fixture(scope="module")
def config() -> CrossvalConfig:
    return read_config(CrossvalConfig, "crossval", PROJECT / "configs")


def test_every_real_sentence_is_held_out_once_and_no_talk_is_split(config: CrossvalConfig) -> None:
    from cuoshi.stages.annotation import SPEECHES_FILE, SpeechUnit, read_annotation

    settings = read_config(PreprocessConfig, "preprocess", PROJECT / "configs")
    documents = read_speeches(PROJECT / SPEECHES)
    units = read_annotation(PROJECT / ANNOTATION / SPEECHES_FILE, SpeechUnit)
    sentences, _, _ = join_annotation(documents, units, settings)
    speeches = {sentence["speech"] for sentence in sentences}
    assert sorted(chain.from_iterable(config.folds)) == sorted(speeches)
    fold_of = {speech: n for n, fold in enumerate(config.folds) for speech in fold}
    texts: dict[str, str] = {}
    for sentence in sentences:
        texts[sentence["speech"]] = texts.get(sentence["speech"], "") + sentence["text"]
    for group in group_speeches(texts, settings.duplicate_speeches):
        assert len({fold_of[speech] for speech in group}) == 1, group


def test_a_fold_trains_on_nothing_it_holds_out(config: CrossvalConfig) -> None:
    settings = read_config(PreprocessConfig, "preprocess", PROJECT / "configs")
    held = config.folds[0]
    dataset = split_fold(PROJECT / SPEECHES, PROJECT / ANNOTATION, settings, held)
    assert set(dataset["test"]["speech"]) == set(held)
    assert not {*dataset["train"]["speech"], *dataset["validation"]["speech"]} & set(held)
    assert set(dataset["validation"]["speech"]) == set(settings.validation) - set(held)


def test_the_stages_are_those_of_the_config(config: CrossvalConfig) -> None:
    text = (PROJECT / "experiments" / "crossval" / "dvc.yaml").read_text(encoding="utf-8")
    matrix = yaml.safe_load(text)["stages"]["fold"]["matrix"]
    assert matrix == {"number": list(range(1, len(config.folds) + 1)), "seed": config.seeds}


def test_a_fold_is_trained_scored_and_pooled(
    tmp_path: Path,
    tiny_base: Path,
    tiny_data: Path,
    tiny_config: TrainConfig,
    config: CrossvalConfig,
) -> None:
    splits = {name: list(load_split(tiny_data, name)) for name in ("train", "validation", "test")}
    for split in splits.values():
        for row in split:
            row["labels"] = [MEASURES[label] for label in row["labels"]]
            row["source"] = "speech"
    fold = run_fold(build_dataset(splits), tiny_base, tiny_config, 8, tmp_path / "work")
    path = tmp_path / "fold.jsonl"
    write_fold(path, fold)
    # A second fold, of another seed, holds out the speech that this one is calibrated on.
    rows = [{**row, "speech": "validation.txt#1"} for row in fold["sentences"]]
    other = tmp_path / "other.jsonl"
    write_fold(other, {**fold, "sentences": rows})
    texts = {row["id"]: row["text"] for row in splits["test"]}
    held = ["test.txt#1", "validation.txt#1"]
    figures = crossval([path, other], texts, held, 1.0, config)
    assert figures["sentences"] == len(splits["test"])
    assert figures["macro_f1"] > 0.5
    assert figures["network_alone"]["macro_f1"] > 0.5
    assert sum(d["sentences"] for d in figures["documents"].values()) == 2 * len(splits["test"])
    assert "隔离" in show(json.loads(json.dumps(figures)))


def test_a_missing_fold_names_the_command_to_run(tmp_path: Path, config: CrossvalConfig) -> None:
    with pytest.raises(DataError, match=r"fold-1-seed-42.jsonl is missing; run `dvc repro exp"):
        crossval([tmp_path / fold_path(1, 42)], {}, [], 1.0, config)


def test_no_label_that_a_fold_holds_out_is_in_its_calibration(config: CrossvalConfig) -> None:
    paths = sorted((PROJECT / "reports" / "crossval").glob("fold-*-seed-42.jsonl"))
    settings = read_config(PreprocessConfig, "preprocess", PROJECT / "configs")
    _, rows = read_folds(paths)
    gold = flags([row["measures"] for row in rows])
    keywords = np.random.default_rng(1).random(gold.shape) < 0.1
    for held in map(set, config.folds):
        mine = np.array([row["speech"] in held for row in rows])
        before = calibrate_folds(rows, gold, keywords, settings.validation, 1.0)
        after = calibrate_folds(rows, gold ^ mine[:, None], keywords, settings.validation, 1.0)
        assert {before[i] for i in np.flatnonzero(mine)} == {after[i] for i in np.flatnonzero(mine)}
        assert before != after or not held & set(settings.validation)


def test_a_sentence_that_is_in_no_speech_is_named() -> None:
    with pytest.raises(DataError, match=r"data/speeches has no sentence 'a.txt:7'"):
        find_keywords([{"id": "a.txt:7"}], {})


def test_intervals_draw_whole_speeches() -> None:
    # Two speeches, one all right and one all wrong: the draws are 1, about 1/2 or 0.
    gold = np.ones((20, 4), dtype=bool)
    predicted = np.repeat([[True], [False]], 10, axis=0) & gold
    scores = predicted.astype(np.float32)
    speeches = np.array(["a"] * 10 + ["b"] * 10)
    intervals = resample_speeches(gold, predicted, scores, speeches, 200, 1)
    assert intervals["macro_f1"] == [0.0, 1.0]
    alone = resample_speeches(gold, predicted, scores, np.arange(20).astype(str), 200, 1)
    assert 0.15 < alone["exact_match"][0] < alone["exact_match"][1] < 0.85
