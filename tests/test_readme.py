"""The code in the READMEs runs as it stands there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import PROJECT

SNIPPETS = [
    pytest.param(snippet, id=f"{name}-{number}")
    for name in ("README.md", "README.zh.md")
    for number, snippet in enumerate(
        re.findall(
            r"^```python\n(.*?)^```",
            (PROJECT / name).read_text(encoding="utf-8"),
            re.MULTILINE | re.DOTALL,
        )
    )
]


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_snippets_run_as_they_stand(snippet: str, tiny_export: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "export").symlink_to(tiny_export)
    (tmp_path / "data").symlink_to(PROJECT / "data")
    run = subprocess.run(
        [sys.executable, "-c", snippet], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout


def test_there_are_three_ways_to_load_the_model() -> None:
    ways = "".join(str(snippet.values[0]) for snippet in SNIPPETS)
    for way in ("cuoshi.load(", "transformers import pipeline", "onnxruntime.InferenceSession("):
        assert way in ways


def test_the_figures_are_those_of_the_last_full_run() -> None:
    report = json.loads((PROJECT / "reports" / "metrics.json").read_text(encoding="utf-8"))
    for name in ("README.md", "README.zh.md"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        for measure, row in report["test"]["measures"].items():
            cells = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
            assert f"| {measure} | {' | '.join(cells)} |" in text, name
        assert f"**{report['test']['macro_f1']:.3f}**" in text
        for baseline in report["baselines"].values():
            assert f"{baseline['macro_f1']:.3f}" in text


def test_the_cross_validated_figures_are_those_of_the_report() -> None:
    report = json.loads((PROJECT / "reports" / "crossval.json").read_text(encoding="utf-8"))
    for name in ("README.md", "README.zh.md"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        for measure, row in report["measures"].items():
            cells = [f"{row[key]:.3f}" for key in ("precision", "recall", "f1")]
            assert f"| {measure} | {' | '.join(cells)} |" in text, name
        assert f"**{report['macro_f1']:.3f}**" in text
        assert f"{report['exact_match']:.3f}" in text


def test_the_figures_of_bodies_and_deadlines_are_those_of_the_report() -> None:
    report = json.loads((PROJECT / "reports" / "tasks.json").read_text(encoding="utf-8"))
    ours, rules = report["rules_and_model"], report["rules"]
    real, authored = ours["held-out"]["bodies"], ours["authored held-out"]["bodies"]
    figures = [
        ours["held-out"]["deadlines"]["f1"],
        *(real[name] for name in ("f1", "precision", "recall")),
        rules["held-out"]["bodies"]["f1"],
        authored["f1"],
        rules["authored held-out"]["bodies"]["f1"],
    ]
    for name in ("README.md", "README.zh.md"):
        # Two decimals each, in this order, no heading or table between.
        wanted = r"[^#|]*?".join(re.escape(f"{figure:.2f}") for figure in figures)
        assert re.search(wanted, (PROJECT / name).read_text(encoding="utf-8")), name


def test_the_figures_of_other_ways_are_those_of_the_report() -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8").replace("**", "")
    report = json.loads((PROJECT / "reports" / "peers.json").read_text(encoding="utf-8"))
    for entry in report["peers"].values():
        values = (entry["macro_f1"], *entry["f1"].values(), entry["exact_match"])
        assert f"| {' | '.join(f'{value:.3f}' for value in values)} |" in text, entry["title"]
