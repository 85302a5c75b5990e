"""The peers of `benchmarks/peers.py`: each is fitted to one fold and then scores sentences.

All of them get the training part of the fold and nothing else; what differs is said in `PEERS`.
How they are run, timed and pooled is left to the other modules.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset, DatasetDict
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PrinterCallback

from cuoshi import keywords
from cuoshi.files import replace_folder
from cuoshi.measures import MEASURES
from cuoshi.stages import evaluate
from cuoshi.stages.config import EvaluateConfig, TrainConfig
from cuoshi.stages.metrics import Flags, Scores
from cuoshi.stages.scoring import gold_labels, predict_logits, sigmoid
from cuoshi.stages.train import has_bf16, train

SHOTS = 32
"""Sentences of each measure, and of none, that SetFit learns from."""

SHOT_STEPS = 150
"""Contrastive steps of 16 pairs, three to four minutes on two cores with bfloat16: some 16 pairs
for each sentence, where Tunstall et al., "Efficient Few-Shot Learning Without Prompts" (2022),
draw 40."""


@dataclass(frozen=True)
class Settings:
    """What the peers are made with.

    Attributes:
        base: the encoder that the trained ones start from, in Hugging Face format.
        train: of the fine-tuned ones; its seed and length count for all.
        evaluate: n-grams and penalty of the SVM, and how many sentences are scored at a time.
    """

    base: Path
    train: TrainConfig
    evaluate: EvaluateConfig


@dataclass(frozen=True)
class Fitted:
    """A peer that is ready to score.

    Attributes:
        score: texts and as many contexts to probabilities, `(n, 4)`.
        size: bytes of what must be shipped beside the libraries.
        thresholds: one for each measure; None leaves the choice to the validation split.
    """

    score: Callable[[list[str], list[str]], Scores]
    size: int
    thresholds: list[float] | None = None


@dataclass(frozen=True)
class Peer:
    """A way to find measures.

    Attributes:
        title: its name in tables and in the plot.
        runs_on: what computes its scores.
        fit: makes it from a fold, in a folder that is kept until the fold is finished.
        authored: authored files in its training part; None for those of configs/preprocess.yaml.
        has_scores: whether it gives more than yes and no.
        reads_context: whether it looks at the context of a sentence.
    """

    title: str
    runs_on: str
    fit: Callable[[DatasetDict, Settings, Path], Fitted]
    authored: tuple[str, ...] | None = None
    has_scores: bool = True
    reads_context: bool = False


def fit_keywords(dataset: DatasetDict, settings: Settings, work: Path) -> Fitted:
    """The keyword rules, which learn nothing."""
    return Fitted(
        lambda texts, _: keywords.predict_keywords(texts).astype(np.float32),
        Path(keywords.__file__).stat().st_size,
        [0.5] * len(MEASURES),
    )


def fit_tfidf_svm(dataset: DatasetDict, settings: Settings, work: Path) -> Fitted:
    """The baseline of the stage evaluate."""
    svm = evaluate.fit_svm(dataset["train"], settings.evaluate)
    return Fitted(
        lambda texts, _: sigmoid(svm.decision_function(texts)),
        len(pickle.dumps(svm)),
    )


def fit_fasttext(dataset: DatasetDict, settings: Settings, work: Path) -> Fitted:
    """fastText's supervised classifier over n-grams of one to three characters, one against all.

    Characters are its words: text without blanks would be one word otherwise. The package
    fasttext-community has wheels and predicts under NumPy 2, which fasttext 0.9.3 does not;
    floret 0.10.5 repeats the first score for all labels of a text.
    """
    import fasttext

    lines = [
        " ".join([*(f"__label__{i}" for i in np.flatnonzero(row)), space_out(text)])
        for text, row in zip(dataset["train"]["text"], add_none(dataset["train"]), strict=True)
    ]
    corpus, file = work / "fasttext.txt", work / "fasttext.bin"
    corpus.write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = fasttext.train_supervised(
        input=str(corpus),
        loss="ova",
        wordNgrams=3,
        minCount=1,
        bucket=200_000,
        dim=100,
        epoch=25,
        lr=0.5,
        # More than one write over each other's weights, differently each time.
        thread=1,
        seed=settings.train.seed,
        verbose=0,
    )
    model.save_model(str(file))

    def score(texts: list[str], _: list[str]) -> Scores:
        found = model.predict([space_out(text) for text in texts], k=-1)
        scores = np.zeros((len(texts), len(MEASURES) + 1), dtype=np.float32)
        for row, (labels, values) in enumerate(zip(*found, strict=True)):
            scores[row, [int(label.removeprefix("__label__")) for label in labels]] = values
        # Logistic functions from a table reach 1.00001.
        return scores[:, : len(MEASURES)].clip(0, 1)

    return Fitted(score, file.stat().st_size)


def fit_probe(dataset: DatasetDict, settings: Settings, work: Path) -> Fitted:
    """Logistic regression for each measure on mean-pooled states of the frozen encoder."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(settings.base))
    encoder.max_seq_length = settings.train.max_length

    def embed(texts: list[str]) -> Any:
        return encoder.encode(
            texts, batch_size=settings.evaluate.batch_size, show_progress_bar=False
        )

    head = make_pipeline(StandardScaler(), OneVsRestClassifier(LogisticRegression(max_iter=1000)))
    head.fit(embed(list(dataset["train"]["text"])), gold_labels(dataset["train"]).astype(int))
    return Fitted(
        lambda texts, _: head.predict_proba(embed(texts)),
        weigh(settings.base) + len(pickle.dumps(head)),
    )


