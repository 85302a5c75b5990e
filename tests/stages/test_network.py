from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
)

from cuoshi.stages.config import TAGGER_FILE
from cuoshi.stages.network import UNMARKED, Dropout, TwoHeads
from cuoshi.tags import TAGS


@pytest.fixture
def network() -> TwoHeads:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=20,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=4,
        problem_type="multi_label_classification",
    )
    return TwoHeads(BertForSequenceClassification(config), tag_weight=2.0).eval()


def make_batch(tags: list[list[int]]) -> dict[str, Any]:
    ids = torch.arange(8).view(2, 4)
    return {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "token_type_ids": torch.zeros_like(ids),
        "labels": torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0] * 4]),
        "tags": torch.tensor(tags),
    }


def test_tokens_that_nobody_marked_teach_nothing(network: TwoHeads) -> None:
    unmarked = [UNMARKED] * 4
    measures = network(**make_batch([unmarked, unmarked])).loss
    assert measures == network(**make_batch([unmarked, unmarked]) | {"tags": None}).loss
    for parameter in network.tagger.parameters():
        torch.nn.init.zeros_(parameter)
    with_tags = network(**make_batch([unmarked, [UNMARKED, 1, 2, UNMARKED]]))
    with_tags.loss.backward()
    assert network.tagger.weight.grad.abs().sum() > 0
    # A head of zeros finds all tags alike likely; its loss counts twice.
    assert (with_tags.loss - measures).item() == pytest.approx(2 * np.log(len(TAGS)), rel=1e-4)


def test_the_saved_classifier_is_a_plain_one_with_the_tagger_beside_it(
    network: TwoHeads, tmp_path: Path
) -> None:
    network.save(tmp_path)
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    batch = make_batch([[0] * 4] * 2)
    logits = network(**batch).logits
    del batch["tags"]
    assert torch.equal(loaded(**batch).logits, logits)
    tagger = load_file(tmp_path / TAGGER_FILE)
    assert tagger["weight"].shape == (len(TAGS), 16)
    assert torch.equal(tagger["bias"], network.tagger.bias)


def test_dropout_keeps_the_mean_and_repeats_with_the_seed() -> None:
    x, dropout = torch.ones(1000, 301), Dropout(0.1)
    torch.manual_seed(1)
    first = dropout(x)
    torch.manual_seed(1)
    assert torch.equal(first, dropout(x))
    assert (first == 0).float().mean() == pytest.approx(0.1, abs=0.005)
    assert first.mean() == pytest.approx(1.0, abs=0.005)
    # Each byte of the drawn words counts alike, the one that holds the sign too.
    columns = (dropout(torch.ones(4000, 8)) == 0).float().mean(0)
    assert columns.min() > 0.05
    assert torch.equal(dropout.eval()(x), x)
