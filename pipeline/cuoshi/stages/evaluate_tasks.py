"""Stage tasks: how well responsible bodies and deadlines are found, on the annotated sentences.

The sentences are those of data/annotation/tasks.jsonl and, for bodies alone, of
authored-bodies.jsonl (their codebook is TASKS.md beside them). Rules and model have learnt from
the development sentences; the held-out ones alone say how good they are. A sentence is read
without its context.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cuoshi.engine import Engine
from cuoshi.files import write_json
from cuoshi.model_folder import open_model_folder
from cuoshi.stages.config import ANNOTATION, EXPORT, REPORTS, run_stage
from cuoshi.tags import Tagging
from cuoshi.tasks.bodies import find_bodies
from cuoshi.tasks.deadlines import find_deadlines

FILES = {"": "tasks.jsonl", "authored ": "authored-bodies.jsonl"}
"""What the sets of each file are called."""
SETS = ("development", "validation", "held-out")

Place = tuple[int, int, str]
"""Where a span stands in its sentence, and its role or kind."""

Figures = dict[str, dict[str, dict[str, float]]]
"""What `score` gives, by set and then by "bodies" or "deadlines"."""


def read_sentences(path: Path) -> list[dict[str, Any]]:
    """The annotated sentences of a file, a dictionary each, as they stand there."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


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
    figures: Figures = {}
    for name in SETS:
        bodies: list[tuple[list[Place], list[Place]]] = []
        deadlines: list[tuple[list[Place], list[Place]]] = []
        for sentence, tagging in zip(sentences, taggings, strict=True):
            if sentence["set"] != name:
                continue
            text = sentence["text"]
            named: list[Place] = [(b.start, b.end, b.role) for b in find_bodies(text, tagging)]
            bodies.append((_places(sentence["bodies"], "role"), named))
            if "deadlines" in sentence:
                times: list[Place] = [(d.start, d.end, d.kind) for d in find_deadlines(text)]
                deadlines.append((_places(sentence["deadlines"], "kind"), times))
        if bodies:
            figures[name] = {"bodies": score(bodies)}
        if deadlines:
            figures[name]["deadlines"] = score(deadlines)
    return figures


def evaluate_rules(annotation: Path) -> Figures:
    """The figures of every set of every file, by rules alone."""
    figures: Figures = {}
    for prefix, file in FILES.items():
        sentences = read_sentences(annotation / file)
        own = evaluate(sentences, [None] * len(sentences))
        figures |= {prefix + name: values for name, values in own.items()}
    return figures


def evaluate_model(annotation: Path, exported: Path) -> Figures:
    """The figures of every set of every file, by rules and model together.

    Raises:
        ModelError: there is no exported model.
    """
    folder = open_model_folder(exported)
    engine = Engine(folder, "int8" if "int8" in folder.precisions else "fp32")
    figures: Figures = {}
    for prefix, file in FILES.items():
        sentences = read_sentences(annotation / file)
        readings = engine.read((sentence["text"], "") for sentence in sentences)
        own = evaluate(sentences, [reading.tagging for reading in readings])
        figures |= {prefix + name: values for name, values in own.items()}
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
    figures = evaluate_model(ANNOTATION, EXPORT)
    rules = evaluate_rules(ANNOTATION)
    write_json(REPORTS / "tasks.json", {"rules_and_model": figures, "rules": rules})
    for name, values in figures.items():
        if name.endswith("held-out"):
            for spans, row in values.items():
                print(
                    f"{name} {spans}: precision {row['precision']:.3f} recall {row['recall']:.3f} "
                    f"F1 {row['f1']:.3f} ({rules[name][spans]['f1']:.3f} by rules alone), "
                    f"{row['support']} spans"
                )


if __name__ == "__main__":
    run_stage(main)
