"""Stage export: write models/export, the folder that other code loads.

It is whole in itself: `cuoshi.load`, `transformers.pipeline`, and onnxruntime with tokenizers
each need nothing else. What the ONNX graphs look like is `cuoshi.stages.onnx_graph`'s concern.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterator
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from datasets import Dataset
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import f1_score
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from cuoshi.calibration import Calibration
from cuoshi.engine import Engine
from cuoshi.errors import ModelError
from cuoshi.files import replace_folder, sha256, write_json, write_text
from cuoshi.keywords import predict_keywords
from cuoshi.measures import MEASURES
from cuoshi.model_folder import FILES, FORMAT, ModelFolder
from cuoshi.stages.calibrate import (
    REPORT,
    make_plain,
    read_calibration,
    read_logits,
    read_run,
)
from cuoshi.stages.config import (
    ANNOTATION,
    EXPORT,
    PROCESSED,
    REPORTS,
    SPEECHES,
    TRAINED,
    ExportConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.network import TwoHeads
from cuoshi.stages.onnx_graph import Feed, write_fp32, write_int8
from cuoshi.stages.scoring import collate, encode, gold_labels, load_split

FP32, INT8 = FILES["fp32"], FILES["int8"]
BATCH_SIZE = 32

TOLERANCE = {"fp32": 1e-4, "int8": 2e-2}
"""How far a probe's score may lie from the exported one on another machine."""

PROBES = (
    ("对返乡人员逐一登记，居家观察十四天。", ""),
    ("各村要用大喇叭把防护知识讲到每家每户。", ""),
    ("各镇要备足口罩和消毒液，督查组每日核查到位情况，落实不力的点名通报。", ""),
    ("对瞒报漏报、造成疫情扩散的，依规依纪追究责任。", ""),
    ("全市已设隔离点十二处，储备口罩三十万只。", ""),
    ("同志们：", ""),
    ("这项工作必须天天抓，一户也不能漏。", "二、人员排查 昨天起各社区开始上门登记外地返回人员。"),
    ("加快采购检测试剂，优先保障县级医院。", "三、做好物资保障 当前防护用品仍有缺口。"),
    ("We will publish the figures every evening.", ""),
    ("要压实属地责任，做到守土尽责。", "四、加强组织领导"),
)
"""Sentence and context; written for the self-test, in no data set."""


def export(
    trained: Path,
    processed: Path,
    reports: Path,
    calibration: Calibration,
    config: ExportConfig,
    output: Path,
) -> dict[str, Any]:
    """Write the folder and check every form of the model against torch on the test split.

    Returns:
        What the checks measured; see `compare`.

    Raises:
        ModelError: there is no trained model, or ONNX fp32 strays from torch.
    """
    training = load_split(processed, "train")
    test = make_plain(load_split(processed, "test"))
    gold, keywords = gold_labels(test), predict_keywords(list(test["text"]))
    run = read_run(trained)
    tokenizer = AutoTokenizer.from_pretrained(trained)
    encoded = encode(tokenizer, list(test["text"]), list(test["context"]), run["max_length"])
    torch_scores = calibration.weigh(read_logits(trained, test, BATCH_SIZE), keywords)

    with replace_folder(output) as folder:
        _write_torch(trained, run, calibration, folder)
        write_fp32(trained, folder / FP32, config.opset)
        fp32_logits, fp32_tags = run_onnx(folder / FP32, tokenizer, encoded)
        fp32_scores = calibration.weigh(fp32_logits, keywords)
        checks = {"fp32": compare(gold, torch_scores, fp32_scores, calibration)}
        checks["fp32"] |= compare_tags(tag_with_torch(trained, tokenizer, encoded), fp32_tags)
        if (
            max(checks["fp32"]["largest_difference"], checks["fp32"]["largest_tag_difference"])
            > config.fp32_difference
        ):
            raise ModelError(
                f"ONNX fp32 differs from torch by up to "
                f"{checks['fp32']['largest_difference']:.2g} in a score and "
                f"{checks['fp32']['largest_tag_difference']:.2g} in a tag, more than "
                "export.fp32_difference; another export.opset in configs/export.yaml may help"
            )
        sample = sample_inputs(tokenizer, training, run["max_length"], config.calibration_sentences)
        write_int8(trained, folder / INT8, sample, config.opset)
        int8_logits, int8_tags = run_onnx(folder / INT8, tokenizer, encoded)
        int8_scores = calibration.weigh(int8_logits, keywords)
        checks["int8"] = compare(gold, fp32_scores, int8_scores, calibration)
        checks["int8"] |= compare_tags(fp32_tags, int8_tags)
        checks["int8"]["shipped"] = checks["int8"]["equal_decisions"] >= config.int8_agreement
        if not checks["int8"]["shipped"]:
            (folder / INT8).unlink()
        exported = ModelFolder(folder, {}, calibration, run["max_length"])
        write_json(folder / "selftest.json", run_probes(exported))
        write_text(folder / "README.md", write_card(reports, checks, run, calibration))
        write_json(folder / "manifest.json", write_manifest(folder, reports))
    return checks


