"""The network that is trained: an encoder, a head for measures and one for bodies.

What the export writes and what transformers loads is the encoder with the head for measures, a
plain `BertForSequenceClassification`; the head for bodies lies in a file of its own beside it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from transformers import BertForSequenceClassification
from transformers.modeling_outputs import SequenceClassifierOutput

from cuoshi.measures import MEASURES
from cuoshi.stages.config import TAGGER_FILE, TrainConfig
from cuoshi.stages.scoring import collate, encode
from cuoshi.tags import TAGS

UNMARKED = -100
"""The tag of a token that nobody has annotated, as `cross_entropy` expects it."""


class TwoHeads(torch.nn.Module):
    """A classifier of sentences that tags the tokens of bodies as well.

    The tags are read off the layer before the last: the export computes the last one for the
    first token alone, and tags cost next to nothing that way.

    Args:
        classifier: encoder and head for measures.
        tag_weight: what the loss of the tags counts beside that of the measures.
    """

    def __init__(self, classifier: BertForSequenceClassification, tag_weight: float) -> None:
        super().__init__()
        self.classifier = classifier
        self.tagger = torch.nn.Linear(classifier.config.hidden_size, len(TAGS))
        self.tag_weight = tag_weight

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor,
        labels: torch.Tensor | None = None,
        tags: torch.Tensor | None = None,
    ) -> SequenceClassifierOutput:
        """Logits of the measures `(n, 4)`, and the loss of both heads where there are labels.

        Args:
            input_ids, attention_mask, token_type_ids: `(n, length)`.
            labels: 0.0 or 1.0, `(n, 4)`.
            tags: indices into `TAGS`, `(n, length)`, `UNMARKED` where there is nothing to learn;
                only together with labels. Their loss is a mean over the batch's marked tokens.
        """
        output = self.classifier(
            input_ids=input_ids,
            attention_mask=attention_mask,
            token_type_ids=token_type_ids,
            labels=labels,
            output_hidden_states=True,
        )
        loss = output.loss
        if tags is not None and (tags != UNMARKED).any():
            logits = self.tagger(output.hidden_states[-2])
            tag_loss = cross_entropy(
                logits.float().flatten(0, 1), tags.flatten(), ignore_index=UNMARKED
            )
            loss = loss + self.tag_weight * tag_loss
        return SequenceClassifierOutput(loss=loss, logits=output.logits)

    def tag(self, **inputs: torch.Tensor) -> torch.Tensor:
        """Logits of the tags, `(n, length, len(TAGS))`, for `input_ids` and the like."""
        states = self.classifier.bert(**inputs, output_hidden_states=True).hidden_states
        logits: torch.Tensor = self.tagger(states[-2])
        return logits

    @classmethod
    def load(cls, folder: Path) -> TwoHeads:
        """What `save` has written, to be used and not trained."""
        network = cls(BertForSequenceClassification.from_pretrained(folder), tag_weight=0.0)
        network.tagger.load_state_dict(load_file(folder / TAGGER_FILE))
        return network

    def save(self, folder: Path) -> None:
        """Write config.json, model.safetensors and `TAGGER_FILE`."""
        self.classifier.save_pretrained(folder)
        save_file(self.tagger.state_dict(), folder / TAGGER_FILE)


def build_model(base: Path, tokenizer: Any, training: Dataset, config: TrainConfig) -> TwoHeads:
    """The encoder with its two heads, ready to learn.

    The pooler is not drawn at random: an encoder trained with mean pooling gives first-token
    states that hardly differ between sentences (standard deviation 0.04 beside a mean of 0.17),
    which a random pooler shrinks further, and training starts slowly or never. It begins as the
    identity on states standardised over a sample of the training sentences.
    """
    model = BertForSequenceClassification.from_pretrained(
        base,
        num_labels=len(MEASURES),
        problem_type="multi_label_classification",
        id2label=dict(enumerate(MEASURES)),
        label2id={measure: i for i, measure in enumerate(MEASURES)},
        # Dropout inside attention doubles what dropout costs and is not missed.
        attention_probs_dropout_prob=0.0,
        attn_implementation="sdpa" if torch.cuda.is_available() else "eager",
    )
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, torch.nn.Dropout) and child.p:
                setattr(module, name, Dropout(child.p))
    generator = np.random.default_rng(config.seed)
    rows = generator.permutation(len(training))[:512]
    encoded = encode(tokenizer, list(training.select(rows)["text"]), None, config.max_length)
    states = []
    model.eval()
    with torch.no_grad():
        for first in range(0, len(encoded), config.batch_size):
            batch = collate(tokenizer, encoded[first : first + config.batch_size])
            states.append(model.bert(**batch).last_hidden_state[:, 0])
        first_tokens = torch.cat(states)
        scale = 1 / first_tokens.std(0).clamp_min(1e-3)
        model.bert.pooler.dense.weight.copy_(torch.diag(scale))
        model.bert.pooler.dense.bias.copy_(-first_tokens.mean(0) * scale)
    return TwoHeads(model, config.tag_weight)


class Dropout(torch.nn.Module):
    """Dropout from random bytes: a step takes 100 ms less than with torch's on two cores.

    On CPUs torch draws the mask number by number, a quarter of a step. The share that is
    dropped is rounded to 1/256.

    Args:
        p: share of the elements that become 0 in training; the others are scaled up.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.kept = round(256 * (1 - p))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`x` with some elements 0 in training, `x` itself otherwise."""
        if not self.training:
            return x
        words = torch.empty(-(-x.numel() // 8), dtype=torch.int64, device=x.device)
        drawn = words.random_(-(2**63), None).view(torch.uint8)[: x.numel()]
        return x * (drawn.view(x.shape) < self.kept) * (256 / self.kept)


def cool_head(model: BertForSequenceClassification, temperature: float) -> None:
    """Divide the logits by `temperature`, inside the head's weights."""
    with torch.no_grad():
        model.classifier.weight /= temperature
        model.classifier.bias /= temperature
