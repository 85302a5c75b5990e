"""Check an exported model on this machine: its files, and what it says of the probe sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cuoshi.engine import Engine
from cuoshi.errors import ModelError
from cuoshi.model_folder import FILES, check_hashes, open_model_folder, read_probes
from cuoshi.tagging import Tagging


def run_selftest(path: Path, threads: int | None = None) -> Iterator[str]:
    """Yield a line for each thing that was checked and found well.

    Raises:
        ModelError: a file was changed, or this machine scores the probes otherwise than the
            one that exported the model: by more than the tolerance, or with other decisions
            or bodies.
    """
    folder = open_model_folder(path)
    check_hashes(folder)
    yield f"files: all {len(folder.manifest['files'])} as exported"
    selftest = read_probes(folder)
    probes = selftest["probes"]
    for precision in folder.precisions:
        engine = Engine(folder, precision, threads)
        readings = list(engine.read((probe["text"], probe["context"]) for probe in probes))
        scores = np.array([reading.scores for reading in readings])
        expected = np.array([probe["scores"][precision] for probe in probes], dtype=np.float32)
        difference = float(np.abs(scores - expected).max())
        decide = folder.calibration.decide
        tolerance = selftest["tolerance"][precision]
        if difference > tolerance:
            raise ModelError(
                f"{path / FILES[precision]} scores a probe {difference:.3g} off, more than "
                f"{tolerance:.3g}: upgrade onnxruntime, or use another precision"
            )
        if (decide(scores) != decide(expected)).any():
            raise ModelError(
                f"{path / FILES[precision]} decides a probe otherwise on this machine: "
                "upgrade onnxruntime, or use another precision"
            )
        for probe, reading in zip(probes, readings, strict=True):
            if _differ(probe["bodies"][precision], reading.tagging, tolerance):
                raise ModelError(
                    f"{path / FILES[precision]} finds other bodies in a probe on this machine: "
                    "upgrade onnxruntime, or use another precision"
                )
        yield (
            f"{precision}: {len(probes)} probes within {difference:.1g} (tolerance {tolerance:g}), "
            "decisions and bodies equal"
        )


def _differ(expected: list[list[Any]], tagging: Tagging, tolerance: float) -> bool:
    """Whether one side has a body that the other lacks, and that is no near-tie."""
    here = {tuple(span): tagging.probability(span.start, span.end) for span in tagging.spans()}
    there = {(start, end, role): probability for start, end, role, probability in expected}
    return any((here | there)[span] >= 0.5 + tolerance for span in here.keys() ^ there.keys())