def sample_inputs(
    tokenizer: Any, training: Dataset, max_length: int, sentences: int
) -> Iterator[dict[str, NDArray[np.int64]]]:
    """Batches from all over the training split, every other one without its contexts."""
    step = max(1, len(training) // sentences)
    chosen = training.select(range(0, len(training), step))
    for number, first in enumerate(range(0, len(chosen), BATCH_SIZE)):
        rows = chosen[first : first + BATCH_SIZE]
        contexts = None if number % 2 else rows["context"]
        batch = collate(tokenizer, encode(tokenizer, rows["text"], contexts, max_length))
        yield {name: tensor.numpy() for name, tensor in batch.items()}


def run_onnx(
    model: Path, tokenizer: Any, encoded: list[list[int]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What an ONNX file gives on the CPU.

    Returns:
        Logits of the measures, `(len(encoded), 4)`, and probabilities of the tags, `(tokens, 5)`:
        those of the sentences' own tokens, the shortest sentence first.
    """
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    logits = np.empty((len(encoded), len(MEASURES)), dtype=np.float32)
    tags = []
    for first in range(0, len(order), BATCH_SIZE):
        rows = order[first : first + BATCH_SIZE]
        batch = collate(tokenizer, [encoded[i] for i in rows])
        inputs = {name: tensor.numpy() for name, tensor in batch.items()}
        logits[rows], tag_logits = session.run(["logits", "tags"], inputs)
        tags.append(softmax(tag_logits[_own_tokens(inputs)], axis=-1))
    return logits, np.concatenate(tags)


def tag_with_torch(trained: Path, tokenizer: Any, encoded: list[list[int]]) -> NDArray[np.float32]:
    """The probabilities of tags that `run_onnx` should give."""
    network = TwoHeads.load(trained).float().eval()
    order = sorted(range(len(encoded)), key=lambda i: len(encoded[i]))
    tags = []
    with torch.inference_mode():
        for first in range(0, len(order), BATCH_SIZE):
            batch = collate(tokenizer, [encoded[i] for i in order[first : first + BATCH_SIZE]])
            inputs = {name: tensor.numpy() for name, tensor in batch.items()}
            logits = network.tag(**batch).numpy()
            tags.append(softmax(logits[_own_tokens(inputs)], axis=-1))
    return np.concatenate(tags)


def _own_tokens(inputs: Feed) -> NDArray[np.bool_]:
    """Which tokens are the sentences' own: those that the first segment has, special ones aside."""
    inside: NDArray[np.bool_] = inputs["attention_mask"].astype(bool)
    inside &= inputs["token_type_ids"] == 0
    inside[:, 0] = False
    last = inside.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    inside[np.arange(len(inside)), last] = False
    return inside


def compare_tags(reference: NDArray[np.float32], tags: NDArray[np.float32]) -> dict[str, float]:
    """How far tags are from `reference`, both `(tokens, 5)`.

    Returns:
        The largest difference of a probability, and the share of equal tags among the tokens
        that either calls part of a body.
    """
    expected, likeliest = reference.argmax(axis=1), tags.argmax(axis=1)
    named = (expected > 0) | (likeliest > 0)
    return {
        "largest_tag_difference": float(f"{np.abs(reference - tags).max():.0e}"),
        "equal_tags": float((expected == likeliest)[named].mean()) if named.any() else 1.0,
    }


def compare(
    gold: NDArray[np.bool_],
    reference: NDArray[np.float32],
    scores: NDArray[np.float32],
    calibration: Calibration,
) -> dict[str, Any]:
    """How far `scores` are from `reference`, and what that does to decisions and to F1."""
    expected, decided = calibration.decide(reference), calibration.decide(scores)
    return {
        # One digit: further ones change with the order of additions, and int8's even then.
        "largest_difference": float(f"{np.abs(reference - scores).max():.0e}"),
        "equal_decisions": float((expected == decided).mean()),
        "decisions": int(expected.size),
        "macro_f1": float(f1_score(gold, decided, average="macro", zero_division=0.0)),
        "macro_f1_reference": float(f1_score(gold, expected, average="macro", zero_division=0.0)),
    }


def run_probes(exported: ModelFolder) -> dict[str, Any]:
    """The self-test: probe sentences with what every ONNX file in the folder says of them."""
    readings = {
        precision: list(Engine(exported, precision).read(PROBES))
        for precision, name in FILES.items()
        if (exported.path / name).is_file()
    }
    return {
        "tolerance": TOLERANCE,
        "probes": [
            {
                "text": text,
                "context": context,
                "scores": {
                    precision: [round(float(score), 6) for score in rows[i].scores]
                    for precision, rows in readings.items()
                },
                "bodies": {
                    precision: [
                        [*span, round(rows[i].tagging.probability(span.start, span.end), 6)]
                        for span in rows[i].tagging.spans()
                    ]
                    for precision, rows in readings.items()
                },
            }
            for i, (text, context) in enumerate(PROBES)
        ],
    }


def write_card(
    reports: Path, checks: dict[str, Any], run: dict[str, Any], calibration: Calibration
) -> str:
    """The model card, from its template and the reports of the stages before.

    Raises:
        ModelError: a report is missing.
    """
    try:
        read = {
            name: json.loads((reports / f"{name}.json").read_text(encoding="utf-8"))
            for name in ("base", "data", "metrics")
        }
    except FileNotFoundError as error:
        raise ModelError(f"{error.filename} is missing; run `dvc repro`") from error
    template = files("cuoshi.stages").joinpath("model_card.md.jinja").read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        **read,
        checks=checks,
        run=run,
        calibration=calibration.dump(),
        measures=MEASURES,
        version=metadata.version("cuoshi"),
    )


def write_manifest(folder: Path, reports: Path) -> dict[str, Any]:
    """Size and SHA-256 of every file, what the model was made with and from, its test figures."""
    packages = ("cuoshi", "torch", "transformers", "tokenizers", "onnx", "onnxruntime")
    data = sorted([*SPEECHES.glob("*.txt"), *ANNOTATION.glob("*.jsonl")])
    metrics = json.loads((reports / "metrics.json").read_text(encoding="utf-8"))
    return {
        "format": FORMAT,
        "files": {
            path.name: {"bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in sorted(folder.iterdir())
        },
        "versions": {
            "python": platform.python_version(),
            **{package: metadata.version(package) for package in packages},
        },
        "data": {path.as_posix(): sha256(path) for path in data},
        "code_revision": _git_revision(),
        "test": metrics["test"],
    }


def _write_torch(
    trained: Path, run: dict[str, Any], calibration: Calibration, folder: Path
) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(trained)
    # For those who read the network alone; the calibration has its own.
    model.config.thresholds = run["thresholds"]
    model.config.calibration = calibration.dump()
    model.config.window = run["max_length"]
    model.save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(trained)
    # Left in, either makes every user of tokenizer.json pad or cut unawares.
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.save_pretrained(folder)


def _git_revision() -> str | None:
    """The commit of the code, with `-dirty` where it has changes; None outside a repository."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return described.stdout.strip()


def main() -> None:
    """Run the stage with configs/export.yaml."""
    config = read_config(ExportConfig, "export")
    checks = export(TRAINED, PROCESSED, REPORTS, read_calibration(REPORT), config, EXPORT)
    write_json(REPORTS / "export.json", checks)
    print(
        f"{EXPORT}: ONNX fp32 within {checks['fp32']['largest_difference']:.1g} of torch; int8 "
        f"decides as fp32 in {checks['int8']['equal_decisions']:.2%} of "
        f"{checks['int8']['decisions']} cases, macro-F1 {checks['int8']['macro_f1']:.3f}"
    )
    if not checks["int8"]["shipped"]:
        print(
            f"{INT8} is not shipped: it equals fp32 in fewer than "
            f"{config.int8_agreement:.1%} of the decisions (export.int8_agreement)"
        )


if __name__ == "__main__":
    run_stage(main)
