"""The command `cuoshi tasks`: one task list over all documents, in the form asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

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
    refuse,
    report_errors,
)
from cuoshi.errors import DocumentError
from cuoshi.measures import MEASURES

if TYPE_CHECKING:
    from cuoshi.tasks.task import TaskList


class TasksFormat(str, Enum):
    """How `tasks` writes."""

    table = "table"
    xlsx = "xlsx"
    html = "html"
    docx = "docx"
    json = "json"
    csv = "csv"


BINARY = (TasksFormat.xlsx, TasksFormat.docx)

ENDINGS = {
    "": TasksFormat.table,
    ".txt": TasksFormat.table,
    ".htm": TasksFormat.html,
    **{f".{format.value}": format for format in TasksFormat if format is not TasksFormat.table},
}


def tasks(
    files: FilesArgument = None,
    day: Annotated[
        str | None,
        typer.Option(
            "--date",
            metavar="YYYY-MM-DD",
            help="Day of the documents, from which deadlines count; by default what they say.",
        ),
    ] = None,
    format: Annotated[
        TasksFormat | None,
        typer.Option(help="By default what the ending of --output says, else a table."),
    ] = None,
    output: OutputOption = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE",
            help=f"Only tasks of this measure ({' '.join(MEASURES)}); may be repeated.",
            autocompletion=lambda: list(MEASURES),
        ),
    ] = None,
    model: ModelOption = None,
    min_score: MinScoreOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Write the task list of documents: what is to be done, by whom and by when."""
    reference = _parse_date(day)
    wanted = _check_measures(measure)
    chosen = format or choose_format(output, ENDINGS)
    if chosen in BINARY and output is None and sys.stdout.isatty():
        refuse(
            f"{chosen.value} is not for a terminal: "
            f"add --output tasks.{chosen.value}, or send standard output to a file"
        )
    with report_errors():
        from cuoshi.tasks.extract import find_tasks

        failures: list[DocumentError] = []
        classifier = load_classifier(model, threads, min_score)
        with open_output(output) as stream:
            task_lists = [
                _select(find_tasks(document, classifier, reference), wanted)
                for document in read_documents(classifier, files, failures)
            ]
            _write(task_lists, chosen, stream)
        if not any(task_list.tasks for task_list in task_lists):
            print("没有找到任务", file=sys.stderr)
    if failures:
        raise typer.Exit(1)


def _parse_date(day: str | None) -> date | None:
    try:
        return datetime.strptime(day, "%Y-%m-%d").date() if day is not None else None
    except ValueError:
        refuse(f"--date {day} is no day: write it as YYYY-MM-DD, 2020-02-10 for instance")


def _check_measures(measures: list[str] | None) -> frozenset[str]:
    for measure in measures or ():
        if measure not in MEASURES:
            refuse(f"--measure {measure} is unknown: choose from {' '.join(MEASURES)}")
    return frozenset(measures or MEASURES)


def _select(task_list: TaskList, wanted: frozenset[str]) -> TaskList:
    """The list with those of its tasks that direct one of the wanted measures."""
    chosen = tuple(task for task in task_list.tasks if wanted.intersection(task.measures))
    return replace(task_list, tasks=chosen)


def _write(task_lists: Sequence[TaskList], format: TasksFormat, stream: TextIO) -> None:
    """Each writer is imported where it is used: start-up stays quick."""
    if format is TasksFormat.xlsx:
        from cuoshi.outputs.tasks_xlsx import write_xlsx

        write_xlsx(task_lists, stream.buffer)
    elif format is TasksFormat.docx:
        from cuoshi.outputs.tasks_docx import write_docx

        write_docx(task_lists, stream.buffer)
    elif format is TasksFormat.html:
        from cuoshi.outputs.page import render_page

        stream.write(render_page(task_lists))
    elif format is TasksFormat.json:
        from cuoshi.outputs.tasks_rows import write_tasks_json

        write_tasks_json(task_lists, stream)
    elif format is TasksFormat.csv:
        from cuoshi.outputs.tasks_rows import write_tasks_csv

        write_tasks_csv(task_lists, stream)
    else:
        from rich.console import Console

        from cuoshi.outputs.table import PLAIN_WIDTH
        from cuoshi.outputs.tasks_table import show_tasks

        show_tasks(task_lists, Console(file=stream, width=None if stream.isatty() else PLAIN_WIDTH))
