"""The exported folder: what it is called, what is in it, and whether it is whole."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cuoshi.calibration import Calibration
from cuoshi.errors import ModelError
from cuoshi.files import is_folder, sha256

FORMAT = 3
"""Version of the folder's layout; any other is refused."""

FILES = {"fp32": "model.onnx", "int8": "model.int8.onnx"}
"""The ONNX file of each precision."""

DEFAULT = Path("models/export")
VARIABLE = "CUOSHI_MODEL"

_REMEDY = f"run `make train`, or name another model with --model or ${VARIABLE}"


@dataclass(frozen=True)
class ModelFolder:
    """An exported model on disk whose files are all there at their sizes.

    Attributes:
        path: the folder.
        manifest: manifest.json.
        calibration: how scores come from the network's logits, and decisions from scores.
        max_length: tokens that the model reads at once.
    """

    path: Path
    manifest: dict[str, Any]
    calibration: Calibration
    max_length: int

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions that the folder holds."""
        return tuple(p for p, name in FILES.items() if name in self.manifest["files"])


def find_model() -> Path:
    """`$CUOSHI_MODEL`, or models/export in this folder or the nearest one above that has it."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    here = Path.cwd()
    return next((p / DEFAULT for p in (here, *here.parents) if (p / DEFAULT).is_dir()), DEFAULT)


def open_model_folder(path: Path) -> ModelFolder:
    """Read the manifest and compare the files' sizes with it.

    Raises:
        ModelError: there is no exported model, it is of another version, or a file of it is
            missing or of another size.
    """
    if not is_folder(path):
        raise ModelError(f"there is no model at {path}: {_REMEDY}")
    manifest = _read_json(path / "manifest.json")
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"{path} is of format {manifest.get('format')}, this cuoshi reads {FORMAT}: "
            "export the model again or install the cuoshi it was made with"
        )
    for name, entry in manifest["files"].items():
        file = path / name
        if not file.is_file():
            raise ModelError(f"{file} is missing: {_REMEDY}")
        if file.stat().st_size != entry["bytes"]:
            raise ModelError(
                f"{file} has {file.stat().st_size} bytes, not {entry['bytes']}: "
                f"it was changed or cut short; {_REMEDY}"
            )
    config = _read_json(path / "config.json")
    return ModelFolder(
        path=path,
        manifest=manifest,
        calibration=Calibration.parse(config["calibration"]),
        max_length=int(config["window"]),
    )


def check_hashes(folder: ModelFolder) -> None:
    """Compare every file's SHA-256 with the manifest.

    Raises:
        ModelError: a file was changed.
    """
    for name, entry in folder.manifest["files"].items():
        if sha256(folder.path / name) != entry["sha256"]:
            raise ModelError(
                f"{folder.path / name} is not the file that was exported (SHA-256 differs): "
                f"{_REMEDY}"
            )


def read_probes(folder: ModelFolder) -> dict[str, Any]:
    """selftest.json: probe sentences with the scores and bodies that the export stage found.

    Raises:
        ModelError: it cannot be read.
    """
    return _read_json(folder.path / "selftest.json")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing, so this is no exported model: {_REMEDY}") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}): {_REMEDY}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} is not a JSON object: {_REMEDY}")
    return content
