"""The real DVC graph: run whole on a tiny configuration, and the project's own lock file."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dvc.repo import Repo
from scipy.special import logit

from cuoshi.calibration import Calibration
from cuoshi.keywords import predict_keywords
from cuoshi.measures import MEASURES
from cuoshi.tags import TAGS

from .conftest import PROJECT

DOCUMENTS = ("000", "004")
AUTHORED = {
    "authored.jsonl": 400,
    "authored-speeches.jsonl": 40,
    "authored-speeches-2.jsonl": 40,
    "authored-speeches-3.jsonl": 40,
    "authored-speeches-4.jsonl": 40,
    "authored-documents.jsonl": 40,
}
TINY = {
    "base": {"layers": 2},
    "preprocess": {
        "test": ["004_098f448c9d1eb0bb.txt#1"],
        "validation": ["000_b61f5caca4b86611.txt#2"],
    },
    # Two layers alone understand little: a quick head finds what there is.
    "train": {
        "epochs": 4.0,
        "batch_size": 8,
        "head_factor": 20.0,
        "evaluations": 1,
        "precision": "fp32",
        "loss_ceiling": 2.0,
    },
    "evaluate": {"resamples": 20},
    "export": {"int8_agreement": 0.9, "calibration_sentences": 64},
}


def dvc(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(project / "pipeline"),
        "DVC_NO_ANALYTICS": "1",
        "OMP_NUM_THREADS": "2",
    }
    return subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
    )


def keep(path: Path, wanted: Callable[[dict[str, Any]], bool], number: int | None = None) -> None:
    """Keep the first `number` lines of a file that are wanted."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if wanted(json.loads(line))]
    path.write_text("".join(kept[:number]), encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a tiny configuration, its pipeline run once."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("configs", "data", "pipeline"):
        shutil.copytree(
            PROJECT / name, copy / name, ignore=shutil.ignore_patterns("processed", "__pycache__")
        )
    shutil.copy(PROJECT / "dvc.yaml", copy)
    for stage, settings in TINY.items():
        path = copy / "configs" / f"{stage}.yaml"
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        config[stage] |= settings
        path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    for path in (copy / "data" / "speeches").iterdir():
        if not path.name.startswith(DOCUMENTS):
            path.unlink()
    annotation = copy / "data" / "annotation"
    keep(annotation / "speeches.jsonl", lambda row: row["document"].startswith(DOCUMENTS))
    for name, number in AUTHORED.items():
        keep(annotation / name, lambda row: bool(row["labels"]), number)
    assert dvc(copy, "init", "--no-scm").returncode == 0
    run = dvc(copy, "repro")
    assert run.returncode == 0, run.stdout + run.stderr
    return copy


def test_the_whole_graph_runs_and_measures_the_test_speeches(project: Path) -> None:
    metrics = json.loads((project / "reports" / "metrics.json").read_text(encoding="utf-8"))
    real = json.loads((project / "reports" / "data.json").read_text(encoding="utf-8"))
    assert metrics["sentences"] == real["splits"]["test"]["sentences"]
    for measure in MEASURES:
        row = metrics["test"]["measures"][measure]
        assert row["support"] == real["splits"]["test"]["measures"][measure]
        assert {"precision", "recall", "f1", "average_precision"} < set(row)
    assert {"macro_f1", "micro_f1", "exact_match", "intervals"} < set(metrics["test"])
    assert set(metrics["baselines"]) == {"network_alone", "keywords", "tfidf_svm"}
    assert metrics["test"]["macro_f1"] > 0


def test_the_export_is_whole_and_loads_with_other_libraries(project: Path) -> None:
    import onnxruntime
    from tokenizers import Tokenizer
    from transformers import pipeline

    folder = project / "models" / "export"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert {path.name for path in folder.iterdir()} == {*manifest["files"], "manifest.json"}
    assert {
        "README.md",
        "config.json",
        "model.int8.onnx",
        "model.onnx",
        "model.safetensors",
        "selftest.json",
        "tokenizer.json",
    } < set(manifest["files"])
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    assert tokenizer["padding"] is None
    assert tokenizer["truncation"] is None

    probe = json.loads((folder / "selftest.json").read_text(encoding="utf-8"))["probes"][0]
    (ranked,) = pipeline("text-classification", model=str(folder), top_k=None)([probe["text"]])
    network = {entry["label"]: entry["score"] for entry in ranked}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    scores = Calibration.parse(config["calibration"]).weigh(
        logit([[network[m] for m in MEASURES]]), predict_keywords([probe["text"]])
    )
    assert scores[0].tolist() == pytest.approx(probe["scores"]["fp32"], abs=1e-4)

    encoding = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(probe["text"])
    for name in ("model.onnx", "model.int8.onnx"):
        session = onnxruntime.InferenceSession(folder / name, providers=["CPUExecutionProvider"])
        inputs = {
            "input_ids": [encoding.ids],
            "attention_mask": [encoding.attention_mask],
            "token_type_ids": [encoding.type_ids],
        }
        logits, tags = session.run(["logits", "tags"], inputs)
        assert logits.shape == (1, len(MEASURES))
        assert tags.shape == (1, len(encoding.ids), len(TAGS))


def test_bodies_and_deadlines_are_measured_with_the_exported_model(project: Path) -> None:
    report = json.loads((project / "reports" / "tasks.json").read_text(encoding="utf-8"))
    ours, rules = report["rules_and_model"]["held-out"], report["rules"]["held-out"]
    assert ours["deadlines"] == rules["deadlines"]
    assert ours["bodies"]["support"] == rules["bodies"]["support"] == 82


def test_the_trial_documents_are_read_with_the_exported_model(project: Path) -> None:
    report = json.loads((project / "reports" / "trial.json").read_text(encoding="utf-8"))
    units = (PROJECT / "data" / "annotation" / "trial-documents.jsonl").read_text(encoding="utf-8")
    assert report["sentences"] == units.count("\n")
    assert report["measures"]["micro_f1"] > 0
    assert report["bodies"]["f1"] > 0


def test_a_second_run_does_nothing_and_says_so(project: Path) -> None:
    again = dvc(project, "repro")
    assert again.returncode == 0
    assert "up to date" in again.stdout
    assert "Running stage" not in again.stdout


def test_the_plots_that_dvc_yaml_lists_can_be_drawn(project: Path) -> None:
    drawn = dvc(project, "plots", "show", "--json")
    assert drawn.returncode == 0, drawn.stderr
    plots = json.loads(drawn.stdout)
    assert not plots.get("errors")
    names = " ".join(plots["data"])
    for name in ("loss (training", "precision and recall", "reliability", "confusion_goods"):
        assert name in names


def test_the_lock_file_matches_the_sources_beside_it() -> None:
    lock = PROJECT / "dvc.lock"
    assert lock.is_file(), "run `make train` and commit dvc.lock"
    with Repo(PROJECT) as repo:
        status = repo.status(targets=["dvc.yaml"])
    stale = [
        f"{stage}: {path} {state}"
        for stage, changes in status.items()
        for change in changes
        if isinstance(change, dict)
        for path, state in change.get("changed deps", {}).items()
        # A fresh clone has none of the models; what is there must be what the lock says.
        if state != "deleted" or not path.startswith(("models/", "data/processed"))
    ]
    commands = [stage for stage, changes in status.items() if "changed command" in changes]
    assert not stale + commands, "run `make train` and commit dvc.lock and reports/"
