import json
from typing import Any

import pytest

from cuoshi.stages.duplicates import find_copies

from ..conftest import PROJECT

ANNOTATION = PROJECT / "data" / "annotation"
AUTHORED, SPEECHES = "authored-bodies.jsonl", "speech-bodies.jsonl"


def read_sentences(name: str) -> list[dict[str, Any]]:
    with (ANNOTATION / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def sentences() -> list[dict[str, Any]]:
    return read_sentences("tasks.jsonl")


@pytest.mark.parametrize("name", ["tasks.jsonl", AUTHORED, SPEECHES])
def test_offsets_cut_out_the_words_that_were_marked(name: str) -> None:
    for sentence in read_sentences(name):
        for spans in (sentence["bodies"], sentence.get("deadlines", [])):
            position = 0
            for span in spans:
                assert position <= span["start"] < span["end"]
                assert sentence["text"][span["start"] : span["end"]] == span["text"]
                position = span["end"]
        assert {body["role"] for body in sentence["bodies"]} <= {"lead", "support"}
        kinds = {deadline["kind"] for deadline in sentence.get("deadlines", [])}
        assert kinds <= {"absolute", "relative", "recurring"}


def test_every_sentence_is_one_of_the_speeches_that_directs_a_measure(
    sentences: list[dict[str, Any]],
) -> None:
    path = PROJECT / "data" / "annotation" / "speeches.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    directing = {
        (row["document"], row["start"], row["end"], row["text"])
        for row in map(json.loads, lines)
        if row["labels"]
    }
    keys = [tuple(s[key] for key in ("document", "start", "end", "text")) for s in sentences]
    assert set(keys) <= directing
    assert len(set(keys)) == len(keys)


def test_both_sets_are_of_sixty(sentences: list[dict[str, Any]]) -> None:
    sizes = {name: sum(s["set"] == name for s in sentences) for name in ("development", "held-out")}
    assert sizes == {"development": 60, "held-out": 60}
    assert sum(sizes.values()) == len(sentences)


def test_sentences_with_bodies_are_in_one_set_each(sentences: list[dict[str, Any]]) -> None:
    codebook = (ANNOTATION / "TASKS.md").read_text(encoding="utf-8")
    for file, expected in (
        (AUTHORED, {"development": 5073, "validation": 200, "held-out": 659}),
        (SPEECHES, {"development": 98}),
    ):
        marked = read_sentences(file)
        assert len({s["text"] for s in marked}) == len(marked) == sum(expected.values())
        for name, size in expected.items():
            bodies = [s["bodies"] for s in marked if s["set"] == name]
            assert len(bodies) == size
            lead, support = (
                sum(body["role"] == role for own in bodies for body in own)
                for role in ("lead", "support")
            )
            total = f"{lead + support} ({lead} / {support})"
            assert f"| {file} | {name} | {size} | {bodies.count([])} | {total} |" in codebook
    trained = [s["text"] for s in read_sentences(SPEECHES)]
    held_out = [s["text"] for s in sentences if s["set"] == "held-out"]
    assert find_copies(trained, held_out, 0.7) == {}
