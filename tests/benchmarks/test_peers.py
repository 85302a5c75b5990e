import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peers import app, choose_folds
from peers_folds import Comparison, measure_rate
from peers_models import Settings
from peers_report import OURS, compare_same_folds, plot, pool, show
from typer.testing import CliRunner

from cuoshi.errors import DataError, EncoderError
from cuoshi.experiments.fold import fold_path, write_fold
from cuoshi.measures import MEASURES
from cuoshi.stages.config import (
    CrossvalConfig,
    EvaluateConfig,
    PreprocessConfig,
    TrainConfig,
    read_config,
)

from ..conftest import PROJECT

SMALLEST = 5
"""The fold with one speech alone, which our own model has been scored on first."""


@pytest.fixture
def comparison(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_base: Path) -> Comparison:
    """Real folds; the authored material, which keywords need not learn from, is left out."""
    monkeypatch.chdir(PROJECT)
    monkeypatch.setattr("peers_folds.TIMED_SECONDS", 1e-6)
    preprocess = read_config(PreprocessConfig, "preprocess")
    return Comparison(
        read_config(CrossvalConfig, "crossval"),
        preprocess.model_copy(update={"authored": []}),
        Settings(
            tiny_base, read_config(TrainConfig, "train"), read_config(EvaluateConfig, "evaluate")
        ),
        tmp_path / "peers",
    )


@pytest.fixture
def config() -> CrossvalConfig:
    config = read_config(CrossvalConfig, "crossval", PROJECT / "configs")
    return config.model_copy(update={"resamples": 20})


@pytest.fixture
def make_fold(tmp_path: Path) -> Callable[..., Path]:
    """Writes a fold of sixteen sentences, one for each set of measures."""

    def make(name: str, found: float, **run: Any) -> Path:
        sets = [[m for j, m in enumerate(MEASURES) if i >> j & 1] for i in range(16)]
        rows = []
        for i, measures in enumerate(sets):
            scores = [found if measure in measures else 0.1 for measure in MEASURES]
            place = {"id": f"d:{i}", "speech": f"d#{i % 4}"}
            rows.append({**place, "measures": measures, "scores": scores, "bare": scores})
        path = tmp_path / name
        run = {"training_sentences": 10, "seconds": 60.0, "rate": 512.0, "bytes": 10**6} | run
        thresholds = dict.fromkeys(MEASURES, 0.4)
        write_fold(path, {"thresholds": thresholds, **run, "sentences": rows})
        return path

    return make


def test_a_finished_fold_is_kept_until_its_settings_change(comparison: Comparison) -> None:
    fold = comparison.run("keywords", SMALLEST)
    assert list(comparison.finished("keywords")) == [SMALLEST]
    assert comparison.finished("real") == {}
    (path,) = comparison.finished("keywords").values()
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()][1:] == fold[
        "sentences"
    ]
    assert not path.with_suffix("").exists()

    longer = comparison.settings.train.model_copy(update={"max_length": 64})
    settings = Settings(comparison.settings.base, longer, comparison.settings.evaluate)
    changed = Comparison(comparison.crossval, comparison.preprocess, settings, comparison.folder)
    assert changed.finished("keywords") == {}


def test_a_peer_is_asked_about_the_very_sentences_of_our_fold(comparison: Comparison) -> None:
    comparison.run("keywords", SMALLEST)
    ours = {SMALLEST: PROJECT / fold_path(SMALLEST, comparison.crossval.seeds[0])}
    same = compare_same_folds(comparison.finished("keywords"), ours)
    assert same is not None
    assert same["macro_f1"] < same[OURS]


def test_a_missing_encoder_names_the_stage_to_run(comparison: Comparison, tmp_path: Path) -> None:
    comparison.settings = Settings(
        tmp_path / "base", comparison.settings.train, comparison.settings.evaluate
    )
    with pytest.raises(EncoderError, match="run `dvc repro base`"):
        comparison.run("keywords", SMALLEST)


def test_folds_are_pooled_and_a_collapsed_one_counts(
    make_fold: Callable[..., Path], config: CrossvalConfig
) -> None:
    right, dead = make_fold("right", 0.9), make_fold("dead", 0.0, collapsed="the run collapsed")
    alone = pool({1: right}, config)
    assert alone["macro_f1"] == alone["exact_match"] == alone["mean_average_precision"] == 1
    both = pool({1: right, 3: dead}, config)
    assert both["folds"] == [1, 3]
    assert both["collapsed_folds"] == [3]
    # Half of what is there is found, and all that is found is there.
    assert both["f1"] == dict.fromkeys(MEASURES, pytest.approx(2 / 3, abs=1e-6))
    assert both["seconds_per_fold"] == 60
    assert pool({1: right}, config, has_scores=False)["mean_average_precision"] is None


def test_ours_is_shown_on_the_folds_that_a_peer_has(make_fold: Callable[..., Path]) -> None:
    right, half = make_fold("right", 0.9), make_fold("half", 0.3)
    assert compare_same_folds({1: half}, {2: right}) is None
    same = compare_same_folds({1: half, 2: half}, {2: right, 3: right})
    assert same == {"folds": [2], "macro_f1": 0, OURS: 1}
    other = right.with_name("other")
    other.write_text(right.read_text("utf-8").replace("d:3", "d:99"), "utf-8")
    with pytest.raises(DataError, match="from other data"):
        compare_same_folds({1: half}, {1: other})


def test_entries_make_a_table_and_the_same_plot_every_time(
    make_fold: Callable[..., Path], config: CrossvalConfig, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    entries = {
        OURS: {
            "title": OURS,
            **pool({1: make_fold("right", 0.9), 2: make_fold("two", 0.9)}, config),
        },
        "peer": {
            "title": "a peer",
            **pool({1: make_fold("half", 0.3)}, config),
            "same_folds": {"folds": [1], "macro_f1": 0.0, OURS: 1.0},
        },
        "dead": {
            "title": "dead",
            **pool({1: make_fold("dead", 0.0, collapsed="…", rate=None, bytes=None)}, config),
        },
    }
    table = show(entries).splitlines()
    assert table.pop() == "on folds [1] alone: a peer 0.000, cuoshi 1.000"
    assert table[-1].startswith("| cuoshi | 2 | 1.000 |")
    assert any(line.startswith("| dead (1 collapsed) |") for line in table)
    assert len({line.count("|") for line in table}) == 1
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    for path in (one, two):
        plot(entries, 2, path)
    assert one.read_bytes() == two.read_bytes()
    drawn = one.read_text("utf-8")
    assert "a peer (1 of 2 folds)" in drawn
    assert "dead" not in drawn


def test_a_peer_or_fold_that_is_not_there_is_a_wrong_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    assert choose_folds("2,5", range(1, 7)) == [2, 5]
    assert choose_folds("", range(1, 4)) == [1, 2, 3]
    for arguments in (["bert"], ["keywords", "--folds", "7"], ["keywords", "--folds", "x"]):
        called = CliRunner().invoke(app, arguments)
        assert called.exit_code == 2, called.output


def test_the_rate_leaves_out_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peers_folds.TIMED_SECONDS", 1e-6)
    calls: list[int] = []
    assert measure_rate(lambda: calls.append(1), 10) > 0
    assert len(calls) > 1
