"""Stage train: fine-tune the encoder on the labelled sentences.

A killed run goes on from its last checkpoint in models/checkpoints and ends with the same
weights; a collapsed one ends with an error.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from dvclive import Live
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from torch.optim import AdamW
from transformers import (
    AutoTokenizer,
    EvalPrediction,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_pt_utils import LengthGroupedSampler

from cuoshi.errors import TrainingError
from cuoshi.files import replace_folder, sha256, write_json
from cuoshi.measures import MEASURES, MEASURES_ENGLISH
from cuoshi.stages.config import (
    BASE,
    PROCESSED,
    REPORTS,
    TRAINED,
    TrainConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.network import UNMARKED, TwoHeads, build_model, cool_head
from cuoshi.stages.scoring import (
    collate,
    encode,
    gold_labels,
    load_split,
    predict_logits,
    sigmoid,
)
from cuoshi.stages.thresholds import choose_thresholds, fit_temperature
from cuoshi.tags import ROLES, tag_tokens

CHECKPOINTS = Path("models/checkpoints")
CURVES = Path("reports/training")


def train(
    base: Path, processed: Path, config: TrainConfig, output: Path, checkpoints: Path, curves: Path
) -> dict[str, Any]:
    """Fine-tune, calibrate, choose thresholds and write the model to `output`.

    The last weights are taken, not those with the best validation figure: with some dozens of
    positive sentences the best of several evaluations is mostly the luckiest.

    Args:
        base: a BERT encoder in Hugging Face format.
        processed: what the stage preprocess has written.
        config: settings of the run.
        output: where model, tokenizer and thresholds go.
        checkpoints: where the run keeps what it needs to go on after being killed.
        curves: where DVCLive writes the training curves.

    Returns:
        Steps, validation macro-F1 at 0.5, temperature, and the thresholds by measure.

    Raises:
        TrainingError: the run collapsed.
    """
    set_seed(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    training = load_split(processed, "train")
    validation = load_split(processed, "validation")
    model = build_model(base, tokenizer, training, config)
    sentences = Sentences(tokenizer, training, config)
    trainer = MeasureTrainer(
        model=model,
        args=build_arguments(config, len(sentences), checkpoints),
        train_dataset=sentences,
        eval_dataset=Sentences(tokenizer, validation, config, training=False),
        data_collator=sentences.collate,
        compute_metrics=measure_validation,
        optimizers=(build_optimizer(model, config), None),
        callbacks=[
            Milestones(count_steps(config, len(sentences)), config.evaluations),
            Curves(curves),
        ],
    )
    ceiling = None
    if config.loss_ceiling is not None:
        ceiling = constant_loss(gold_labels(validation)) * config.loss_ceiling
    trainer.add_callback(CollapseGuard(ceiling))
    trainer.remove_callback(PrinterCallback)
    last = find_checkpoint(checkpoints, describe_run(base, processed, config))
    if last:
        print(f"going on from {last}", flush=True)
    trainer.train(resume_from_checkpoint=str(last) if last else None)

    gold = gold_labels(validation)
    network: TwoHeads = trainer.model
    logits = predict_logits(
        network.classifier,
        tokenizer,
        list(validation["text"]),
        list(validation["context"]),
        max_length=config.max_length,
        batch_size=config.batch_size,
    )
    macro_f1 = f1_score(gold, logits > 0, average="macro", zero_division=0.0)
    if macro_f1 == 0 and config.loss_ceiling is not None:
        raise TrainingError(
            "the run collapsed: no validation sentence got a right measure; lower "
            "train.learning_rate or raise train.warmup in configs/train.yaml and run again"
        )
    temperature = fit_temperature(gold, logits)
    cool_head(network.classifier, temperature)
    thresholds = choose_thresholds(gold, sigmoid(logits / temperature))
    figures = {
        "steps": trainer.state.global_step,
        "validation_macro_f1": float(macro_f1),
        "temperature": temperature,
        "thresholds": dict(zip(MEASURES, thresholds, strict=True)),
        "max_length": config.max_length,
    }
    with replace_folder(output) as folder:
        network.save(folder)
        tokenizer.save_pretrained(folder)
        write_json(folder / "thresholds.json", figures)
    shutil.rmtree(checkpoints)
    return figures


class Sentences(torch.utils.data.Dataset[dict[str, Any]]):
    """Encoded sentences; which context one has in an epoch depends on seed and epoch alone.

    Some sentences lose their context, so that bare ones are read well. Some that have none
    borrow another sentence's: single sentences were written rich in measures, and whether a
    context is there must not tell what a sentence directs.

    Args:
        training: whether contexts are dropped and borrowed, as `config` says.
    """

    def __init__(
        self, tokenizer: Any, split: Dataset, config: TrainConfig, *, training: bool = True
    ) -> None:
        self.tokenizer = tokenizer
        self.seed = config.seed
        self.max_length = config.max_length
        self.dropout = config.context_dropout if training else 0.0
        self.borrowing = config.borrowed_context if training else 0.0
        texts, contexts = list(split["text"]), list(split["context"])
        self.bare = encode(tokenizer, texts, None, config.max_length)
        self.paired = encode(tokenizer, texts, contexts, config.max_length)
        self.has_context = np.array([bool(context) for context in contexts])
        self.labels = gold_labels(split).astype(np.float32)
        self.tags = self._tag(split) if training else [[] for _ in texts]
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Draw anew which sentences lose their context, and which borrow one."""
        generator = np.random.default_rng((self.seed, epoch))
        drawn = generator.random(len(self))
        lenders = np.flatnonzero(self.has_context)
        self.dropped = self.has_context & (drawn < self.dropout)
        self.lender = np.full(len(self), -1)
        if len(lenders):
            borrows = ~self.has_context & (drawn < self.borrowing)
            self.lender[borrows] = generator.choice(lenders, borrows.sum())

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {
            "input_ids": self.ids(index),
            "labels": self.labels[index],
            "tags": self.tags[index],
        }

    def ids(self, index: int) -> list[int]:
        """The token ids that sentence `index` has in this epoch."""
        if self.dropped[index]:
            return self.bare[index]
        if self.lender[index] < 0:
            return self.paired[index]
        lent = self.paired[self.lender[index]]
        context = lent[lent.index(self.tokenizer.sep_token_id) + 1 :]
        room = self.max_length - len(self.bare[index])
        return self.bare[index] + (context[-room:] if room > 1 else [])

    def collate(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """A padded batch with labels `(len(rows), 4)` and tags `(len(rows), length)`."""
        # Every new shape costs memory for good on CPUs: 1 GB more every half epoch without this.
        batch = collate(self.tokenizer, [row["input_ids"] for row in rows], multiple=8)
        tags = torch.full_like(batch["input_ids"], UNMARKED)
        for row, own in zip(tags, (row["tags"] for row in rows), strict=True):
            row[: len(own)] = torch.tensor(own, dtype=row.dtype)
        labels = torch.from_numpy(np.stack([row["labels"] for row in rows]))
        return {**batch, "labels": labels, "tags": tags}

    def _tag(self, split: Dataset) -> list[list[int]]:
        """The tags of each sentence's own tokens; none where its bodies are not marked."""
        encoded = self.tokenizer(
            list(split["text"]),
            truncation=True,
            max_length=self.max_length,
            return_offsets_mapping=True,
        )
        tags = []
        for offsets, bodies in zip(encoded["offset_mapping"], split["bodies"], strict=True):
            spans = [(b["start"], b["end"], ROLES[b["role"]]) for b in bodies or []]
            tags.append(
                [
                    tag if start < end else UNMARKED
                    for tag, (start, end) in zip(tag_tokens(offsets, spans), offsets, strict=True)
                ]
                if bodies is not None
                else []
            )
        return tags


class EpochSampler(LengthGroupedSampler):  # type: ignore[misc]
    """Groups by length in an order that depends on seed and epoch alone.

    The library's sampler draws from the global generator, so that a resumed epoch would see
    other batches than the one that was killed.
    """

    def __init__(self, batch_size: int, sentences: Sentences) -> None:
        super().__init__(batch_size, lengths=[0] * len(sentences))
        self.sentences = sentences
        self.set_epoch(0)

    def set_epoch(self, epoch: int) -> None:
        """Called by the Trainer's data loader before each epoch."""
        self.sentences.set_epoch(epoch)
        self.generator = torch.Generator().manual_seed(self.sentences.seed + epoch)

    def __iter__(self) -> Iterator[int]:
        self.lengths = [len(self.sentences.ids(i)) for i in range(len(self.sentences))]
        yield from super().__iter__()


class MeasureTrainer(Trainer):  # type: ignore[misc]
    """The Trainer with `EpochSampler`."""

    def _get_train_sampler(self, train_dataset: Any = None) -> EpochSampler:
        return EpochSampler(self.args.train_batch_size, train_dataset or self.train_dataset)


class CollapseGuard(TrainerCallback):  # type: ignore[misc]
    """Ends a run whose loss is no number, or that has learnt nothing after its first epoch.

    Args:
        ceiling: validation loss above which a run has learnt nothing; None never ends one for that.
    """

    def __init__(self, ceiling: float | None) -> None:
        self.ceiling = ceiling

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            self._end(state, f"its loss is {loss}")

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any, **_: Any) -> None:
        if self.ceiling is None or state.epoch < 1:
            return
        loss = metrics["eval_loss"]
        if loss > self.ceiling:
            self._end(state, f"its validation loss {loss:.3f} is not below {self.ceiling:.3f}")
        if metrics["eval_macro_f1"] == 0:
            self._end(state, "its validation macro-F1 is 0")

    def _end(self, state: Any, reason: str) -> None:
        raise TrainingError(
            f"the run collapsed: after {state.epoch:.1f} epochs {reason}; lower "
            "train.learning_rate or raise train.warmup in configs/train.yaml and run again"
        )


