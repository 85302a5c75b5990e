"""Stage preprocess: join the speeches with their annotation and split them by speech."""

from __future__ import annotations

from collections import Counter
from itertools import chain, groupby
from pathlib import Path
from typing import Any, TypedDict

from datasets import ClassLabel, Dataset, DatasetDict, Features, List, Value

from cuoshi.errors import DataError
from cuoshi.files import replace_folder, write_json
from cuoshi.measures import MEASURES
from cuoshi.stages.annotation import (
    AUTHORED_FILES,
    SPEECHES_FILE,
    AuthoredSpeechUnit,
    Line,
    MarkedBody,
    SpeechUnit,
    check_consistency,
    check_offsets,
    read_annotation,
    read_bodies,
)
from cuoshi.stages.config import (
    ANNOTATION,
    PROCESSED,
    REPORTS,
    SPEECHES,
    PreprocessConfig,
    read_config,
    run_stage,
)
from cuoshi.stages.duplicates import find_copies, group_speeches
from cuoshi.tags import ROLES
from cuoshi.text.document import build_contexts, outline

SPLITS = ("train", "validation", "test")

FEATURES = Features(
    {
        "id": Value("string"),
        "document": Value("string"),
        "speech": Value("string"),
        "start": Value("int32"),
        "end": Value("int32"),
        "text": Value("string"),
        "context": Value("string"),
        "labels": List(ClassLabel(names=list(MEASURES))),
        "source": ClassLabel(names=["speech", "authored sentence", "authored speech"]),
        "bodies": List(
            {"start": Value("int32"), "end": Value("int32"), "role": ClassLabel(names=list(ROLES))}
        ),
    }
)
"""`start` and `end` are offsets into the document, null for authored material; those of `bodies`
are offsets into the text, and `bodies` is null where nobody has marked them."""


class Example(TypedDict):
    """A row of the data set; see `FEATURES`."""

    id: str
    document: str
    speech: str
    start: int | None
    end: int | None
    text: str
    context: str
    labels: list[str]
    source: str
    bodies: list[dict[str, Any]] | None


def preprocess(
    speeches: Path, annotation: Path, config: PreprocessConfig
) -> tuple[DatasetDict, dict[str, Any]]:
    """Read, join, clear of duplicates and split.

    Returns:
        The splits train, validation and test with `FEATURES`, and a report: counts per split,
        source and measure, near-duplicate speeches, duplicates removed, units not found.

    Raises:
        DataError: a file is damaged, too few units are found, a split is empty or a group of
            near-duplicate speeches lies on both sides.
    """
    documents = read_speeches(speeches)
    real = read_annotation(annotation / SPEECHES_FILE, SpeechUnit)
    authored = [
        read_annotation(annotation / name, AUTHORED_FILES[name]) for name in config.authored
    ]
    check_offsets(real, documents)
    everything: list[Line[Any]] = [*real, *chain.from_iterable(authored)]
    check_consistency(everything)

    joined, matter, missing = join_annotation(documents, real, config)
    splits = split_by_speech(joined, config)
    groups = group_speeches(_speech_texts(joined), config.duplicate_speeches)
    check_groups(groups, config)
    for lines in authored:
        splits["train"] += authored_examples(lines, config.context_characters)
    splits, removed = remove_copies(splits, config.duplicate_sentences)
    bodies = read_bodies(annotation / name for name in config.bodies)
    splits["train"] = [mark_bodies(example, bodies) for example in splits["train"]]
    report = {
        "units": len(real),
        "found": len(real) - len(missing),
        "not_found": missing,
        "web_matter": matter,
        "splits": {name: count(examples) for name, examples in splits.items()},
        "near_duplicate_speeches": [group for group in groups if len(group) > 1],
        "duplicates_removed": removed,
    }
    return build_dataset(splits), report


