import io
from dataclasses import replace
from datetime import date

from rich.console import Console

from cuoshi.outputs.tasks_rows import UNDATED
from cuoshi.outputs.tasks_table import show_tasks
from cuoshi.tasks.task import Body, Deadline, TaskList

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


def test_supporting_bodies_stand_on_a_line_of_their_own() -> None:
    lines = [line.split() for line in show(make_list(TASK)).splitlines()]
    (support,) = [line for line in lines if "配合：公安局" in line]
    assert "各镇" not in "".join(support)
    alone = replace(TASK, bodies=(Body(0, 3, "公安局", role="support"),), deadlines=())
    first = next(line for line in show(make_list(alone)).splitlines() if TASK.text[:4] in line)
    assert "配合：公安局" in first.split()


def test_the_last_line_names_the_documents_that_a_date_would_help() -> None:
    soon = replace(PLAIN, deadlines=(Deadline(0, 4, "会后立即", "relative"),))
    lists = [make_list(soon), make_list(TASK, name="b.txt"), make_list(soon, name="c.txt")]
    wanted = f"a.txt、c.txt：{UNDATED}；可用 --date YYYY-MM-DD 指定日期。"
    assert show(*lists).splitlines()[-1] == wanted
    assert show(lists[0]).splitlines()[-1].startswith(f"{UNDATED}；")
    known = make_list(soon, reference=date(2020, 2, 1))
    assert show(known, lists[1]).splitlines()[-1].startswith("共 ")


def test_a_document_cannot_colour_or_hide_its_text() -> None:
    hostile = replace(TASK, text="[red]要登记[/red]", bodies=(), deadlines=())
    assert hostile.text in show(make_list(hostile), force_terminal=True, color_system=None)


def test_a_document_without_tasks_has_its_name_alone() -> None:
    assert show(make_list()).splitlines()[0] == "a.txt"
    assert "共 0 项任务" in show(make_list())
