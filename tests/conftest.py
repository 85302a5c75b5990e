"""What several tests stand on: the project's own files, and a tiny model on tiny data."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from cuoshi.calibration import Calibration
from cuoshi.files import replace_folder, write_json
from cuoshi.measures import MEASURES
from cuoshi.stages.calibrate import calibrate
from cuoshi.stages.config import CalibrateConfig, EvaluateConfig, ExportConfig, TrainConfig
from cuoshi.stages.evaluate import evaluate
from cuoshi.stages.export import export
from cuoshi.stages.preprocess import SPLITS, Example, build_dataset, count
from cuoshi.stages.train import train

PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def speeches() -> dict[str, str]:
    """The five documents by file name, as they are on disk."""
    folder = PROJECT / "data" / "speeches"
    return {path.name: path.read_bytes().decode("utf-8") for path in sorted(folder.glob("*.txt"))}


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
    """Sentences whose words give their measures away, in all combinations."""
    examples = []
    for i in range(number):
        chosen = [m for j, m in enumerate(MEASURES) if i * 7 >> j & 1]
        text = FILLERS[i // 16 % len(FILLERS)] + "，".join(WORDS[m] for m in chosen) + "。"
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
                bodies=[{"start": 0, "end": 2, "role": "lead"}] if text.startswith("各镇") else [],
            )
        )
    return examples


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set on disk as the stage preprocess writes it."""
    path = tmp_path_factory.mktemp("data") / "processed"
    splits = {name: make_examples(name, 768 if name == "train" else 24) for name in SPLITS}
    with replace_folder(path) as folder:
        build_dataset(splits).save_to_disk(str(folder))
    return path


@pytest.fixture(scope="session")
def tiny_settings() -> dict[str, Any]:
    """Settings under which the tiny encoder learns the tiny data set."""
    return {
        "seed": 1,
        "epochs": 12.0,
        "max_steps": None,
        "batch_size": 8,
        "learning_rate": 0.003,
        "head_factor": 1.0,
        "warmup": 0.1,
        "weight_decay": 0.0,
        "max_length": 32,
        "context_dropout": 0.5,
        "borrowed_context": 0.5,
        "evaluations": 4,
        "precision": "fp32",
        "tag_weight": 1.0,
        "loss_ceiling": 2.0,
    }


@pytest.fixture(scope="session")
def tiny_config(tiny_settings: dict[str, Any]) -> TrainConfig:
    return TrainConfig(**tiny_settings)


@pytest.fixture(scope="session")
def tiny_trained(
    tiny_base: Path,
    tiny_data: Path,
    tiny_config: TrainConfig,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A model of the tiny data set, as the stage train writes it."""
    folder = tmp_path_factory.mktemp("training")
    trained = folder / "trained"
    train(tiny_base, tiny_data, tiny_config, trained, folder / "checkpoints", folder / "curves")
    return trained


@pytest.fixture(scope="session")
def tiny_export(
    tiny_trained: Path, tiny_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same, exported as the pipeline exports it."""
    folder = tmp_path_factory.mktemp("models")
    reports, exported = folder / "reports", folder / "export"
    settings = EvaluateConfig(
        seed=1, resamples=20, calibration_bins=10, batch_size=8, ngrams=[1, 2], svm_penalty=1.0
    )
    weights = calibrate(tiny_trained, tiny_data, CalibrateConfig(penalty=1.0, batch_size=8))
    calibration = Calibration.parse(weights)
    metrics, _, _ = evaluate(tiny_trained, tiny_data, calibration, settings)
    write_json(reports / "metrics.json", metrics)
    splits = {name: count(make_examples(name, 24)) for name in SPLITS}
    write_json(reports / "data.json", {"splits": splits})
    write_json(reports / "base.json", {"layers": 2, "parameters": 1, "source": "tiny"})
    forms = ExportConfig(
        opset=20, fp32_difference=1e-4, int8_agreement=0.5, calibration_sentences=64
    )
    export(tiny_trained, tiny_data, reports, calibration, forms, exported)
    return exported
