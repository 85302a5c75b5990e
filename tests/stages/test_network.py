from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
)

from cuoshi.stages.config import TrainConfig
from cuoshi.stages.network import UNMARKED, Dropout, TwoHeads, build_model
from cuoshi.stages.scoring import collate, encode, load_split
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
    batch = make_batch([unmarked, [UNMARKED, 1, 2, UNMARKED]])
    with_tags = network(**batch).loss
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    expected = cross_entropy(network.tag(**inputs)[1, 1:3], torch.tensor([1, 2]))
    assert (with_tags - measures).item() == pytest.approx(2 * expected.item(), rel=1e-4)
    with_tags.backward()
    assert network.tagger.weight.grad.abs().sum() > 0


def test_the_saved_classifier_is_a_plain_one_with_the_tagger_beside_it(
    network: TwoHeads, tmp_path: Path
) -> None:
    network.save(tmp_path)
    loaded = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    batch = make_batch([[0] * 4] * 2)
    logits = network(**batch).logits
    del batch["tags"]
    assert torch.equal(loaded(**batch).logits, logits)
    inputs = {name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids")}
    tags = network.tag(**inputs)
    assert tags.shape == (2, 4, len(TAGS))
    assert torch.equal(TwoHeads.load(tmp_path).eval().tag(**inputs), tags)


def test_the_pooler_begins_as_the_identity_on_standardised_states(
    tiny_base: Path, tiny_data: Path, tiny_config: TrainConfig
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    training = load_split(tiny_data, "train")
    model = build_model(tiny_base, tokenizer, training, tiny_config).classifier.eval()
    sample = collate(tokenizer, encode(tokenizer, list(training["text"])[:512], None, 32))
    output = model.bert(**sample)
    states = torch.atanh(output.pooler_output.clamp(-0.9999, 0.9999))
    assert states.mean(0).abs().max() < 0.2
    torch.testing.assert_close(states.std(0), torch.ones(32), rtol=0, atol=0.3)
    first = output.last_hidden_state[:, 0]
    for column, state in zip(first.T, states.T, strict=True):
        assert torch.corrcoef(torch.stack([column, state]))[0, 1] > 0.95


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
