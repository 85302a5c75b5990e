"""The stages' settings: one validated model per file in configs/, and where things lie.

Each file holds one key, the stage's name, so that DVC can track and override its values
(`dvc exp run -S configs/train.yaml:train.epochs=1`).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cuoshi.errors import ConfigError, CuoshiError

CONFIGS = Path("configs")
SPEECHES = Path("data/speeches")
ANNOTATION = Path("data/annotation")
PROCESSED = Path("data/processed")
BASE = Path("models/base")
TRAINED = Path("models/trained")
EXPORT = Path("models/export")
REPORTS = Path("reports")
TAGGER_FILE = "tagger.safetensors"
"""In models/trained: weight `(len(TAGS), width)` and bias of the head for bodies."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(gt=0)]
SpeechName = Annotated[str, Field(pattern=r"^.+#\d+$")]


class StageConfig(BaseModel):
    """Settings of one stage; unknown keys and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class BaseConfig(StageConfig):
    """configs/base.yaml: which encoder the classifier starts from."""

    source: Annotated[str, Field(min_length=1)]
    layers: Positive | None
    unknown_share: Share


class PreprocessConfig(StageConfig):
    """configs/preprocess.yaml: how the data is joined, cleared of duplicates and split."""

    found_share: Share
    context_characters: Positive
    duplicate_speeches: Share
    duplicate_sentences: Share
    authored: list[
        Literal[
            "authored.jsonl",
            "authored-speeches.jsonl",
            "authored-speeches-2.jsonl",
            "authored-speeches-3.jsonl",
            "authored-speeches-4.jsonl",
            "authored-documents.jsonl",
        ]
    ]
    bodies: list[Literal["authored-bodies.jsonl", "speech-bodies.jsonl", "tasks.jsonl"]]
    test: Annotated[list[SpeechName], Field(min_length=1)]
    validation: Annotated[list[SpeechName], Field(min_length=1)]


class TrainConfig(StageConfig):
    """configs/train.yaml: the fine-tuning run."""

    seed: Annotated[int, Field(ge=0)]
    epochs: Annotated[float, Field(gt=0)]
    max_steps: Positive | None
    batch_size: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    head_factor: Annotated[float, Field(gt=0)]
    warmup: Share
    weight_decay: Annotated[float, Field(ge=0)]
    max_length: Annotated[int, Field(ge=16, le=512)]
    context_dropout: Share
    borrowed_context: Share
    evaluations: Positive
    precision: Literal["auto", "bf16", "fp32"]
    tag_weight: Annotated[float, Field(ge=0)]
    loss_ceiling: Annotated[float, Field(gt=0)] | None


class CalibrateConfig(StageConfig):
    """configs/calibrate.yaml: how the network and the codebook's words are weighed."""

    penalty: Annotated[float, Field(gt=0)]
    batch_size: Positive


class EvaluateConfig(StageConfig):
    """configs/evaluate.yaml: intervals, bins and baselines of the test report."""

    seed: Annotated[int, Field(ge=0)]
    resamples: Positive
    calibration_bins: Positive
    batch_size: Positive
    ngrams: Annotated[list[Positive], Field(min_length=2, max_length=2)]
    svm_penalty: Annotated[float, Field(gt=0)]


class ExportConfig(StageConfig):
    """configs/export.yaml: the ONNX files and the parity they must reach."""

    opset: Annotated[int, Field(ge=20)]
    fp32_difference: Annotated[float, Field(gt=0)]
    int8_agreement: Share
    calibration_sentences: Positive


class CrossvalConfig(StageConfig):
    """configs/crossval.yaml: which speeches are held out together, and how often."""

    seeds: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]
    resamples: Positive
    calibration_bins: Positive
    batch_size: Positive
    folds: Annotated[list[Annotated[list[SpeechName], Field(min_length=1)]], Field(min_length=2)]


Config = TypeVar("Config", bound=StageConfig)


def read_config(model: type[Config], stage: str, folder: Path = CONFIGS) -> Config:
    """Read and validate `folder/<stage>.yaml`.

    Raises:
        ConfigError: the file is missing or not YAML, or a key is unknown, missing or mistyped.
    """
    path = folder / f"{stage}.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; restore it from git") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(
            f"{path}{line}: not valid YAML ({getattr(error, 'problem', error)}); mend that line"
        ) from error
    if not isinstance(content, dict) or list(content) != [stage]:
        raise ConfigError(f"{path}: the one key at the top must be `{stage}:`; put it there")
    try:
        return model.model_validate(content[stage])
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in (stage, *problem["loc"]))
        remedy = (
            f"remove it; known keys are {', '.join(model.model_fields)}"
            if problem["type"] == "extra_forbidden"
            else "correct its value"
        )
        raise ConfigError(f"{path}: {key}: {problem['msg']}; {remedy}") from error


def run_stage(main: Callable[[], None]) -> None:
    """Run a stage's `main`; a `CuoshiError` becomes one line on stderr and exit status 1.

    So does a full disk, which the libraries that write models report each in their own way.
    """
    _quiet_libraries()
    try:
        main()
    except CuoshiError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if os.strerror(errno.ENOSPC) not in str(error):
            raise
        print(f"error: the disk is full ({error}); free space, then run again", file=sys.stderr)
        sys.exit(1)


def _quiet_libraries() -> None:
    """What the stages print is enough; the libraries' bars and hints come between the lines."""
    if "transformers" in sys.modules:
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
    if "datasets" in sys.modules:
        from datasets import disable_progress_bars

        disable_progress_bars()