def fit_setfit(dataset: DatasetDict, settings: Settings, work: Path) -> Fitted:
    """SetFit: the encoder tuned on pairs of a few sentences, then logistic regression on those."""
    from setfit import SetFitModel, Trainer, TrainingArguments, logging

    logging.set_verbosity_error()
    flags = add_none(dataset["train"])
    drawn = draw_shots(dataset["train"], flags, settings.train.seed)
    shots = Dataset.from_dict(
        {
            "text": dataset["train"].select(drawn)["text"],
            "label": flags[drawn].astype(int).tolist(),
        }
    )
    model = SetFitModel.from_pretrained(str(settings.base), multi_target_strategy="one-vs-rest")
    model.model_body.max_seq_length = settings.train.max_length
    arguments = TrainingArguments(
        output_dir=str(work / "setfit"),
        batch_size=16,
        max_steps=SHOT_STEPS,
        seed=settings.train.seed,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        show_progress_bar=False,
    )
    # As the fine-tuned ones learn; SetFit itself knows only fp16.
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16()):
        trainer = Trainer(model=model, args=arguments, train_dataset=shots)
        trainer.remove_callback(PrinterCallback)
        trainer.train()

    def score(texts: list[str], _: list[str]) -> Scores:
        scores = model.predict_proba(
            texts,
            batch_size=settings.evaluate.batch_size,
            as_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(scores[:, : len(MEASURES)], dtype=np.float32)

    return Fitted(score, weigh(settings.base) + len(pickle.dumps(model.model_head)))


def fit_fine_tuned(
    dataset: DatasetDict, settings: Settings, work: Path, *, guarded: bool = True
) -> Fitted:
    """What the stage train makes; goes on from its last checkpoint if it was killed.

    Args:
        dataset, settings, work: as for every peer.
        guarded: whether a run that has learnt nothing in its first epoch is ended.

    Raises:
        TrainingError: the run collapsed.
    """
    processed, trained = work / "processed", work / "trained"
    with replace_folder(processed) as folder:
        dataset.save_to_disk(str(folder))
    config = settings.train if guarded else settings.train.model_copy(update={"loss_ceiling": None})
    run = train(settings.base, processed, config, trained, work / "checkpoints", work / "curves")
    model = AutoModelForSequenceClassification.from_pretrained(trained)
    tokenizer = AutoTokenizer.from_pretrained(trained)

    def score(texts: list[str], contexts: list[str]) -> Scores:
        logits = predict_logits(
            model,
            tokenizer,
            texts,
            contexts,
            max_length=run["max_length"],
            batch_size=settings.evaluate.batch_size,
        )
        return sigmoid(logits)

    return Fitted(score, weigh(trained), [run["thresholds"][measure] for measure in MEASURES])


def add_none(split: Dataset) -> Flags:
    """The labels and a fifth column for sentences without a measure, `(len(split), 5)`.

    fastText skips sentences without any label, and SetFit would push those apart.
    """
    gold = gold_labels(split)
    return np.column_stack([gold, ~gold.any(axis=1)])


def draw_shots(split: Dataset, flags: Flags, seed: int) -> list[int]:
    """Rows with `SHOTS` sentences of each column of `flags`, real ones as far as they go."""
    real = np.array(split["source"]) == split.features["source"].str2int("speech")
    order = np.random.default_rng(seed).permutation(len(split))
    order = order[np.argsort(~real[order], kind="stable")]
    columns = (order[flags[order, column]][:SHOTS] for column in range(flags.shape[1]))
    return sorted({int(row) for rows in columns for row in rows})


def space_out(text: str) -> str:
    """`text` with a blank between characters."""
    return " ".join("".join(text.split()))


def weigh(folder: Path) -> int:
    """Bytes of the files in `folder`."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


PEERS = {
    "keywords": Peer("keyword rules", "Python", fit_keywords, has_scores=False),
    "tfidf_svm": Peer("TF-IDF + linear SVM", "scikit-learn", fit_tfidf_svm),
    "fasttext": Peer("fastText", "fastText C++", fit_fasttext),
    "probe": Peer("frozen encoder + logistic regression", "torch fp32", fit_probe),
    "setfit": Peer(f"SetFit, {SHOTS} sentences a measure", "torch fp32", fit_setfit),
    "real": Peer(
        "fine-tuned, real sentences",
        "torch fp32",
        # An epoch is some forty steps there, most of them at a rate that still rises.
        partial(fit_fine_tuned, guarded=False),
        (),
        reads_context=True,
    ),
    "authored": Peer(
        "fine-tuned, and authored sentences",
        "torch fp32",
        fit_fine_tuned,
        ("authored.jsonl",),
        reads_context=True,
    ),
    "authored_speeches": Peer(
        "fine-tuned, and 35 authored speeches",
        "torch fp32",
        fit_fine_tuned,
        ("authored.jsonl", "authored-speeches.jsonl"),
        reads_context=True,
    ),
}
