"""A tiny encoder and a tiny data set, on which the stages run in seconds."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from cuoshi.files import replace_folder
from cuoshi.measures import MEASURES
from cuoshi.stages.config import TrainConfig
from cuoshi.stages.preprocess import Example, build_dataset

# Two threads on matrices this small wait for each other, all the more on a busy machine.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)

WORDS = {"隔离": "居家观察", "宣传": "广播喇叭", "物资": "口罩储备", "问责": "督查追究"}
FILLERS = ("各镇要", "全市都要", "会后立即", "请大家", "务必")


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random two-layer BERT that reads single characters, in Hugging Face format."""
    folder = tmp_path_factory.mktemp("base")
    characters = sorted(
        {c for word in (*WORDS.values(), *FILLERS) for c in word} | set("，。一二、")
    )
    vocabulary = {
        piece: i for i, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *characters])
    }
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.2,
        pad_token_id=1,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def make_examples(split: str, number: int) -> list[Example]:
    """Sentences whose words give their measures away."""
    examples = []
    for i in range(number):
        chosen = [m for j, m in enumerate(MEASURES) if (i + j) % 3 == 0 and i % 5]
        text = FILLERS[i % len(FILLERS)] + "，".join(WORDS[m] for m in chosen) + "。"
        examples.append(
            Example(
                id=f"{split}:{i}",
                document=f"{split}.txt",
                speech=f"{split}.txt#1",
                start=i * 30,
                end=i * 30 + len(text),
                text=text,
                context="一、全市都要" if i % 2 else "",
                labels=chosen,
                source="speech",
            )
        )
    return examples


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set on disk as the stage preprocess writes it."""
    path = tmp_path_factory.mktemp("data") / "processed"
    splits = {"train": make_examples("train", 256)}
    splits |= {name: make_examples(name, 24) for name in ("validation", "test")}
    with replace_folder(path) as folder:
        build_dataset(splits).save_to_disk(str(folder))
    return path


@pytest.fixture
def tiny_settings() -> dict[str, Any]:
    """Settings under which the tiny encoder learns the tiny data set."""
    return {
        "seed": 1,
        "epochs": 6.0,
        "max_steps": None,
        "batch_size": 8,
        "learning_rate": 0.003,
        "head_factor": 1.0,
        "warmup": 0.1,
        "weight_decay": 0.0,
        "max_length": 32,
        "context_dropout": 0.5,
        "evaluations": 4,
        "precision": "fp32",
        "loss_ceiling": 0.95,
    }


@pytest.fixture
def tiny_config(tiny_settings: dict[str, Any]) -> TrainConfig:
    return TrainConfig(**tiny_settings)
