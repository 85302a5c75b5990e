"""Stage evaluate_tasks: how well responsible bodies and deadlines are found.

The sentences are those of data/annotation/tasks.jsonl, read in their context, and, for bodies
alone, those of authored-bodies.jsonl, read without (their codebook is TASKS.md beside them). Rules
and model have learnt from the development sentences; the held-out ones alone say how good they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cuoshi.engine import Engine
from cuoshi.errors import DataError
from cuoshi.files import write_json
from cuoshi.model_folder import open_model_folder
from cuoshi.stages.config import ANNOTATION, EXPORT, REPORTS, SPEECHES, run_stage
from cuoshi.stages.preprocess import read_speeches
from cuoshi.tagging import Tagging
from cuoshi.tasks.bodies import find_bodies
from cuoshi.tasks.deadlines import find_deadlines
from cuoshi.text.document import outline

SENTENCES = {"": "tasks.jsonl", "authored ": "authored-bodies.jsonl"}
"""What the sets of each file are called."""
SETS = ("development", "validation", "held-out")

Place = tuple[int, int, str]
"""Where a span stands in its sentence, and its role or kind."""

Figures = dict[str, dict[str, dict[str, float]]]
"""What `score` gives, by set and then by "bodies" or "deadlines"."""


def read_sentences(path: Path) -> list[dict[str, Any]]:
    """The annotated sentences of a file, a dictionary each, as they stand there.

    Raises:
        DataError: the file is missing.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing; restore it from git") from error


def score(pairs: Sequence[tuple[Sequence[Place], Sequence[Place]]]) -> dict[str, float]:
    """Compare what was annotated with what was found, over sentences `(annotated, found)`.

    Returns:
        precision, recall and f1 of spans with the very same start and end; overlap_f1, where
        sharing a character is enough; class_accuracy, the share of the same spans that have the
        annotated role or kind; support, how many were annotated.
    """
    annotated = sum(len(wanted) for wanted, _ in pairs)
    returned = sum(len(found) for _, found in pairs)
    same = alike = touched = touching = 0
    for wanted, found in pairs:
        classes = {(start, end): kind for start, end, kind in wanted}
        hits = [(start, end, kind) for start, end, kind in found if (start, end) in classes]
        same += len(hits)
        alike += sum(classes[start, end] == kind for start, end, kind in hits)
        touched += sum(any(_overlap(w, f) for f in found) for w in wanted)
        touching += sum(any(_overlap(w, f) for w in wanted) for f in found)
    return {
        "precision": _ratio(same, returned),
        "recall": _ratio(same, annotated),
        "f1": _f1(_ratio(same, returned), _ratio(same, annotated)),
        "overlap_f1": _f1(_ratio(touching, returned), _ratio(touched, annotated)),
        "class_accuracy": _ratio(alike, same),
        "support": annotated,
    }


def evaluate(sentences: Sequence[dict[str, Any]], taggings: Sequence[Tagging | None]) -> Figures:
    """The figures of every set that `sentences` hold, for the spans that are marked in them.

    Args:
        sentences: as `read_sentences` gives them.
        taggings: what the model says of each; None for the rules alone.
    """
    pairs: dict[tuple[str, str], list[tuple[list[Place], list[Place]]]] = {}
    for sentence, tagging in zip(sentences, taggings, strict=True):
        text = sentence["text"]
        found: dict[str, list[Place]] = {
            "bodies": [(b.start, b.end, b.role) for b in find_bodies(text, tagging)]
        }
        if "deadlines" in sentence:
            found["deadlines"] = [(d.start, d.end, d.kind) for d in find_deadlines(text)]
        for spans, places in found.items():
            marked = _places(sentence[spans], "role" if spans == "bodies" else "kind")
            pairs.setdefault((sentence["set"], spans), []).append((marked, places))
    figures: Figures = {}
    for name in SETS:
        for (of, spans), rows in pairs.items():
            if of == name:
                figures.setdefault(name, {})[spans] = score(rows)
    return figures


def evaluate_tasks(speeches: Path, annotation: Path, exported: Path) -> dict[str, Figures]:
    """The figures of every set of every file, by rules and model together and by rules alone.

    Raises:
        DataError: a file is missing.
        ModelError: there is no exported model.
    """
    folder = open_model_folder(exported)
    engine = Engine(folder, "int8" if "int8" in folder.precisions else "fp32")
    contexts = {
        (document, sentence.start): sentence.context
        for document, text in read_speeches(speeches).items()
        for sentence in outline(text)
    }
    figures: dict[str, Figures] = {"rules_and_model": {}, "rules": {}}
    for prefix, file in SENTENCES.items():
        sentences = read_sentences(annotation / file)
        readings = engine.read(
            (row["text"], contexts.get((row.get("document", ""), row.get("start", 0)), ""))
            for row in sentences
        )
        taggings: dict[str, list[Tagging | None]] = {
            "rules_and_model": [reading.tagging for reading in readings],
            "rules": [None] * len(sentences),
        }
        for way, given in taggings.items():
            for name, values in evaluate(sentences, given).items():
                figures[way][prefix + name] = values
    return figures


def _places(spans: list[dict[str, Any]], kind: str) -> list[Place]:
    return [(span["start"], span["end"], span[kind]) for span in spans]


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    total = precision + recall
    return round(2 * precision * recall / total, 4) if total else 0.0


def main() -> None:
    """Run the stage; it has no settings."""
    figures = evaluate_tasks(SPEECHES, ANNOTATION, EXPORT)
    write_json(REPORTS / "tasks.json", figures)
    for name, values in figures["rules_and_model"].items():
        if name.endswith("held-out"):
            for spans, row in values.items():
                alone = figures["rules"][name][spans]["f1"]
                print(
                    f"{name} {spans}: precision {row['precision']:.3f} recall {row['recall']:.3f} "
                    f"F1 {row['f1']:.3f} ({alone:.3f} by rules alone), {row['support']} spans"
                )


if __name__ == "__main__":
    run_stage(main)
