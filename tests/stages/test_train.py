import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cuoshi.errors import DataError, TrainingError
from cuoshi.measures import MEASURES
from cuoshi.stages.config import TrainConfig
from cuoshi.stages.train import CollapseGuard, EpochSampler, Sentences, constant_loss, train

RUN = """
import json, os, signal, sys
from pathlib import Path
from cuoshi.stages import train
from cuoshi.stages.config import TrainConfig

base, processed, settings, folder, kill = sys.argv[1:]
if kill == "kill":
    evaluations = []
    def stop(self, args, state, control, **_):
        evaluations.append(state.global_step)
        if len(evaluations) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
    train.Curves.on_evaluate = stop
folder = Path(folder)
train.train(
    Path(base), Path(processed), TrainConfig(**json.loads(settings)),
    folder / "trained", folder / "checkpoints", folder / "curves",
)
"""


def run(base: Path, data: Path, settings: dict[str, Any], folder: Path, kill: str) -> Any:
    settings = {**settings, "epochs": 2.0}
    command = [sys.executable, "-c", RUN, base, data, json.dumps(settings), folder, kill]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_killed_run_goes_on_and_ends_with_the_same_result(
    tmp_path: Path, tiny_base: Path, tiny_data: Path, tiny_settings: dict[str, Any]
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    finished = run(tiny_base, tiny_data, tiny_settings, whole, "")
    assert finished.returncode == 0, finished.stderr
    assert run(tiny_base, tiny_data, tiny_settings, killed, "kill").returncode == -signal.SIGKILL
    assert not (killed / "trained").exists()
    last = max((killed / "checkpoints").glob("checkpoint-*"))
    # A checkpoint that the kill cut short.
    (killed / "checkpoints" / "checkpoint-9999").mkdir()

    resumed = run(tiny_base, tiny_data, tiny_settings, killed, "")
    assert resumed.returncode == 0, resumed.stderr
    assert f"going on from {last}" in resumed.stdout
    assert files(killed / "trained") == files(whole / "trained")
    assert files(killed / "curves") == files(whole / "curves")
    assert not (killed / "checkpoints").exists()
    assert not any(path.suffix in {".bin", ".pkl", ".pt"} for path in whole.rglob("*"))


def test_checkpoints_of_another_setting_are_not_gone_on_with(
    tmp_path: Path, tiny_base: Path, tiny_data: Path, tiny_settings: dict[str, Any]
) -> None:
    assert run(tiny_base, tiny_data, tiny_settings, tmp_path, "kill").returncode < 0
    other = run(tiny_base, tiny_data, tiny_settings | {"seed": 2}, tmp_path, "")
    assert "going on" not in other.stdout


def test_thresholds_and_labels_are_saved_with_the_model(
    tmp_path: Path, tiny_base: Path, tiny_data: Path, tiny_config: TrainConfig
) -> None:
    figures = train(
        tiny_base, tiny_data, tiny_config, tmp_path / "t", tmp_path / "ck", tmp_path / "curves"
    )
    assert figures["validation_macro_f1"] > 0.5
    saved = json.loads((tmp_path / "t" / "thresholds.json").read_text(encoding="utf-8"))
    assert saved == figures
    assert list(saved["thresholds"]) == list(MEASURES)
    config = json.loads((tmp_path / "t" / "config.json").read_text(encoding="utf-8"))
    assert [config["id2label"][str(i)] for i in range(4)] == list(MEASURES)
    assert config["problem_type"] == "multi_label_classification"


def test_a_run_that_learns_nothing_ends_with_an_error_and_no_model(
    tmp_path: Path, tiny_base: Path, tiny_data: Path, tiny_settings: dict[str, Any]
) -> None:
    dead = TrainConfig(**tiny_settings | {"learning_rate": 1e-12, "loss_ceiling": 0.95})
    with pytest.raises(TrainingError, match=r"the run collapsed: .*train\.learning_rate"):
        train(tiny_base, tiny_data, dead, tmp_path / "t", tmp_path / "ck", tmp_path / "curves")
    assert not (tmp_path / "t").exists()
    unguarded = dead.model_copy(update={"loss_ceiling": None})
    train(tiny_base, tiny_data, unguarded, tmp_path / "t", tmp_path / "ck", tmp_path / "curves")
    assert (tmp_path / "t" / "thresholds.json").is_file()


def test_a_run_whose_validation_stays_at_chance_has_collapsed() -> None:
    guard = CollapseGuard(0.2)
    good = {"eval_loss": 0.1, "eval_macro_f1": 0.5}
    guard.on_log(None, SimpleNamespace(epoch=0.2), None, {"loss": 5.0})
    guard.on_evaluate(None, SimpleNamespace(epoch=0.5), None, good | {"eval_loss": 0.3})
    guard.on_evaluate(None, SimpleNamespace(epoch=1.0), None, good)
    with pytest.raises(TrainingError, match=r"after 1\.0 epochs its validation loss 0\.300"):
        guard.on_evaluate(None, SimpleNamespace(epoch=1.0), None, good | {"eval_loss": 0.3})
    with pytest.raises(TrainingError, match="macro-F1 is 0"):
        guard.on_evaluate(None, SimpleNamespace(epoch=1.0), None, good | {"eval_macro_f1": 0.0})
    with pytest.raises(TrainingError, match="its loss is nan"):
        guard.on_log(None, SimpleNamespace(epoch=0.2), None, {"loss": float("nan")})


def test_a_missing_split_names_the_stage_to_run(
    tmp_path: Path, tiny_base: Path, tiny_config: TrainConfig
) -> None:
    with pytest.raises(DataError, match="run `dvc repro preprocess`"):
        train(tiny_base, tmp_path, tiny_config, tmp_path / "t", tmp_path / "ck", tmp_path / "c")


def test_batches_and_dropped_contexts_depend_on_seed_and_epoch_alone(
    tiny_base: Path, tiny_data: Path, tiny_config: TrainConfig
) -> None:
    from transformers import AutoTokenizer

    from cuoshi.stages.scoring import load_split

    tokenizer, split = AutoTokenizer.from_pretrained(tiny_base), load_split(tiny_data, "train")

    def epoch(number: int) -> list[tuple[int, list[int]]]:
        sentences = Sentences(tokenizer, split, tiny_config)
        sampler = EpochSampler(8, sentences)
        sampler.set_epoch(number)
        return [(i, sentences[i]["input_ids"]) for i in sampler]

    assert epoch(1) == epoch(1)
    assert epoch(1) != epoch(2)
    assert sorted(i for i, _ in epoch(2)) == list(range(len(split)))


def test_sentences_without_context_borrow_one_and_keep_their_own_words(
    tiny_base: Path, tiny_data: Path, tiny_config: TrainConfig
) -> None:
    from transformers import AutoTokenizer

    from cuoshi.stages.scoring import load_split

    tokenizer, split = AutoTokenizer.from_pretrained(tiny_base), load_split(tiny_data, "train")
    config = tiny_config.model_copy(update={"borrowed_context": 1.0, "context_dropout": 0.0})
    sentences = Sentences(tokenizer, split, config)
    assert any(sentences.has_context)
    assert not all(sentences.has_context)
    contexts = {tuple(ids[ids.index(tokenizer.sep_token_id) + 1 :]) for ids in sentences.paired}
    for i, bare in enumerate(sentences.bare):
        ids = sentences.ids(i)
        assert ids[: len(bare)] == bare
        assert len(ids) <= config.max_length
        if len(ids) < config.max_length:
            assert tuple(ids[len(bare) :]) in contexts
        assert (len(ids) > len(bare)) or len(bare) >= config.max_length - 1

    held_out = Sentences(tokenizer, split, config, training=False)
    assert [held_out.ids(i) for i in range(len(split))] == held_out.paired


def test_the_constant_loss_is_the_entropy_of_the_frequencies() -> None:
    import numpy as np

    gold = np.array([[True, False]] * 5 + [[False, False]] * 5)
    assert constant_loss(gold) == pytest.approx(np.log(2) / 2, abs=1e-4)


def test_tags_lie_on_the_tokens_of_the_bodies(
    tiny_base: Path, tiny_data: Path, tiny_config: TrainConfig
) -> None:
    from transformers import AutoTokenizer

    from cuoshi.stages.network import UNMARKED
    from cuoshi.stages.scoring import load_split

    tokenizer, split = AutoTokenizer.from_pretrained(tiny_base), load_split(tiny_data, "train")
    unmarked = split.map(
        lambda row, i: row | {"bodies": None if i % 3 == 0 else row["bodies"]}, with_indices=True
    )
    sentences = Sentences(tokenizer, unmarked, tiny_config)
    batch = sentences.collate([sentences[i] for i in range(60)])
    assert batch["tags"].shape == batch["input_ids"].shape
    marked = 0
    for i, (ids, tags) in enumerate(zip(batch["input_ids"], batch["tags"], strict=True)):
        if i % 3 == 0:
            assert set(tags.tolist()) == {UNMARKED}
            continue
        own = len(sentences.bare[i])
        # Neither the special tokens nor the context, own or borrowed, teach anything.
        assert set(tags[1 : own - 1].tolist()) <= {0, 1, 2}
        assert {tags[0].item(), *tags[own - 1 :].tolist()} == {UNMARKED}
        named = tokenizer.convert_ids_to_tokens(ids[(tags == 1) | (tags == 2)].tolist())
        wanted = split[i]["text"][:2] if split[i]["bodies"] else ""
        assert "".join(named) == wanted
        marked += bool(named)
    assert marked > 3
    held_out = Sentences(tokenizer, split, tiny_config, training=False)
    assert set(held_out.collate([held_out[0]])["tags"].flatten().tolist()) == {UNMARKED}
