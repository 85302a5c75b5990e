"""How well other ways find measures, on the folds of the cross-validation.

    python benchmarks/peers.py [PEER ...] [--folds 2,5]

Fits each peer (all where none is named) to each fold, pools what is finished, this project's own
folds beside it, and writes reports/peers.json and docs/peers.svg. A finished fold is kept in
models/peers and not run again while its data and settings stay; a killed one is begun again, a
fine-tuned one from its last checkpoint. Needs `pip install '.[peers]'`, the cross-validation
(`dvc repro experiments/crossval/dvc.yaml`) and models/export.

A peer's thresholds are chosen on the validation split, as ours are. A run that collapses counts
as one that finds nothing. Speed is that of one process on bare sentences.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from inference import read_sentences
from peers_folds import TIMED_SENTENCES, Comparison, measure_rate
from peers_models import PEERS, Settings
from peers_report import OURS, Folds, compare_same_folds, plot, pool, show

import cuoshi
from cuoshi.engine import count_cores
from cuoshi.errors import ConfigError
from cuoshi.experiments.fold import fold_path
from cuoshi.files import write_json
from cuoshi.stages.config import (
    BASE,
    EXPORT,
    REPORTS,
    CrossvalConfig,
    EvaluateConfig,
    PreprocessConfig,
    TrainConfig,
    read_config,
    run_stage,
)

FOLDS = Path("models/peers")
REPORT = REPORTS / "peers.json"
PLOT = Path("docs/peers.svg")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    peers: Annotated[
        list[str] | None, typer.Argument(metavar="[PEER]...", help=", ".join(PEERS))
    ] = None,
    folds: Annotated[str, typer.Option(help="Numbers such as 2,5; all by default")] = "",
) -> None:
    """Fit peers to folds, then pool all that is finished.

    Example: python benchmarks/peers.py keywords fasttext --folds 2,5
    """
    comparison = Comparison(
        read_config(CrossvalConfig, "crossval"),
        read_config(PreprocessConfig, "preprocess"),
        Settings(BASE, read_config(TrainConfig, "train"), read_config(EvaluateConfig, "evaluate")),
        FOLDS,
    )
    names = choose_peers(peers)
    numbers = choose_folds(folds, comparison.numbers)
    for name in names:
        for number in numbers:
            if number not in comparison.finished(name):
                print(describe_fold(name, number, run(comparison, name, number)), flush=True)
    entries = pool_all(comparison)
    write_json(REPORT, {"cores": count_cores(), "peers": entries})
    plot(entries, len(comparison.numbers), PLOT)
    print(show(entries))


def choose_peers(named: list[str] | None) -> list[str]:
    """The peers to run: those that are named, or all.

    Raises:
        typer.BadParameter: there is no such peer.
    """
    for name in named or ():
        if name not in PEERS:
            raise typer.BadParameter(f"no peer is called {name}; name one of {', '.join(PEERS)}")
    return named or list(PEERS)


def choose_folds(named: str, numbers: range) -> list[int]:
    """The folds to run: those in a list such as `2,5`, or all.

    Raises:
        typer.BadParameter: it is no such list, or there is no such fold.
    """
    if not named:
        return list(numbers)
    try:
        chosen = [int(number) for number in named.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"--folds takes numbers such as 2,5, not {named}") from error
    for number in chosen:
        if number not in numbers:
            raise typer.BadParameter(f"there is no fold {number}; name 1 to {numbers[-1]}")
    return chosen


def run(comparison: Comparison, name: str, number: int) -> dict[str, Any]:
    """Run one fold.

    Raises:
        ConfigError: what the peer needs is not installed.
    """
    try:
        return comparison.run(name, number)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{name} needs {error.name}, which is not installed; run `pip install '.[peers]'`"
        ) from error


def describe_fold(name: str, number: int, fold: dict[str, Any]) -> str:
    """One line on a fold that has just been run."""
    end = fold.get("collapsed") or f"{fold['rate']:,.0f} sentences a second"
    return (
        f"{name}, fold {number}: {fold['training_sentences']} sentences in "
        f"{fold['seconds']:.1f} s; {len(fold['sentences'])} held out; {end}"
    )


def pool_all(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """The figures of every peer with a finished fold, and of ours, by name.

    Raises:
        DataError: our folds were made from other data.
        ModelError: there is no models/export.
    """
    ours = find_ours(comparison)
    entries = {}
    for name, peer in PEERS.items():
        finished = comparison.finished(name)
        if finished:
            entries[name] = {
                "title": peer.title,
                "runs_on": peer.runs_on,
                **pool(finished, comparison.crossval, has_scores=peer.has_scores),
                "same_folds": compare_same_folds(finished, ours),
            }
    if ours:
        entries[OURS] = {
            "title": OURS,
            "runs_on": "onnxruntime int8",
            **pool(ours, comparison.crossval),
            **weigh_ours(),
        }
    return entries


def find_ours(comparison: Comparison) -> Folds:
    """The files of this project's own folds that have been run."""
    seed = comparison.crossval.seeds[0]
    paths = {number: fold_path(number, seed) for number in comparison.numbers}
    return {number: path for number, path in paths.items() if path.is_file()}


def weigh_ours() -> dict[str, int]:
    """Speed of models/export in int8, and the bytes that prediction in int8 reads.

    Raises:
        ModelError: it is missing or damaged.
    """
    classifier = cuoshi.load(EXPORT)
    texts = read_sentences(TIMED_SENTENCES)
    rate = measure_rate(lambda: classifier.predict(texts), len(texts))
    unread = {"model.onnx", "model.safetensors"}
    size = sum(path.stat().st_size for path in EXPORT.iterdir() if path.name not in unread)
    return {"sentences_per_second": round(rate), "bytes": size}


if __name__ == "__main__":
    run_stage(app)