def read_speeches(folder: Path) -> dict[str, str]:
    """The source documents by file name, as they are on disk.

    Raises:
        DataError: there is none, or one is not UTF-8.
    """
    documents = {}
    for path in sorted(folder.glob("*.txt")):
        try:
            documents[path.name] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8"
            ) from error
    if not documents:
        raise DataError(f"{folder} holds no .txt document; restore it from git")
    return documents


def join_annotation(
    documents: dict[str, str], units: list[Line[SpeechUnit]], config: PreprocessConfig
) -> tuple[list[Example], list[dict[str, Any]], list[dict[str, Any]]]:
    """Give every sentence of the documents its labels, by its offsets.

    Returns:
        The labelled sentences without web-page matter, the web-page matter, and the units
        that no sentence matches.

    Raises:
        DataError: a smaller share than `config.found_share` is found.
    """
    labels = {(u.unit.document, u.unit.start, u.unit.end): u.unit.labels for u in units}
    examples: list[Example] = []
    matter = []
    for document, text in documents.items():
        for sentence in outline(text, config.context_characters):
            place = (document, sentence.start, sentence.end)
            found = labels.pop(place, None)
            if sentence.is_web_matter:
                matter.append(
                    {"document": document, "start": sentence.start, "text": sentence.text}
                )
            elif found is not None:
                examples.append(
                    Example(
                        id=f"{document}:{sentence.start}",
                        document=document,
                        speech=f"{document}#{sentence.piece}",
                        start=sentence.start,
                        end=sentence.end,
                        text=sentence.text,
                        context=sentence.context,
                        labels=found,
                        source="speech",
                        bodies=None,
                    )
                )
    missing = [{"document": d, "start": start, "end": end} for d, start, end in labels]
    share = 1 - len(missing) / len(units)
    if share < config.found_share:
        first = missing[0]
        raise DataError(
            f"only {share:.2%} of the {len(units)} annotated sentences are found at their offsets, "
            f"the first missing one is {first['document']}:{first['start']}-{first['end']}; "
            "undo the change to the speeches or to cuoshi.text"
        )
    return examples, matter, missing


def split_by_speech(examples: list[Example], config: PreprocessConfig) -> dict[str, list[Example]]:
    """Deal the sentences out by the speech they belong to.

    Raises:
        DataError: a speech is listed twice or does not exist, or a split is empty.
    """
    known = {example["speech"] for example in examples}
    for name, listed in (("test", config.test), ("validation", config.validation)):
        for speech in listed:
            if speech not in known:
                raise DataError(
                    f"preprocess.{name} lists {speech}, which is not in data/speeches; "
                    f"the speeches are {', '.join(sorted(known))}"
                )
    both = set(config.test) & set(config.validation)
    if both:
        raise DataError(
            f"{min(both)} is listed under preprocess.test and preprocess.validation; remove one"
        )
    splits: dict[str, list[Example]] = {name: [] for name in SPLITS}
    for example in examples:
        side = (
            "test"
            if example["speech"] in config.test
            else "validation"
            if example["speech"] in config.validation
            else "train"
        )
        splits[side].append(example)
    for name, members in splits.items():
        if not members:
            raise DataError(
                f"the split {name} is empty; change preprocess.test and preprocess.validation "
                "in configs/preprocess.yaml"
            )
    return splits


def check_groups(groups: list[list[str]], config: PreprocessConfig) -> None:
    """No talk is on both sides of a split.

    Raises:
        DataError: versions of one talk are in different splits.
    """
    sides = dict.fromkeys(config.test, "test")
    sides |= dict.fromkeys(config.validation, "validation")
    for group in groups:
        if len({sides.get(speech, "train") for speech in group}) > 1:
            places = ", ".join(f"{speech} ({sides.get(speech, 'train')})" for speech in group)
            raise DataError(
                f"near-duplicate speeches are in different splits: {places}; "
                "put them into one in configs/preprocess.yaml"
            )


