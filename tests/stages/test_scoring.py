from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, BertForSequenceClassification

from cuoshi.measures import MEASURES
from cuoshi.stages.scoring import collate, encode, predict_logits


def test_a_long_pair_loses_the_beginning_of_its_context_first(tiny_base: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    sentence, context = "督查追究" * 2, "口罩储备居家观察"
    (whole,) = encode(tokenizer, [sentence], [context], 64)
    assert len(whole) == 8 + 8 + 3
    (shorter,) = encode(tokenizer, [sentence], [context], 14)
    assert (
        tokenizer.decode(shorter, skip_special_tokens=True).replace(" ", "") == sentence + "家观察"
    )
    (full,) = encode(tokenizer, [sentence], [context], 11)
    (alone,) = encode(tokenizer, [sentence], None, 64)
    assert full == alone
    assert encode(tokenizer, [sentence], [""], 64) == [alone]


def test_segments_follow_the_separator(tiny_base: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    batch = collate(tokenizer, encode(tokenizer, ["督查", "口罩储备"], ["一二", ""], 64))
    assert batch["token_type_ids"].tolist() == [[0, 0, 0, 0, 1, 1, 1], [0] * 6 + [0]]
    assert batch["attention_mask"].sum(1).tolist() == [7, 6]


def test_scores_come_in_the_order_of_the_texts(tiny_base: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    torch.manual_seed(0)
    model = BertForSequenceClassification.from_pretrained(tiny_base, num_labels=len(MEASURES))
    texts = ["督查追究，口罩储备。", "督查", "口罩储备居家观察广播喇叭", "一"]
    together = predict_logits(model, tokenizer, texts, None, max_length=32, batch_size=3)
    alone = [
        predict_logits(model, tokenizer, [text], None, max_length=32, batch_size=1)[0]
        for text in texts
    ]
    np.testing.assert_allclose(together, alone, atol=1e-5)
