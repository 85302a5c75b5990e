"""Pool the folds of `benchmarks/peers.py` into figures, a table and a plot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from cuoshi.errors import DataError
from cuoshi.experiments.crossval import flags, read_folds, resample_speeches
from cuoshi.files import replace_file
from cuoshi.measures import MEASURES
from cuoshi.stages.config import CrossvalConfig
from cuoshi.stages.metrics import measure_decisions

Folds = Mapping[int, Path]
"""The files of finished folds by their numbers."""

OURS = "cuoshi"


def pool(folds: Folds, config: CrossvalConfig, *, has_scores: bool = True) -> dict[str, Any]:
    """Figures over the out-of-fold decisions of one peer.

    Args:
        folds: at least one.
        config: how often the interval of the macro-F1 draws speeches anew, and its seed.
        has_scores: whether its scores are more than yes and no.

    Returns:
        What the peer reaches, and what training took: seconds and sentences are the median fold.
    """
    runs, rows = read_folds(list(folds.values()))
    gold = flags([row["measures"] for row in rows])
    scores = np.array([row["scores"] for row in rows], dtype=np.float32)
    bare = np.array([row["bare"] for row in rows], dtype=np.float32)
    thresholds = np.array([row["thresholds"] for row in rows], dtype=np.float32)
    speeches = np.array([row["speech"] for row in rows])
    predicted = scores >= thresholds
    decided = measure_decisions(gold, predicted)
    interval = resample_speeches(
        gold, predicted, scores, speeches, config.resamples, config.seeds[0]
    )["macro_f1"]
    precision = average_precision_score(gold, scores, average="macro") if has_scores else None
    return {
        "folds": sorted(folds),
        "sentences": len(rows),
        "macro_f1": decided["macro_f1"],
        "interval": interval,
        "f1": {measure: row["f1"] for measure, row in decided["measures"].items()},
        "exact_match": decided["exact_match"],
        "mean_average_precision": precision and round(float(precision), 6),
        "macro_f1_at_one_half": measure_decisions(gold, scores >= 0.5)["macro_f1"],
        "macro_f1_without_context": measure_decisions(gold, bare >= thresholds)["macro_f1"],
        "collapsed_folds": [n for n, run in zip(folds, runs, strict=True) if "collapsed" in run],
        "training_sentences": round(median(run["training_sentences"] for run in runs)),
        "seconds_per_fold": round(
            median(run["seconds"] if "seconds" in run else 60 * run["minutes"] for run in runs), 1
        ),
        "sentences_per_second": middle([run.get("rate") for run in runs]),
        "bytes": middle([run.get("bytes") for run in runs]),
    }


def middle(values: list[float | None]) -> int | None:
    """The median of the values that are there, whole."""
    known = [value for value in values if value is not None]
    return round(median(known)) if known else None


def compare_same_folds(peer: Folds, ours: Folds) -> dict[str, Any] | None:
    """Macro-F1 of a peer and of ours on the folds that both have; None where that is none.

    Raises:
        DataError: they were not asked about the same sentences.
    """
    common = sorted(set(peer) & set(ours))
    if not common:
        return None
    reached = []
    for folds in (peer, ours):
        _, rows = read_folds([folds[number] for number in common])
        gold = flags([row["measures"] for row in rows])
        scores = np.array([row["scores"] for row in rows], dtype=np.float32)
        predicted = scores >= np.array([row["thresholds"] for row in rows], dtype=np.float32)
        reached.append(
            (
                [(row["id"], row["measures"]) for row in rows],
                measure_decisions(gold, predicted)["macro_f1"],
            )
        )
    (asked, theirs), (answered, own) = reached
    if asked != answered:
        raise DataError(
            f"{ours[common[0]].parent} was made from other data than {peer[common[0]].parent}; "
            "run `dvc repro experiments/crossval/dvc.yaml`, then the peers"
        )
    return {"folds": common, "macro_f1": theirs, OURS: own}


def show(entries: dict[str, dict[str, Any]]) -> str:
    """The entries as a Markdown table, the best last; then who has other folds than ours."""
    heads = ["", "folds", "macro-F1", *MEASURES, "exact", "mAP", "training", "sentences/s", "MB"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for entry in sorted(entries.values(), key=lambda entry: float(entry["macro_f1"])):
        collapsed = len(entry["collapsed_folds"])
        cells = [
            entry["title"] + (f" ({collapsed} collapsed)" if collapsed else ""),
            str(len(entry["folds"])),
            *(f"{value:.3f}" for value in (entry["macro_f1"], *entry["f1"].values())),
            f"{entry['exact_match']:.3f}",
            number(entry["mean_average_precision"], ".3f"),
            f"{entry['seconds_per_fold'] / 60:.1f} min",
            number(entry["sentences_per_second"], ",d"),
            number(entry["bytes"] and entry["bytes"] / 1e6, ".1f"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    all_of_ours = entries.get(OURS, {}).get("folds", [])
    for entry in entries.values():
        same = entry.get("same_folds")
        if same and not entry["folds"] == same["folds"] == all_of_ours:
            lines.append(
                f"on folds {same['folds']} alone: {entry['title']} {same['macro_f1']:.3f}, "
                f"{OURS} {same[OURS]:.3f}"
            )
    return "\n".join(lines)


def number(value: float | None, form: str) -> str:
    """`value` in the given form, or a dash."""
    return "–" if value is None else format(value, form)


def plot(entries: dict[str, dict[str, Any]], folds: int, path: Path) -> None:
    """Draw accuracy against speed as SVG, the same bytes for the same entries.

    Args:
        entries: those that have a speed are drawn.
        folds: how many a complete entry covers; others say how many they do.
        path: of the file.
    """
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    with pyplot.rc_context({"svg.hashsalt": OURS, "svg.fonttype": "none", "font.size": 9}):
        figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
        for name, entry in entries.items():
            if entry["sentences_per_second"] is None:
                continue
            x, y = entry["sentences_per_second"], entry["macro_f1"]
            colour = "#c0392b" if name == OURS else "#34495e"
            axes.vlines(x, *entry["interval"], color=colour, alpha=0.25, linewidth=3)
            axes.plot(x, y, "o", color=colour)
            covered = len(entry["folds"])
            label = entry["title"] + ("" if covered == folds else f" ({covered} of {folds} folds)")
            axes.annotate(
                label, (x, y), (6, 4), textcoords="offset points", color=colour, fontsize=8
            )
        axes.set_xscale("log")
        axes.set_xlabel("sentences a second")
        axes.set_ylabel("macro-F1 on speeches held out, with 95 % interval")
        axes.spines[["top", "right"]].set_visible(False)
        # Labels stand to the right of their points.
        low, high = axes.get_xlim()
        axes.set_xlim(low, high * 8)
        with replace_file(path) as beside:
            figure.savefig(beside, format="svg", metadata={"Date": None})
        pyplot.close(figure)
