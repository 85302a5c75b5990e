"""A task list as rows: the columns that sheet, Word table and CSV share; and JSON and CSV.

What a task holds is `cuoshi.tasks.task`'s; how a row looks on paper is left to
`tasks_xlsx`, `tasks_docx` and `tasks_table`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice
from os.path import commonprefix
from typing import Any, TextIO

from cuoshi.measures import MEASURES
from cuoshi.outputs.rows import guard_cell
from cuoshi.tags import Role
from cuoshi.tasks.dates import resolve_date
from cuoshi.tasks.task import Task, TaskList

TITLE = "督办清单"

INHERITED, ALL_INHERITED = "（承前）", "（均承前）"
"""Follow the name of a body that stands before the task, not in it; the names of several."""

CHECK = "需核对"
"""The remark on a task that a person should look at."""

STATES = ("未开始", "进行中", "已完成")
"""What 办理状态 may say; a new list says the first everywhere."""

NOTES = (
    f"{INHERITED}{ALL_INHERITED}：本句未写明责任单位，取自前文的句子或标题。",
    f"{CHECK}：置信度接近判定阈值，请对照原文确认。",
    "到期日：时限中最早的日期，另注完成时限的以所注为准；文中没有年份的，按文件的参照日期推算。",
    "原文位置：任务在原文中的起止字符（从 0 数起，不含止）。",
)

UNDATED = "讲话日期不明，只有写明年份的时限有到期日"
"""The remark on a document of which no reference date is known."""

_ANY_DAY = date(2020, 1, 1)
"""Shortly before a Spring Festival: 初七 alone counts from no other day."""

Value = str | int | float | date | None


@dataclass(frozen=True, slots=True)
class Row:
    """A task with its number, which runs through all documents from 1.

    Attributes:
        number: where the task is in the list.
        document: the document's name below the folder that all documents are in.
        task: the task.
    """

    number: int
    document: str
    task: Task


@dataclass(frozen=True, slots=True)
class Column:
    """A column of every form.

    Attributes:
        name: its heading.
        width: in digits of the ordinary font, as spreadsheets measure; a Chinese character
            takes two.
        read: what a row has in it; None where there is nothing to say.
        is_centred: whether it stands in the middle, as what is short does.
    """

    name: str
    width: float
    read: Callable[[Row], Value]
    is_centred: bool = True


def join_bodies(task: Task, role: Role) -> str:
    """The task's bodies of a role in one line, each once; "" if there are none.

    Those of which all mentions stand before the task are marked; one mark does for several
    where all of them are.
    """
    names = task.names(role)
    if len(names) > 1 and all(names.values()):
        return "、".join(names) + ALL_INHERITED
    return "、".join(name + INHERITED * is_marked for name, is_marked in names.items())


def join_deadlines(task: Task) -> str:
    """The task's deadlines in one line, each once; "" if there are none."""
    return "；".join(dict.fromkeys(deadline.text for deadline in task.deadlines))


def find_due(task: Task) -> date | None:
    """The first day on which one of the task's deadlines falls.

    Where such stand elsewhere, in a note or column (完成时限), it is theirs: those in the task's
    own words are often about a part of it.
    """
    dated = [(deadline, deadline.date) for deadline in task.deadlines if deadline.date]
    noted = [day for deadline, day in dated if not task.start <= deadline.start < task.end]
    return min(noted or [day for _, day in dated], default=None)


DOCUMENT_COLUMN = Column("文件", 16, lambda row: row.document or None, is_centred=False)

COLUMNS = (
    Column("序号", 6, lambda row: row.number),
    Column("措施", 8, lambda row: "、".join(row.task.measures)),
    Column("任务内容", 46, lambda row: row.task.text, is_centred=False),
    Column("责任单位", 20, lambda row: join_bodies(row.task, "lead") or None, is_centred=False),
    Column("配合单位", 14, lambda row: join_bodies(row.task, "support") or None, is_centred=False),
    Column("时限", 13, lambda row: join_deadlines(row.task) or None, is_centred=False),
    Column("到期日", 15, lambda row: find_due(row.task)),
    Column("原文位置", 14, lambda row: f"{row.task.start}–{row.task.end}"),
    Column("所在标题", 20, lambda row: row.task.heading or None, is_centred=False),
    Column("置信度", 9, lambda row: row.task.confidence),
    Column("办理状态", 11, lambda row: STATES[0]),
    Column("备注", 12, lambda row: CHECK if row.task.is_uncertain else None),
)


