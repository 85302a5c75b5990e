"""Show a task list in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cuoshi.measures import MEASURES
from cuoshi.outputs.table import COLOURS
from cuoshi.outputs.tasks_rows import (
    CHECK,
    Row,
    describe_undated,
    find_due,
    join_bodies,
    join_deadlines,
    number_tasks,
)
from cuoshi.outputs.tasks_summary import Count, count_tasks
from cuoshi.tasks.task import Task, TaskList


def show_tasks(task_lists: Sequence[TaskList], console: Console) -> None:
    """Print the tasks of each document under its name, and how many direct each measure.

    A last line says of which documents the date would tell more days.

    Args:
        task_lists: one per document.
        console: where to print.
    """
    rows = number_tasks(task_lists)
    for task_list in task_lists:
        console.print(Text(task_list.document.name, style="bold"))
        if task_list.tasks:
            console.print(_make_table(list(islice(rows, len(task_list.tasks)))))
    console.print(
        _summarise(count_tasks(task for task_list in task_lists for task in task_list.tasks))
    )
    if remark := describe_undated(task_lists):
        hint = Text(f"{remark}；可用 --date YYYY-MM-DD 指定日期。", style="yellow")
        console.print(hint, soft_wrap=True)


def _make_table(rows: Sequence[Row]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("序号", justify="right", no_wrap=True, style="dim")
    table.add_column("措施", no_wrap=True)
    table.add_column("任务内容", overflow="fold", ratio=3)
    table.add_column("责任单位", overflow="fold", ratio=1)
    table.add_column("时限", overflow="fold", max_width=14)
    table.add_column("置信度", justify="right", no_wrap=True)
    for row in rows:
        task = row.task
        table.add_row(
            str(row.number),
            Text("\n").join(Text(measure, style=COLOURS[measure]) for measure in task.measures),
            Text(task.text),
            Text(_say_who(task)),
            Text(_say_when(task)),
            Text(
                f"{task.confidence:.2f}" + f"\n{CHECK}" * task.is_uncertain,
                style="yellow" if task.is_uncertain else "",
            ),
        )
    return table


def _say_who(task: Task) -> str:
    """The leading bodies, and below them the supporting ones."""
    lead, support = join_bodies(task, "lead"), join_bodies(task, "support")
    return "\n".join(filter(None, (lead, support and f"配合：{support}")))


def _say_when(task: Task) -> str:
    """The deadlines, and below them the day on which the first falls, where that is known."""
    due = find_due(task)
    return join_deadlines(task) + (f"\n{due.isoformat()}" if due else "")


def _summarise(count: Count) -> Text:
    summary = Text(f"共 {count.tasks} 项任务：")
    for measure in MEASURES:
        summary.append(measure, style=COLOURS[measure])
        summary.append(f" {count.measures[measure]}　")
    return summary.append(f"{CHECK} {count.uncertain}")
