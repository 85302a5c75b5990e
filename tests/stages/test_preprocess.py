import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cuoshi.errors import DataError
from cuoshi.stages.config import PreprocessConfig, read_config
from cuoshi.stages.duplicates import find_copies
from cuoshi.stages.preprocess import preprocess

from ..conftest import PROJECT

Processed = tuple[Any, dict[str, Any]]


@pytest.fixture(scope="module")
def config() -> PreprocessConfig:
    return read_config(PreprocessConfig, "preprocess", PROJECT / "configs")


@pytest.fixture(scope="module")
def processed(config: PreprocessConfig) -> Processed:
    return preprocess(PROJECT / "data" / "speeches", PROJECT / "data" / "annotation", config)


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    """Two documents of three speeches, with their annotation and a little authored material."""
    speeches, annotation = tmp_path / "speeches", tmp_path / "annotation"
    speeches.mkdir()
    annotation.mkdir()
    texts = {
        "a.txt": "篇一:讲话\n要逐户登记。\n篇二:会议\n要备足口罩。\n",
        "b.txt": "各级督查组要追究责任。\n",
    }
    units = [
        {"document": "a.txt", "start": 0, "end": 5, "text": "篇一:讲话", "labels": []},
        {"document": "a.txt", "start": 6, "end": 12, "text": "要逐户登记。", "labels": ["隔离"]},
        {"document": "a.txt", "start": 13, "end": 18, "text": "篇二:会议", "labels": []},
        {"document": "a.txt", "start": 19, "end": 25, "text": "要备足口罩。", "labels": ["物资"]},
        {
            "document": "b.txt",
            "start": 0,
            "end": 11,
            "text": "各级督查组要追究责任。",
            "labels": ["问责"],
        },
    ]
    for name, text in texts.items():
        (speeches / name).write_text(text, encoding="utf-8")
    for name, rows in {
        "speeches.jsonl": units,
        "authored.jsonl": [{"id": "x", "text": "用喇叭宣传。", "labels": ["宣传"]}],
        "authored-speeches.jsonl": [
            {"speech": "s", "heading": True, "text": "一、排查", "labels": []},
            {"speech": "s", "heading": False, "text": "逐人测温。", "labels": ["隔离"]},
        ],
    }.items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (annotation / name).write_text("".join(lines), encoding="utf-8")
    return speeches, annotation


SMALL = {
    "found_share": 0.99,
    "context_characters": 80,
    "duplicate_speeches": 0.5,
    "duplicate_sentences": 0.7,
    "authored": ["authored.jsonl", "authored-speeches.jsonl"],
    "bodies": [],
    "test": ["a.txt#1"],
    "validation": ["a.txt#2"],
}


def test_no_sentence_and_no_talk_is_on_two_sides(
    processed: Processed, config: PreprocessConfig
) -> None:
    dataset, report = processed
    sides = {name: set(dataset[name]["speech"]) for name in dataset}
    assert not sides["train"] & (sides["validation"] | sides["test"])
    assert not sides["validation"] & sides["test"]
    for group in report["near_duplicate_speeches"]:
        assert sum(bool(set(group) & side) for side in sides.values()) == 1
    test, validation = list(dataset["test"]["text"]), list(dataset["validation"]["text"])
    train = list(dataset["train"]["text"])
    assert not set(train) & (set(test) | set(validation))
    assert not set(validation) & set(test)
    assert not find_copies(train, [*test, *validation], config.duplicate_sentences)


def test_validation_and_test_are_real_speech_without_page_matter(processed: Processed) -> None:
    dataset, report = processed
    source = dataset["train"].features["source"]
    matter = {(row["document"], row["start"]) for row in report["web_matter"]}
    for name in ("validation", "test"):
        assert set(dataset[name]["source"]) == {source.str2int("speech")}
        assert not matter & {(row["document"], row["start"]) for row in dataset[name]}


def test_bodies_are_marked_in_training_sentences_alone(processed: Processed) -> None:
    dataset, report = processed
    for name in ("validation", "test"):
        assert all(bodies is None for bodies in dataset[name]["bodies"])
    marked = [row for row in dataset["train"] if row["bodies"] is not None]
    assert len(marked) == report["splits"]["train"]["bodies_marked"] > 3500
    names = {row["text"][b["start"] : b["end"]] for row in marked for b in row["bodies"]}
    assert {"各镇", "县纪委", "卫健部门"} <= names
    held_out = {
        row["text"]
        for name in ("tasks.jsonl", "authored-bodies.jsonl")
        for row in map(
            json.loads,
            (PROJECT / "data" / "annotation" / name).read_text(encoding="utf-8").splitlines(),
        )
        if row["set"] != "development"
    }
    assert not held_out & {row["text"] for row in marked}


def test_rows_point_into_their_documents(processed: Processed, speeches: dict[str, str]) -> None:
    from cuoshi.text.sentences import clean

    dataset, report = processed
    assert report["found"] == report["units"] == 1201
    assert report["not_found"] == []
    for split in dataset.values():
        for row in split:
            if row["start"] is not None:
                source = speeches[row["document"]][row["start"] : row["end"]]
                assert clean(source) == row["text"]


def test_context_is_given_where_there_is_one(small: tuple[Path, Path]) -> None:
    dataset, _ = preprocess(*small, PreprocessConfig(**SMALL))
    contexts = {row["text"]: row["context"] for split in dataset.values() for row in split}
    assert contexts["要逐户登记。"] == "篇一:讲话"
    assert contexts["逐人测温。"] == "一、排查"
    assert contexts["用喇叭宣传。"] == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test": ["a.txt#9"]}, r"preprocess\.test lists a\.txt#9, .* the speeches are a\.txt#1"),
        ({"test": ["a.txt#2"]}, r"a\.txt#2 is listed under preprocess\.test and"),
        ({"test": ["a.txt#1", "b.txt#1"]}, r"the split train is empty"),
    ],
)
def test_a_split_that_cannot_be_is_named(
    small: tuple[Path, Path], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        preprocess(*small, PreprocessConfig(**SMALL | change))


def test_versions_of_one_talk_cannot_be_split(config: PreprocessConfig) -> None:
    third = "000_b61f5caca4b86611.txt#3"
    split = config.model_copy(update={"test": [third]})
    with pytest.raises(DataError, match=r"#3 \(test\), 001_.*#2 \(train\); put them into one"):
        preprocess(PROJECT / "data" / "speeches", PROJECT / "data" / "annotation", split)


def test_an_altered_speech_ends_with_the_first_sentence_not_found(
    small: tuple[Path, Path],
) -> None:
    speeches, annotation = small
    (speeches / "b.txt").write_text("各级督查组，要追究责任。谢谢！\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"only 80\.00% of the 5 .* b\.txt:0-11"):
        preprocess(speeches, annotation, PreprocessConfig(**SMALL))
    shutil.rmtree(speeches)
    with pytest.raises(DataError, match=r"holds no \.txt document"):
        preprocess(speeches, annotation, PreprocessConfig(**SMALL))
