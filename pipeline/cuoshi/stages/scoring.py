"""Score sentences with a torch model: what training, evaluation and export share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset, load_from_disk
from numpy.typing import NDArray

from cuoshi.errors import DataError
from cuoshi.measures import MEASURES


def load_split(processed: Path, name: str) -> Dataset:
    """One split that the stage preprocess has written.

    Raises:
        DataError: it is not there, or it is empty.
    """
    try:
        split = load_from_disk(str(processed / name))
    except FileNotFoundError as error:
        raise DataError(f"{processed / name} is missing; run `dvc repro preprocess`") from error
    if not len(split):
        raise DataError(f"the split {name} is empty; change configs/preprocess.yaml")
    return split


def gold_labels(split: Dataset) -> NDArray[np.bool_]:
    """Which measures each sentence directs, `(len(split), 4)`."""
    gold = np.zeros((len(split), len(MEASURES)), dtype=bool)
    for row, labels in enumerate(split["labels"]):
        gold[row, labels] = True
    return gold


def encode(
    tokenizer: Any, texts: list[str], contexts: list[str] | None, max_length: int
) -> list[list[int]]:
    """Token ids of each sentence, with its context as second segment where it has one.

    A pair longer than `max_length` tokens loses the beginning of its context first, so that
    the sentence stays whole as long as it can.
    """
    alone = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
    if contexts is None:
        return list(alone)
    second = tokenizer(contexts, add_special_tokens=False)["input_ids"]
    encoded = []
    for ids, context in zip(alone, second, strict=True):
        room = max_length - len(ids) - 1
        kept = context[-room:] if room > 0 else []
        encoded.append([*ids, *kept, tokenizer.sep_token_id] if kept else list(ids))
    return encoded


def collate(
    tokenizer: Any, encoded: list[list[int]], multiple: int | None = None
) -> dict[str, torch.Tensor]:
    """Pad to the longest, or the next `multiple`; segment 1 begins after the first separator."""
    segments = []
    for ids in encoded:
        first = ids.index(tokenizer.sep_token_id) + 1
        segments.append([0] * first + [1] * (len(ids) - first))
    return dict(
        tokenizer.pad(
            {"input_ids": encoded, "token_type_ids": segments},
            padding=True,
            pad_to_multiple_of=multiple,
            return_tensors="pt",
        )
    )


def predict_logits(
    model: Any,
    tokenizer: Any,
    texts: list[str],
    contexts: list[str] | None,
    *,
    max_length: int,
    batch_size: int,
) -> NDArray[np.float32]:
    """Logits in fp32, `(len(texts), 4)`, in the order of `texts`."""
    encoded = encode(tokenizer, texts, contexts, max_length)
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    logits = np.empty((len(encoded), len(MEASURES)), dtype=np.float32)
    model = model.float().eval()
    with torch.inference_mode():
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            batch = collate(tokenizer, [encoded[i] for i in rows])
            batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
            logits[rows] = model(**batch).logits.cpu().numpy()
    return logits


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of independent measures."""
    return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))), dtype=np.float32)
