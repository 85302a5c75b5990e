import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cuoshi.experiments.crossval import read_folds, read_texts, weigh_folds
from cuoshi.measures import MEASURES
from cuoshi.stages.config import CalibrateConfig, PreprocessConfig, read_config
from cuoshi.stages.metrics import Scores

from .conftest import PROJECT

PAGE = (PROJECT / "docs" / "error-analysis.md").read_text(encoding="utf-8")
PROSE = " ".join(PAGE.split())
FOLDS = sorted((PROJECT / "reports" / "crossval").glob("fold-*-seed-42.jsonl"))


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


CAUSES = read(PROJECT / "docs" / "error-causes.jsonl")


def of(run: str) -> list[dict[str, Any]]:
    return [cause for cause in CAUSES if cause["run"] == run]


def place(cause: dict[str, Any]) -> tuple[str, int]:
    document, start = cause["id"].rsplit(":", 1)
    return document, int(start)


def tables() -> list[list[list[str]]]:
    """The cells of every table of the page, without the line under its head."""
    found = re.findall(r"(?:^\|.*\n)+", PAGE, re.MULTILINE)
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        for table in found
    ]


def find_mistakes(
    rows: list[dict[str, Any]], scores: Scores, thresholds: Scores
) -> list[tuple[str, str, str]]:
    return sorted(
        (row["id"], measure, "missed" if measure in row["measures"] else "false")
        for row, given in zip(rows, scores >= thresholds, strict=True)
        for measure, is_given in zip(MEASURES, given, strict=True)
        if is_given != (measure in row["measures"])
    )


def test_the_causes_name_each_mistake_of_the_folds_once() -> None:
    _, rows = read_folds(FOLDS)
    alone = (np.array([row[name] for row in rows], np.float32) for name in ("scores", "thresholds"))
    texts = read_texts(PROJECT / "data" / "speeches")
    validation = read_config(PreprocessConfig, "preprocess", PROJECT / "configs").validation
    penalty = read_config(CalibrateConfig, "calibrate", PROJECT / "configs").penalty
    scores, _, thresholds = weigh_folds(rows, texts, validation, penalty)
    for run, mistakes in {
        "before": find_mistakes(rows, *alone),
        "now": find_mistakes(rows, scores, thresholds),
    }.items():
        named = [(cause["id"], cause["measure"], cause["error"]) for cause in of(run)]
        assert sorted(named) == mistakes
    different = {(cause["measure"], cause["error"], cause["note"]) for cause in of("now")}
    assert f"the {len(of('now'))} are {len(different)} different ones" in PROSE
    assert f": {len(rows)} sentences)" in PAGE


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("neighbouring act", "false"),
        ("word without its act", "false"),
        ("minor place", "missed"),
        ("unusual wording", "missed"),
        ("report taken for a demand", "false"),
    ],
)
def test_the_advice_rests_on_the_counts(kind: str, error: str) -> None:
    same_error = [cause for cause in of("now") if cause["error"] == error]
    mine = [(cause["measure"], cause["note"]) for cause in same_error if cause["cause"] == kind]
    share = f"{len(mine)} of the {len(same_error)} {error} measures"
    assert f"{share} ({len(set(mine))} different ones)" in PROSE


def test_the_causes_are_in_the_order_of_the_documents() -> None:
    assert sorted(CAUSES, key=place) == CAUSES


def test_the_causes_are_those_the_page_explains() -> None:
    (table,) = (rows for rows in tables() if rows[0] == ["cause", "what it means"])
    assert {cause["cause"] for cause in CAUSES} <= {row[0] for row in table[2:]}


def test_the_table_counts_the_causes_before_and_now() -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for cause in CAUSES:
        column = f"{cause['error']} {cause['run']}"
        expected.update([(cause["cause"], column), ("all", column)])
    (table,) = (rows for rows in tables() if rows[0][1:2] == ["missed before"])
    counts = {
        (row[0], column): int(cell)
        for row in table[2:]
        for column, cell in zip(table[0][1:], row[1:], strict=True)
    }
    assert {key: number for key, number in counts.items() if number} == expected


def test_the_quotes_stand_where_the_page_says(speeches: dict[str, str]) -> None:
    texts = {name[:3]: text for name, text in speeches.items()}
    annotated = read(PROJECT / "data" / "annotation" / "speeches.jsonl")
    units = {f"{unit['document'][:3]}:{unit['start']}" for unit in annotated}
    quotes = re.findall(r"「([^」]+)」\s\((\d{3}):(\d+)\)", PAGE)
    quotes += [
        (quote, document, start)
        for ids, quote in re.findall(r"^\| ([\d:, ]+) 「([^」]+)」", PAGE, re.MULTILINE)
        for document, start in [ids.split(", ")[0].split(":")]
    ]
    assert len(quotes) > 20
    for quote, document, start in quotes:
        assert quote in texts[document][int(start) : int(start) + 400], quote
    assert set(re.findall(r"\d{3}:\d+", PAGE)) <= units


def test_every_doubted_label_has_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cleanlab")
    monkeypatch.syspath_prepend(str(PROJECT / "benchmarks"))
    from label_issues import find_candidates

    (table,) = (rows for rows in tables() if rows[0][0] == "sentence")
    judged = set(chain.from_iterable(re.findall(r"\d{3}:\d+", row[0]) for row in table[2:]))
    doubted = {re.sub(r"_.*:", ":", candidate.id) for candidate in find_candidates(FOLDS)}
    assert doubted <= judged
