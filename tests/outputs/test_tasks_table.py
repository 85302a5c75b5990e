import io
from dataclasses import replace

from rich.console import Console

from cuoshi.outputs.tasks_table import show_tasks
from cuoshi.tasks.task import TaskList

from .conftest import PLAIN, TASK, make_list


def show(*task_lists: TaskList, **console: object) -> str:
    stream = io.StringIO()
    show_tasks(task_lists, Console(file=stream, width=120, **console))
    return stream.getvalue()


def test_the_table_says_what_who_and_by_when() -> None:
    shown = show(make_list(TASK), make_list(PLAIN, name="b.txt"))
    for part in (
        "a.txt",
        "b.txt",
        "物资",
        "问责",
        "2月10日前",
        "2020-02-10",
        "0.70",
        "需核对",
        "各镇",
    ):
        assert part in shown
    assert "共 2 项任务：隔离 1　宣传 0　物资 1　问责 1　需核对 1" in shown


def test_a_document_cannot_colour_or_hide_its_text() -> None:
    hostile = replace(TASK, text="[red]要登记[/red]", bodies=(), deadlines=())
    assert hostile.text in show(make_list(hostile), force_terminal=True, color_system=None)


def test_a_document_without_tasks_has_its_name_alone() -> None:
    assert show(make_list()).splitlines()[0] == "a.txt"
    assert "共 0 项任务" in show(make_list())
