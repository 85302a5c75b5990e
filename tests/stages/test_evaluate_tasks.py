import json
from pathlib import Path

import pytest

from cuoshi.errors import DataError
from cuoshi.stages.evaluate_tasks import SENTENCES, evaluate, read_sentences, score

from ..conftest import PROJECT

REPORT = PROJECT / "reports" / "tasks.json"


def test_the_report_says_what_is_found() -> None:
    report = json.loads(REPORT.read_text(encoding="utf-8"))
    rules = {}
    for prefix, file in SENTENCES.items():
        sentences = read_sentences(PROJECT / "data" / "annotation" / file)
        figures = evaluate(sentences, [None] * len(sentences))
        rules |= {prefix + name: values for name, values in figures.items()}
    assert report["rules"] == rules
    figures = report["rules_and_model"]
    # For bodies 0.85 is wanted; these are what was reached, less what another run may lose.
    assert figures["held-out"]["bodies"]["f1"] >= 0.78
    assert figures["authored held-out"]["bodies"]["f1"] >= 0.83
    assert figures["held-out"]["deadlines"]["f1"] >= 0.90
    for name in ("held-out", "authored held-out"):
        assert figures[name]["bodies"]["f1"] > report["rules"][name]["bodies"]["f1"]


def test_a_span_counts_where_both_its_ends_are_right() -> None:
    annotated = [(0, 2, "lead"), (5, 8, "support"), (10, 12, "lead")]
    found = [(0, 2, "lead"), (5, 8, "lead"), (9, 12, "lead"), (20, 22, "lead")]
    figures = score([(annotated, found), ([], [])])
    assert figures["precision"] == 0.5
    assert figures["recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures["f1"] == pytest.approx(4 / 7, abs=1e-4)
    assert figures["overlap_f1"] == pytest.approx(2 * 0.75 / 1.75, abs=1e-4)
    assert figures["class_accuracy"] == 0.5
    assert figures["support"] == 3


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"tasks\.jsonl is missing; restore it from git"):
        read_sentences(tmp_path / "tasks.jsonl")
