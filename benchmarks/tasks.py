"""How well responsible bodies and deadlines are found, on the annotated sentences.

    python benchmarks/tasks.py

Reads data/annotation/tasks.jsonl and, for bodies alone, authored-bodies.jsonl (their codebook is
TASKS.md beside them), prints the figures of each set and writes them to reports/tasks.json. The
rules were written with the development sentences in view; the held-out ones alone say how good
they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cuoshi.files import write_json
from cuoshi.tasks.bodies import find_bodies
from cuoshi.tasks.deadlines import find_deadlines

PROJECT = Path(__file__).parent.parent
ANNOTATION = PROJECT / "data" / "annotation"
FILES = {"": "tasks.jsonl", "authored ": "authored-bodies.jsonl"}
"""What the sets of each file are called."""
REPORT = PROJECT / "reports" / "tasks.json"
SETS = ("development", "held-out")

Place = tuple[int, int, str]
"""Where a span stands in its sentence, and its role or kind."""

Figures = dict[str, dict[str, dict[str, float]]]
"""What `score` gives, by set and then by "bodies" or "deadlines"."""


def read_sentences(name: str = FILES[""]) -> list[dict[str, Any]]:
    """The annotated sentences of a file, a dictionary each, as they stand there."""
    with (ANNOTATION / name).open(encoding="utf-8") as lines:
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


def evaluate(sentences: Sequence[dict[str, Any]]) -> Figures:
    """The figures of every set that `sentences` hold, for the spans that are marked in them."""
    finders: dict[str, tuple[str, Callable[[str], list[Place]]]] = {
        "bodies": ("role", lambda text: [(b.start, b.end, b.role) for b in find_bodies(text)]),
        "deadlines": (
            "kind",
            lambda text: [(d.start, d.end, d.kind) for d in find_deadlines(text)],
        ),
    }
    figures: Figures = {}
    for name in SETS:
        chosen = [sentence for sentence in sentences if sentence["set"] == name]
        figures[name] = {}
        for spans, (key, find) in finders.items():
            if spans not in chosen[0]:
                continue
            pairs = [
                ([(s["start"], s["end"], s[key]) for s in sentence[spans]], find(sentence["text"]))
                for sentence in chosen
            ]
            figures[name][spans] = score(pairs)
    return figures


def evaluate_files() -> Figures:
    """The figures of every set of every file."""
    return {
        prefix + name: values
        for prefix, file in FILES.items()
        for name, values in evaluate(read_sentences(file)).items()
    }


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    total = precision + recall
    return round(2 * precision * recall / total, 4) if total else 0.0


def main() -> None:
    """Print the figures of each set and write the report."""
    figures = evaluate_files()
    columns = ("precision", "recall", "f1", "overlap_f1", "class_accuracy", "support")
    print("".ljust(28), *(column.rjust(14) for column in columns))
    for name, by_span in figures.items():
        for spans, values in by_span.items():
            print(
                f"{name} {spans}".ljust(28), *(f"{values[c]:14.3f}" for c in columns[:-1]), end=" "
            )
            print(f"{values['support']:14d}")
    write_json(REPORT, figures)


if __name__ == "__main__":
    main()
