import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from cuoshi.outputs.tasks_rows import (
    CHECK,
    COLUMNS,
    NOTES,
    UNDATED,
    choose_columns,
    describe_undated,
    find_due,
    join_bodies,
    make_notes,
    name_documents,
    number_tasks,
    write_tasks_csv,
    write_tasks_json,
)
from cuoshi.tasks.task import Body, Deadline, TaskList

from .conftest import PLAIN, TASK, make_list


def write_csv(*task_lists: TaskList) -> str:
    stream = io.StringIO(newline="")
    write_tasks_csv(task_lists, stream)
    return stream.getvalue()


def read_csv(written: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline="")))


def read_json(task_lists: Sequence[TaskList]) -> dict:
    stream = io.StringIO()
    write_tasks_json(task_lists, stream)
    return json.loads(stream.getvalue())


def test_a_row_says_all_about_its_task() -> None:
    (row,) = number_tasks([make_list(TASK)])
    assert {column.name: column.read(row) for column in COLUMNS} == {
        "序号": 1,
        "措施": "物资、问责",
        "任务内容": TASK.text,
        "责任单位": "县指挥部（承前）、各镇",
        "配合单位": "公安局",
        "时限": "每日；2月10日前",
        "到期日": date(2020, 2, 10),
        "原文位置": "12–40",
        "所在标题": "二、物资",
        "置信度": 0.7,
        "办理状态": "未开始",
        "备注": CHECK,
    }


def test_a_body_is_named_once_and_as_its_own_where_the_task_names_it() -> None:
    inherited = (
        Body(0, 2, "各镇", is_inherited=True),
        Body(3, 6, "卫健局", is_inherited=True),
        Body(3, 6, "卫健局", is_inherited=True),
    )
    own = replace(TASK, bodies=(*inherited, Body(9, 11, "各镇")))
    assert join_bodies(own, "lead") == "各镇、卫健局（承前）"
    assert join_bodies(own, "support") == ""
    assert join_bodies(replace(TASK, bodies=inherited), "lead") == "各镇、卫健局（均承前）"
    assert join_bodies(replace(TASK, bodies=inherited[:1]), "lead") == "各镇（承前）"


def test_somebody_named_with_and_without_a_post_is_named_once() -> None:
    names = ("李明", "县医院", "王强主任", "县医院院长", "王强", "公安", "公安局长")
    bodies = tuple(Body(0, 2, name) for name in names)
    once = "李明、县医院、王强主任、县医院院长、公安、公安局长"
    assert join_bodies(replace(TASK, bodies=bodies), "lead") == once


def test_the_first_day_is_when_a_task_is_due() -> None:
    later = Deadline(TASK.start, TASK.start + 1, "月底前", "absolute", date(2020, 2, 29))
    assert find_due(replace(TASK, deadlines=(later, *TASK.deadlines))) == date(2020, 2, 10)
    assert find_due(PLAIN) is None


def test_a_deadline_that_stands_elsewhere_goes_before_the_tasks_own() -> None:
    own = Deadline(TASK.start, TASK.start + 1, "立即", "relative", date(2020, 1, 27))
    noted = Deadline(TASK.end + 5, TASK.end + 9, "1月31日前", "absolute", date(2020, 1, 31))
    assert find_due(replace(TASK, deadlines=(noted, own))) == date(2020, 1, 31)


def test_a_document_is_undated_where_a_date_would_tell_a_day() -> None:
    def describe(kind: str, *words: str, reference: date | None = None) -> str:
        deadlines = tuple(Deadline(0, 1, w, kind) for w in words)  # type: ignore[arg-type]
        return describe_undated(
            [make_list(replace(PLAIN, deadlines=deadlines), reference=reference)]
        )

    for words in ("会后立即", "24小时内", "3个工作日内", "明天", "下周五前"):
        assert describe("relative", "疫情解除前", words) == UNDATED
    for words in ("2月10日前", "春节前", "2月29日", "初七前", "今年年底"):
        assert describe("absolute", words) == UNDATED
    assert describe("relative", "疫情解除前", "接到通知后三天内") == ""
    assert describe("recurring", "每日下午3点前", "每周五") == ""
    assert describe("relative", "会后立即", reference=date(2020, 2, 1)) == ""
    assert describe_undated([make_list(TASK, PLAIN)]) == describe_undated([]) == ""