def authored_examples(lines: list[Line[Any]], characters: int) -> list[Example]:
    """A file that was written for the data set, whole speeches with the context of each unit."""
    if not isinstance(lines[0].unit, AuthoredSpeechUnit):
        return [_authored(line, line.unit.id, "", "authored sentence") for line in lines]
    examples = []
    for speech, group in groupby(lines, key=lambda line: line.unit.speech):
        members = list(group)
        units = [(m.unit.text, m.unit.heading, i == 0, False) for i, m in enumerate(members)]
        for member, context in zip(members, build_contexts(units), strict=True):
            examples.append(_authored(member, speech, context.text(characters), "authored speech"))
    return examples


def remove_copies(
    splits: dict[str, list[Example]], threshold: float
) -> tuple[dict[str, list[Example]], dict[str, Any]]:
    """Take out of train what copies validation or test, and out of validation what copies test.

    Sentences of two characters of text or fewer are compared like all others.
    """
    test = [e["text"] for e in splits["test"]]
    validation, from_validation = _without_copies(splits["validation"], test, threshold)
    held_out = [e["text"] for e in splits["validation"]] + test
    train, from_train = _without_copies(splits["train"], held_out, threshold)
    cleared = {"train": train, "validation": validation, "test": splits["test"]}
    return cleared, {"train": from_train, "validation": from_validation}


def mark_bodies(example: Example, bodies: dict[str, list[MarkedBody]]) -> Example:
    """The example with its bodies where they are marked."""
    marked = bodies.get(example["text"])
    if marked is None:
        return example
    spans = [{"start": b.start, "end": b.end, "role": b.role} for b in marked]
    return {**example, "bodies": spans}


def count(examples: list[Example]) -> dict[str, Any]:
    """How many sentences a split has, by source and by measure."""
    measures = Counter(label for example in examples for label in example["labels"])
    return {
        "sentences": len(examples),
        "with_measure": sum(bool(example["labels"]) for example in examples),
        "sources": dict(Counter(example["source"] for example in examples)),
        "measures": {measure: measures[measure] for measure in MEASURES},
        "bodies_marked": sum(example["bodies"] is not None for example in examples),
        "speeches": len(
            {example["speech"] for example in examples if example["start"] is not None}
        ),
    }


def build_dataset(splits: dict[str, list[Example]]) -> DatasetDict:
    """The splits as a `DatasetDict` with `FEATURES`."""
    return DatasetDict(
        {name: Dataset.from_list(list(splits[name]), features=FEATURES) for name in SPLITS}
    )


def _authored(line: Line[Any], speech: str, context: str, source: str) -> Example:
    return Example(
        id=f"{line.path.name}:{line.number}",
        document=line.path.name,
        speech=f"{line.path.name}#{speech}",
        start=None,
        end=None,
        text=line.unit.text,
        context=context,
        labels=line.unit.labels,
        source=source,
        bodies=None,
    )


def _speech_texts(examples: list[Example]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for example in examples:
        texts[example["speech"]] = texts.get(example["speech"], "") + example["text"]
    return texts


def _without_copies(
    examples: list[Example], originals: list[str], threshold: float
) -> tuple[list[Example], list[dict[str, str]]]:
    copies = find_copies([example["text"] for example in examples], originals, threshold)
    kept = [example for i, example in enumerate(examples) if i not in copies]
    removed = [
        {"id": examples[i]["id"], "text": examples[i]["text"], "copy_of": original}
        for i, original in sorted(copies.items())
    ]
    return kept, removed


def main() -> None:
    """Run the stage with configs/preprocess.yaml."""
    dataset, report = preprocess(SPEECHES, ANNOTATION, read_config(PreprocessConfig, "preprocess"))
    with replace_folder(PROCESSED) as folder:
        dataset.save_to_disk(str(folder))
    write_json(REPORTS / "data.json", report)
    print(f"{PROCESSED}: {report['found']} of {report['units']} annotated sentences found")
    for name, figures in report["splits"].items():
        measures = " ".join(f"{measure} {n}" for measure, n in figures["measures"].items())
        print(f"  {name:10} {figures['sentences']:5} sentences: {measures}")


if __name__ == "__main__":
    run_stage(main)