class Milestones(TrainerCallback):  # type: ignore[misc]
    """Logs, evaluates and saves a given number of times, evenly spaced, the last at the end.

    Args:
        steps: length of the run.
        evaluations: how many times.
    """

    def __init__(self, steps: int, evaluations: int) -> None:
        self.steps = {math.ceil(steps * (i + 1) / evaluations) for i in range(evaluations)}

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step in self.steps:
            control.should_log = control.should_evaluate = control.should_save = True


class Curves(TrainerCallback):  # type: ignore[misc]
    """Training curves through DVCLive, complete after a resume, and a line per evaluation."""

    names = {"loss": "train/loss", "learning_rate": "train/learning_rate"} | {
        f"eval_{name}": f"validation/{name}"
        for name in ("loss", "macro_f1", *(f"f1_{name}" for name in MEASURES_ENGLISH.values()))
    }

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.live = Live(dir=str(self.folder), dvcyaml=None, save_dvc_exp=False)
        for entry in state.log_history:
            self._write(entry["step"], entry)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any, **_: Any) -> None:
        self._write(state.global_step, logs)

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: Any, **_: Any) -> None:
        loss = next((e["loss"] for e in reversed(state.log_history) if "loss" in e), math.nan)
        print(
            f"epoch {state.epoch:.2f}  loss {loss:.4f}  validation loss "
            f"{metrics['eval_loss']:.4f}  macro-F1 {metrics['eval_macro_f1']:.3f}",
            flush=True,
        )

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.live.end()

    def _write(self, step: int, entry: dict[str, Any]) -> None:
        # In the order of the names: a resumed run has its entries' keys sorted.
        written = {name: entry[key] for key, name in self.names.items() if key in entry}
        if written:
            self.live.step = step
            for name, value in written.items():
                self.live.log_metric(name, value)
            self.live.make_summary()