def test_a_note_on_undated_documents_is_there_only_with_them() -> None:
    undated = replace(PLAIN, deadlines=(Deadline(0, 4, "会后立即", "relative"),))
    one, two = make_list(undated, name="x/1/a.txt"), make_list(TASK, name="x/2/a.txt")
    assert make_notes([one]) == (*NOTES, f"{UNDATED}。")
    assert make_notes([one, two])[-1] == f"1/a.txt：{UNDATED}。"
    assert make_notes([two]) == NOTES


def test_several_documents_have_a_column_and_one_numbering() -> None:
    lists = [make_list(TASK, PLAIN), make_list(), make_list(TASK, name="b.txt")]
    assert [row.number for row in number_tasks(lists)] == [1, 2, 3]
    header, *rows = read_csv(write_csv(*lists))
    assert header[:2] == ["序号", "文件"]
    assert [row[:2] for row in rows] == [["1", "a.txt"], ["2", "a.txt"], ["3", "b.txt"]]
    assert choose_columns(lists[:1]) == COLUMNS


def test_names_lose_the_folder_that_all_documents_are_in() -> None:
    lists = [make_list(TASK, name=name) for name in ("/x/speech/a.txt", "/x/spring/a.txt")]
    assert [row.document for row in number_tasks(lists)] == ["speech/a.txt", "spring/a.txt"]
    assert name_documents(lists) == "speech/a.txt、spring/a.txt"
    assert name_documents(lists[:1]) == "a.txt"
    assert name_documents([]) == ""


def test_a_line_of_print_has_room_for_many_documents_and_long_names() -> None:
    lists = [make_list(name=f"x/{i}.txt") for i in range(99)]
    assert name_documents(lists) == "0.txt 等 99 个文件"
    assert name_documents([make_list(name="文" * 99 + ".txt")]) == "…" + "文" * 55 + ".txt"


def test_csv_opens_in_excel_and_computes_nothing() -> None:
    written = write_csv(make_list(replace(TASK, text="=1+1", heading="@A1"), PLAIN))
    assert written.startswith("\ufeff序号,")
    assert written.count("\r\n") == 3
    header, first, second = read_csv(written)
    assert header == [column.name for column in COLUMNS]
    cells = dict(zip(header, first, strict=True))
    assert (cells["任务内容"], cells["所在标题"]) == ("'=1+1", "'@A1")
    assert (cells["到期日"], cells["置信度"]) == ("2020-02-10", "0.7000")
    assert dict(zip(header, second, strict=True))["责任单位"] == ""


def test_json_holds_everything_that_was_found() -> None:
    written = read_json([make_list(TASK, reference=date(2020, 2, 1)), make_list(name="b.txt")])
    first, second = written["documents"]
    assert second == {"document": "b.txt", "reference_date": None, "tasks": []}
    assert (first["document"], first["reference_date"]) == ("a.txt", "2020-02-01")
    assert first["tasks"] == [
        {
            "number": 1,
            "start": 12,
            "end": 40,
            "text": TASK.text,
            "sentence": 3,
            "heading": "二、物资",
            "measures": ["物资", "问责"],
            "scores": {"隔离": 0.0111, "宣传": 0.02, "物资": 0.9877, "问责": 0.7},
            "confidence": 0.7,
            "uncertain": True,
            "bodies": [
                {"start": 0, "end": 5, "text": "县指挥部", "role": "lead", "inherited": True},
                {"start": 12, "end": 14, "text": "各镇", "role": "lead", "inherited": False},
                {"start": 29, "end": 32, "text": "公安局", "role": "support", "inherited": False},
            ],
            "deadlines": [
                {"start": 36, "end": 38, "text": "每日", "kind": "recurring", "date": None},
                {
                    "start": 14,
                    "end": 20,
                    "text": "2月10日前",
                    "kind": "absolute",
                    "date": "2020-02-10",
                },
            ],
            "criteria": [{"start": 20, "end": 24, "text": "备足口罩", "kind": "condition"}],
        }
    ]


def test_the_tasks_of_the_real_speeches_read_back_from_json(real_lists: list[TaskList]) -> None:
    read = read_json(real_lists)["documents"]
    numbers = [task["number"] for document in read for task in document["tasks"]]
    assert numbers == list(range(1, len(numbers) + 1))
    for task_list, document in zip(real_lists, read, strict=True):
        spans = [(task["start"], task["end"], task["text"]) for task in document["tasks"]]
        assert spans == [(task.start, task.end, task.text) for task in task_list.tasks]
