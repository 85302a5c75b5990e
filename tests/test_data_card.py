import json
from collections import Counter
from typing import Any

import pytest
from sklearn.metrics import cohen_kappa_score

from cuoshi.measures import MEASURES

from .conftest import PROJECT

CARD = (PROJECT / "data" / "README.md").read_text(encoding="utf-8")
PROSE = " ".join(CARD.split())


def read(name: str) -> list[dict[str, Any]]:
    path = PROJECT / "data" / "annotation" / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def counts(units: list[dict[str, Any]]) -> list[int]:
    labels = Counter(label for unit in units for label in unit["labels"])
    return [sum(bool(unit["labels"]) for unit in units), *(labels[m] for m in MEASURES)]


def test_the_documents_counts_are_those_of_the_files(speeches: dict[str, str]) -> None:
    units = read("speeches.jsonl")
    for name, text in speeches.items():
        mine = [unit for unit in units if unit["document"] == name]
        assert row(name, len(text), len(mine), *counts(mine)) in CARD


@pytest.mark.parametrize(
    "name",
    [
        "speeches.jsonl",
        "authored.jsonl",
        "authored-speeches.jsonl",
        "authored-speeches-2.jsonl",
        "authored-speeches-3.jsonl",
        "authored-speeches-4.jsonl",
        "authored-documents.jsonl",
        "trial-documents.jsonl",
    ],
)
def test_the_files_counts_are_those_of_the_files(name: str) -> None:
    units = read(name)
    assert row(name, len(units), *counts(units)) in CARD


def test_the_splits_are_those_of_the_last_full_run() -> None:
    report = json.loads((PROJECT / "reports" / "data.json").read_text(encoding="utf-8"))
    for name, split in report["splits"].items():
        real = split["sources"]["speech"]
        cells = [split["sentences"], real, split["with_measure"], *split["measures"].values()]
        assert row(name, *cells) in CARD
    removed = report["duplicates_removed"]
    assert f"out of train ({len(removed['train'])}: greetings and titles)" in PROSE
    assert f"out of validation ({len(removed['validation'])})" in PROSE
    assert f"recognises {len(report['web_matter'])} such sentences" in PROSE


def test_agreement_is_that_of_the_two_passes() -> None:
    units = read("speeches.jsonl")
    exact = sum(set(u["first"]) == set(u["second"]) for u in units) / len(units)
    assert f"agree exactly on {exact:.1%}".replace("%", " %") in PROSE
    for measure in MEASURES:
        passes = [[measure in unit[name] for unit in units] for name in ("first", "second")]
        assert f"{measure} {cohen_kappa_score(*passes):.2f}" in PROSE
    several = Counter(len(unit["labels"]) for unit in units)
    assert (
        f"{several[0]} direct none, {several[1]} one, {several[2]} two and {several[3]} three"
        in PROSE
    )
    speeches = {unit["speech"] for unit in read("authored-speeches.jsonl")}
    assert f"holds {len(speeches)} whole speeches" in PROSE
    for number in (2, 3, 4):
        more = {unit["speech"] for unit in read(f"authored-speeches-{number}.jsonl")}
        assert f"holds {len(more)} more" in PROSE
    documents = {unit["speech"] for unit in read("authored-documents.jsonl")}
    assert f"holds {len(documents)} documents" in PROSE
    trial = {unit["speech"] for unit in read("trial-documents.jsonl")}
    assert f"holds {len(trial)} documents" in PROSE


def test_no_directing_sentence_of_the_trial_is_trained_on() -> None:
    trial = {unit["text"] for unit in read("trial-documents.jsonl") if unit["labels"]}
    folder = PROJECT / "data" / "annotation"
    trained = {unit["text"] for path in folder.glob("authored*.jsonl") for unit in read(path.name)}
    assert trial & (trained | {unit["text"] for unit in read("speeches.jsonl")}) == set()
