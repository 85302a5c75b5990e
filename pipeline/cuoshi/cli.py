"""The commands of `cuoshi`: thin, the package does the work.

What only one command needs is imported inside it, so that `cuoshi --help` is instant.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from cuoshi import __version__
from cuoshi.cli_serve import serve
from cuoshi.cli_shared import (
    FilesArgument,
    MinScoreOption,
    ModelOption,
    OutputOption,
    ThreadsOption,
    choose_format,
    load_classifier,
    open_output,
    read_documents,
    report_errors,
)
from cuoshi.cli_tasks import tasks
from cuoshi.errors import DocumentError
from cuoshi.measures import MEASURES

if TYPE_CHECKING:
    from cuoshi.classifier import ScoredDocument, ScoredSentence

app = typer.Typer(
    name="cuoshi",
    help="Find the sentences of Chinese speeches that direct a measure: 隔离, 宣传, 物资, 问责.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


class Format(str, Enum):
    """How `predict` writes."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    text = "text"


ENDINGS = {
    "": Format.table,
    ".txt": Format.text,
    ".json": Format.json,
    ".jsonl": Format.jsonl,
    ".csv": Format.csv,
}


def show_version(wanted: bool) -> None:
    """Print the version and exit, where that is wanted."""
    if wanted:
        print(f"cuoshi {__version__}")
        raise typer.Exit


@app.callback()
def prepare(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Set up what all commands share; the help text is the application's."""
    # A reader that closes the pipe (`| head`) ends us quietly, as it ends cat or grep.
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


@app.command(epilog="Example: cuoshi predict speech.docx minutes/ --output measures.csv")
def predict(
    files: FilesArgument = None,
    model: ModelOption = None,
    format: Annotated[
        Format | None,
        typer.Option(help="By default what the ending of --output says, else a table."),
    ] = None,
    output: OutputOption = None,
    all_sentences: Annotated[
        bool, typer.Option("--all", help="Write the sentences without a measure too.")
    ] = False,
    min_score: MinScoreOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Write the sentences of documents that direct a measure."""
    chosen = format or choose_format(output, ENDINGS)
    with report_errors():
        failures: list[DocumentError] = []
        classifier = load_classifier(model, threads, min_score)
        documents = read_documents(classifier, files, failures)
        with open_output(output) as stream:
            if chosen is Format.table:
                _write_tables(documents, stream, all_sentences)
            else:
                _write_rows(documents, stream, chosen, all_sentences)
    if failures:
        raise typer.Exit(1)


app.command(epilog="Example: cuoshi tasks speech.docx --date 2020-02-01 --output tasks.xlsx")(tasks)
app.command(epilog="Example: cuoshi serve --port 8080")(serve)


@app.command(epilog="Example: cuoshi info --model models/export")
def info(model: ModelOption = None) -> None:
    """Print a model's test figures, thresholds and versions."""
    from cuoshi.model_folder import find_model, open_model_folder

    with report_errors():
        folder = open_model_folder(model or find_model())
        manifest = folder.manifest
        test = manifest["test"]
        print(f"model       {folder.path}")
        print(f"precisions  {', '.join(folder.precisions)}")
        print(f"window      {folder.max_length} tokens")
        print("measure   threshold  precision  recall     F1  support")
        for measure, threshold in zip(MEASURES, folder.calibration.thresholds, strict=True):
            row = test["measures"][measure]
            print(
                f"{measure}           {threshold:.2f}      {row['precision']:.3f}   "
                f"{row['recall']:.3f}  {row['f1']:.3f}  {row['support']:7}"
            )
        low, high = test["intervals"]["macro_f1"]
        print(
            f"macro-F1 {test['macro_f1']:.3f} (95 % interval {low:.3f} – {high:.3f}), "
            f"exact match {test['exact_match']:.3f}"
        )
        print("made with  ", ", ".join(f"{k} {v}" for k, v in manifest["versions"].items()))
        print(f"code        {manifest['code_revision'] or 'unknown'}")


@app.command(epilog="Example: cuoshi check --model models/export")
def check(model: ModelOption = None, threads: ThreadsOption = None) -> None:
    """Check a model's files and run its self-test on this machine."""
    from cuoshi.model_folder import find_model
    from cuoshi.selftest import run_selftest

    with report_errors():
        for line in run_selftest(model or find_model(), threads):
            print(line)


def _choose(document: ScoredDocument, all_sentences: bool) -> list[ScoredSentence]:
    return [s for s in document if all_sentences or (s.measures and not s.is_web_matter)]


def _write_tables(
    documents: Iterator[ScoredDocument],
    stream: TextIO,
    all_sentences: bool,
) -> None:
    from rich.console import Console

    from cuoshi.outputs.table import PLAIN_WIDTH, show_document

    console = Console(file=stream, width=None if stream.isatty() else PLAIN_WIDTH)
    for document in documents:
        chosen = _choose(document, all_sentences)
        show_document(document.name, chosen, len(document), console)


def _write_rows(
    documents: Iterator[ScoredDocument],
    stream: TextIO,
    format: Format,
    all_sentences: bool,
) -> None:
    from cuoshi.outputs.rows import WRITERS, make_row

    rows = (
        make_row(document.name, sentence)
        for document in documents
        for sentence in _choose(document, all_sentences)
    )
    WRITERS[format.value](rows, stream)
