import json
from pathlib import Path

import pytest

from cuoshi.errors import DataError, ModelError
from cuoshi.stages.annotation import read_annotation
from cuoshi.stages.evaluate_trial import TRIAL_FILE, TrialUnit, evaluate_trial

from ..conftest import PROJECT

PATH = PROJECT / "data" / "annotation" / TRIAL_FILE


def test_the_report_is_about_the_documents_that_are_there() -> None:
    report = json.loads((PROJECT / "reports" / "trial.json").read_text(encoding="utf-8"))
    units = [line.unit for line in read_annotation(PATH, TrialUnit)]
    assert report["sentences"] == len(units)
    assert list(report["micro_f1_by_document"]) == list(dict.fromkeys(u.speech for u in units))
    for measure, row in report["measures"]["measures"].items():
        assert row["support"] == sum(measure in unit.labels for unit in units)
    assert report["bodies"]["support"] == sum(len(unit.bodies) for unit in units)
    # What was reached, less what another run may lose.
    assert report["measures"]["micro_f1"] >= 0.85
    assert report["bodies"]["f1"] >= 0.85


def test_bodies_are_marked_where_they_stand_and_only_in_what_directs() -> None:
    for line in read_annotation(PATH, TrialUnit):
        unit, position = line.unit, 0
        assert unit.labels or not unit.bodies
        for body in unit.bodies:
            assert position <= body.start < body.end
            assert unit.text[body.start : body.end] == body.text
            position = body.end


def test_a_missing_file_or_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"trial-documents\.jsonl is missing"):
        evaluate_trial(tmp_path / TRIAL_FILE, tmp_path)
    with pytest.raises(ModelError, match="export"):
        evaluate_trial(PATH, tmp_path / "export")