def build_arguments(config: TrainConfig, sentences: int, output: Path) -> TrainingArguments:
    """The Trainer's settings for this machine."""
    cuda = torch.cuda.is_available()
    steps = count_steps(config, sentences)
    return TrainingArguments(
        output_dir=str(output),
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=config.batch_size,
        weight_decay=config.weight_decay,
        warmup_steps=round(steps * config.warmup),
        bf16=config.precision == "bf16" or (config.precision == "auto" and has_bf16()),
        use_cpu=not cuda,
        seed=config.seed,
        # At the last step; `Milestones` sees to the others.
        eval_strategy="steps",
        eval_steps=steps,
        save_strategy="steps",
        save_steps=steps,
        save_total_limit=2,
        logging_steps=20,
        disable_tqdm=not sys.stderr.isatty(),
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        report_to=[],
    )


def count_steps(config: TrainConfig, sentences: int) -> int:
    """How many batches the run trains on."""
    return config.max_steps or math.ceil(math.ceil(sentences / config.batch_size) * config.epochs)


def has_bf16() -> bool:
    """Whether the device multiplies bfloat16 matrices in hardware."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def build_optimizer(model: Any, config: TrainConfig) -> AdamW:
    """AdamW with a faster head; biases and layer norms do not decay."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        head = name.startswith(("tagger.", "classifier.classifier.", "classifier.bert.pooler."))
        groups.setdefault((head, parameter.ndim > 1), []).append(parameter)
    return AdamW(
        [
            {
                "params": parameters,
                "lr": config.learning_rate * (config.head_factor if head else 1),
                "weight_decay": config.weight_decay if matrix else 0.0,
            }
            for (head, matrix), parameters in groups.items()
        ],
        fused=True,
    )


