"""What the commands of `cuoshi` share: options, errors, reading documents and writing results."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO, TypeVar

import typer

from cuoshi.errors import CuoshiError, DocumentError
from cuoshi.measures import MEASURES

if TYPE_CHECKING:
    from cuoshi.classifier import Classifier, ScoredDocument

STANDARD_INPUT = Path("-")

AnyFormat = TypeVar("AnyFormat", bound=Enum)

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Documents and folders of documents; none or - for standard input."),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="DIR",
        help="Exported model; by default $CUOSHI_MODEL, or models/export of this project.",
    ),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="File to write to; not the terminal.")
]
MinScoreOption = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="Give a measure from this score on, not from the model's thresholds."
    ),
]
ThreadsOption = Annotated[
    int | None, typer.Option(min=1, help="Threads to compute on; by default one a core.")
]


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn a `CuoshiError` into one line on stderr and exit status 1."""
    try:
        yield
    except CuoshiError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(1) from error


def refuse(reason: str) -> NoReturn:
    """End with one line on stderr and exit status 2: the call was wrong."""
    print(f"error: {reason}", file=sys.stderr)
    raise typer.Exit(2)


def choose_format(output: Path | None, endings: Mapping[str, AnyFormat]) -> AnyFormat:
    """The format that the name of the output says; ends the command where it says none.

    Args:
        output: where to write; None for standard output.
        endings: the formats by ending, "" for standard output and names without one.
    """
    ending = output.suffix.lower() if output else ""
    if ending not in endings:
        refuse(
            f"{output} says no format: end it in one of {' '.join(filter(None, endings))}, "
            "or add --format"
        )
    return endings[ending]


def load_classifier(
    model: Path | None, threads: int | None, min_score: float | None = None
) -> Classifier:
    """The model that was named, else the one found, with its thresholds or one for all measures."""
    from cuoshi.classifier import load
    from cuoshi.model_folder import find_model

    classifier = load(model or find_model(), threads=threads)
    if min_score is not None:
        classifier.thresholds = (min_score,) * len(MEASURES)
    return classifier


def read_documents(
    classifier: Classifier, files: list[Path] | None, failures: list[DocumentError]
) -> Iterator[ScoredDocument]:
    """Read documents one after the other; those that cannot be read are reported.

    Where none can be read the command ends with exit status 1, and a file that it would write
    stays as it was.

    Args:
        classifier: reads them.
        files: documents and folders; none or - for standard input.
        failures: where the errors go after they are printed.
    """
    from cuoshi.reading import find_documents

    def fail(error: DocumentError) -> None:
        failures.append(error)
        print(f"error: {error}", file=sys.stderr)

    has_read = False
    with _progress() as advance:
        for file in files or [STANDARD_INPUT]:
            paths = [file] if file == STANDARD_INPUT else find_documents([file], on_error=fail)
            for path in paths:
                advance(str(path))
                try:
                    source = sys.stdin.buffer if path == STANDARD_INPUT else path
                    document = classifier.read(source)
                except DocumentError as error:
                    fail(error)
                else:
                    has_read = True
                    yield document
    if failures and not has_read:
        raise typer.Exit(1)


@contextmanager
def open_output(output: Path | None) -> Iterator[TextIO]:
    """Standard output in UTF-8, or a file that appears when all of it is written."""
    if output is None:
        if sys.stdout.encoding.lower().replace("-", "") != "utf8":
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        yield sys.stdout
        return
    from cuoshi.files import replace_file

    with replace_file(output) as beside, beside.open("w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line on stderr that names the document at work, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda name: status.update(name.replace("[", r"\["))
