"""Stage evaluate_trial: try the exported model on documents of many kinds.

data/annotation/trial-documents.jsonl holds speeches, notices, minutes, circulars and a report on
many subjects. They were written for this trial, not taken from life, so that its figures say how
far the model carries beyond the speeches and stand beside those of real ones, never for them.
Nothing is trained on them and no threshold comes from them, but settings were compared on them
(docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from cuoshi.engine import Engine
from cuoshi.files import write_json
from cuoshi.measures import MEASURES
from cuoshi.model_folder import open_model_folder
from cuoshi.stages.annotation import AuthoredSpeechUnit, MarkedBody, read_annotation
from cuoshi.stages.config import ANNOTATION, EXPORT, REPORTS, run_stage
from cuoshi.stages.evaluate_tasks import Place, score
from cuoshi.stages.metrics import measure_decisions
from cuoshi.stages.preprocess import authored_examples
from cuoshi.tasks.bodies import find_bodies
from cuoshi.tasks.task import Body
from cuoshi.text.document import CONTEXT_CHARACTERS

TRIAL_FILE = "trial-documents.jsonl"


class TrialUnit(AuthoredSpeechUnit):
    """A sentence of a trial document; bodies are marked where it directs a measure."""

    bodies: list[MarkedBody]


def evaluate_trial(path: Path, exported: Path) -> dict[str, Any]:
    """What the exported model finds in the documents of `path`.

    Returns:
        documents and sentences: how many there are; measures and without_context: as
        `measure_decisions` gives them; micro_f1_by_document; bodies: as `score` gives them, over
        the sentences that direct a measure.

    Raises:
        DataError: the file is missing or a line is malformed.
        ModelError: there is no exported model.
    """
    lines = read_annotation(path, TrialUnit)
    units = [line.unit for line in lines]
    examples = authored_examples(lines, CONTEXT_CHARACTERS)
    folder = open_model_folder(exported)
    engine = Engine(folder, "int8" if "int8" in folder.precisions else "fp32")
    readings = list(engine.read((row["text"], row["context"]) for row in examples))
    gold = np.array([[measure in unit.labels for measure in MEASURES] for unit in units])
    decide = folder.calibration.decide
    found = decide(np.array([reading.scores for reading in readings]))
    bare = decide(np.array(list(engine.score((unit.text, "") for unit in units))))
    documents = np.array([unit.speech for unit in units])
    bodies = [
        (_places(unit.bodies), _places(find_bodies(unit.text, reading.tagging)))
        for unit, reading in zip(units, readings, strict=True)
        if unit.labels
    ]
    return {
        "documents": len(set(documents)),
        "sentences": len(units),
        "measures": measure_decisions(gold, found),
        "without_context": measure_decisions(gold, bare),
        "micro_f1_by_document": {
            name: measure_decisions(gold[documents == name], found[documents == name])["micro_f1"]
            for name in dict.fromkeys(documents.tolist())
        },
        "bodies": score(bodies),
    }


def _places(bodies: Iterable[MarkedBody | Body]) -> list[Place]:
    return [(body.start, body.end, body.role) for body in bodies]


def main() -> None:
    """Run the stage; it has no settings."""
    report = evaluate_trial(ANNOTATION / TRIAL_FILE, EXPORT)
    write_json(REPORTS / "trial.json", report)
    measures, bodies = report["measures"], report["bodies"]
    print(
        f"{report['documents']} trial documents: macro-F1 {measures['macro_f1']:.3f}, micro-F1 "
        f"{measures['micro_f1']:.3f}, exact match {measures['exact_match']:.3f} of "
        f"{report['sentences']} sentences; bodies F1 {bodies['f1']:.3f}, {bodies['support']} spans"
    )


if __name__ == "__main__":
    run_stage(main)