def measure_validation(prediction: EvalPrediction) -> dict[str, float]:
    """F1 per measure and their mean, at a threshold of 0.5."""
    gold: NDArray[Any] = np.asarray(prediction.label_ids) > 0.5
    predicted = np.asarray(prediction.predictions) > 0
    f1 = f1_score(gold, predicted, average=None, zero_division=0.0)
    return {"macro_f1": float(f1.mean())} | {
        f"f1_{MEASURES_ENGLISH[measure]}": float(value)
        for measure, value in zip(MEASURES, f1, strict=True)
    }


def constant_loss(gold: NDArray[np.bool_]) -> float:
    """Binary cross-entropy of always answering with the measures' frequencies."""
    p = gold.mean(axis=0).clip(1e-6, 1 - 1e-6)
    return float(-(p * np.log(p) + (1 - p) * np.log(1 - p)).mean())


def describe_run(base: Path, processed: Path, config: TrainConfig) -> dict[str, str]:
    """What a checkpoint must have been made from to be gone on with."""
    inputs = [base / "model.safetensors", base / "tokenizer.json", *processed.rglob("*.arrow")]
    digests = {path.as_posix(): sha256(path) for path in sorted(inputs)}
    return digests | {"config": config.model_dump_json()}


def find_checkpoint(folder: Path, run: dict[str, str]) -> Path | None:
    """The last whole checkpoint of this very run; those of another run are swept away.

    The Trainer writes trainer_state.json last, so a folder without it was cut short.
    """
    described = folder / "run.json"
    if not described.is_file() or json.loads(described.read_text(encoding="utf-8")) != run:
        shutil.rmtree(folder, ignore_errors=True)
        write_json(described, run)
        return None
    whole = {}
    for path in folder.glob("checkpoint-*"):
        try:
            json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
            whole[int(path.name.removeprefix("checkpoint-"))] = path
        except (OSError, ValueError):
            shutil.rmtree(path)
    return whole[max(whole)] if whole else None


def main() -> None:
    """Run the stage with configs/train.yaml."""
    config = read_config(TrainConfig, "train")
    figures = train(BASE, PROCESSED, config, TRAINED, CHECKPOINTS, CURVES)
    thresholds = " ".join(f"{m} {t:.2f}" for m, t in figures["thresholds"].items())
    print(
        f"{TRAINED}: {figures['steps']} steps, validation macro-F1 "
        f"{figures['validation_macro_f1']:.3f}; thresholds {thresholds}"
    )
    write_json(REPORTS / "train.json", figures)


if __name__ == "__main__":
    run_stage(main)