def choose_columns(task_lists: Sequence[TaskList]) -> tuple[Column, ...]:
    """`COLUMNS`, and after the number the document's where there are several."""
    if len(task_lists) < 2:
        return COLUMNS
    return (*COLUMNS[:1], DOCUMENT_COLUMN, *COLUMNS[1:])


def make_notes(task_lists: Sequence[TaskList]) -> tuple[str, ...]:
    """`NOTES`, and one on the documents that miss a reference date where there are such."""
    remark = describe_undated(task_lists)
    return (*NOTES, f"{remark}。") if remark else NOTES


def describe_undated(task_lists: Sequence[TaskList]) -> str:
    """`UNDATED`, behind the names of the documents where there are several; "" if it is of none.

    It is of a document without a reference date if one of its tasks has a deadline that would
    fall on a day if there were one.
    """
    names = [
        name
        for name, task_list in zip(_shorten_names(task_lists), task_lists, strict=True)
        if task_list.reference is None and any(map(_misses_day, task_list.tasks))
    ]
    if not names:
        return ""
    return UNDATED if len(task_lists) == 1 else f"{_join_names(names)}：{UNDATED}"


def name_documents(task_lists: Sequence[TaskList], most: int = 60) -> str:
    """The documents for a line of print: their names, or one and how many there are.

    Args:
        task_lists: one per document.
        most: characters that the names may take.
    """
    return _join_names(_shorten_names(task_lists), most)


def number_tasks(task_lists: Sequence[TaskList]) -> Iterator[Row]:
    """The tasks of all documents, one numbered row each."""
    number = 0
    for name, task_list in zip(_shorten_names(task_lists), task_lists, strict=True):
        for task in task_list.tasks:
            number += 1
            yield Row(number, name, task)


def write_tasks_csv(task_lists: Sequence[TaskList], stream: TextIO) -> None:
    """CSV that opens in Excel: a byte order mark, CRLF, and no cell that becomes a formula."""
    columns = choose_columns(task_lists)
    stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow([column.name for column in columns])
    for row in number_tasks(task_lists):
        writer.writerow([_format_value(column.read(row)) for column in columns])


def write_tasks_json(task_lists: Sequence[TaskList], stream: TextIO) -> None:
    """One JSON object with the documents, their reference dates and their tasks.

    Scores are rounded to four decimals, dates are ISO 8601, unknown ones null.
    """
    rows = number_tasks(task_lists)
    documents = [
        {
            "document": task_list.document.name,
            "reference_date": task_list.reference,
            "tasks": [_make_object(row) for row in islice(rows, len(task_list.tasks))],
        }
        for task_list in task_lists
    ]
    json.dump({"documents": documents}, stream, ensure_ascii=False, indent=2, default=_write_date)
    stream.write("\n")


def _shorten_names(task_lists: Sequence[TaskList]) -> list[str]:
    """The documents' names without the folder that all are in."""
    names = [task_list.document.name for task_list in task_lists]
    # commonpath refuses names of which some are absolute; cut at a slash, this one does no harm.
    folder = commonprefix(names).replace("\\", "/").rfind("/") + 1  # noqa: RUF071
    return [name[folder:] for name in names]


def _join_names(names: Sequence[str], most: int = 60) -> str:
    joined = "、".join(names)
    if len(joined) <= most:
        return joined
    first = names[0] if len(names[0]) <= most else "…" + names[0][1 - most :]
    return f"{first} 等 {len(names)} 个文件" if len(names) > 1 else first


def _misses_day(task: Task) -> bool:
    """Whether a deadline of the task falls on a day that only a reference date would tell."""
    return any(
        deadline.date is None
        and deadline.kind != "recurring"
        and resolve_date(deadline.text, _ANY_DAY) is not None
        for deadline in task.deadlines
    )


def _format_value(value: Value) -> str | int:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, date):
        return value.isoformat()
    return guard_cell(value) if isinstance(value, str) else value or ""


def _write_date(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be written as JSON")


def _make_object(row: Row) -> dict[str, Any]:
    task = row.task
    return {
        "number": row.number,
        "start": task.start,
        "end": task.end,
        "text": task.text,
        "sentence": task.sentence,
        "heading": task.heading,
        "measures": list(task.measures),
        "scores": {measure: round(task.scores[measure], 4) for measure in MEASURES},
        "confidence": round(task.confidence, 4),
        "uncertain": task.is_uncertain,
        "bodies": [
            {
                "start": body.start,
                "end": body.end,
                "text": body.text,
                "role": body.role,
                "inherited": body.is_inherited,
            }
            for body in task.bodies
        ],
        "deadlines": [asdict(deadline) for deadline in task.deadlines],
        "criteria": [asdict(criterion) for criterion in task.criteria],
    }
