import io
from datetime import date
from typing import Any

import docx
import pytest

from cuoshi.reading.markdown import read_markdown
from cuoshi.reading.web import read_html
from cuoshi.reading.word import read_docx
from cuoshi.tasks.extract import find_tasks

from .conftest import WordClassifier

NAMES = ["序号", "任务", "责任单位", "配合单位", "完成时限"]
ROWS = [
    ["一、人员管控", "", "", "", ""],
    ["1", "逐户登记。无故缺席的通报。", "县卫健局\n某某专班", "", "1月31日前"],
    ["2", "登记外来车辆", "", "各镇", "长期坚持"],
    ["3", "各校备足口罩", "县教体局", "", ""],
]


def in_word() -> str:
    document = docx.Document()
    document.add_paragraph("各单位：")
    table = document.add_table(rows=5, cols=5)
    for i, row in enumerate([NAMES, *ROWS]):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    table.cell(1, 0).merge(table.cell(1, 4))
    table.cell(2, 2).merge(table.cell(3, 2))
    document.add_paragraph("由各镇广播。")
    file = io.BytesIO()
    document.save(file)
    return read_docx(file.getvalue(), "x.docx")


def in_html() -> str:
    head = "".join(f"<th>{name}" for name in NAMES)
    body = (
        "<tr><td colspan=5>一、人员管控"
        "<tr><td>1<td>逐户登记。无故缺席的通报。<td rowspan=2><p>县卫健局<p>某某专班</p>"
        "<td><td>1月31日前"
        "<tr><td>2<td>登记外来车辆<td>各镇<td>长期坚持"
        "<tr><td>3<td>各校备足口罩<td>县教体局<td><td>"
    )
    page = f"<p>各单位：</p><table><tr>{head}{body}</table><p>由各镇广播。</p>"
    return read_html(page.encode(), "x.html")[0]


def in_markdown() -> str:
    rows = [[cell.replace("\n", "、") for cell in row] for row in ROWS]
    lines = ["|".join(row) for row in [NAMES, ["-"] * 5, *rows]]
    page = "各单位：\n\n" + "\n".join(f"|{line}|" for line in lines) + "\n\n由各镇广播。"
    return read_markdown(page.encode(), "x.md")[0]


@pytest.mark.parametrize("read", [in_word, in_html, in_markdown])
def test_columns_say_who_answers_for_a_row_and_by_when(
    word_classifier: WordClassifier, read: Any
) -> None:
    text = read()
    found = find_tasks(word_classifier.read_text(text), word_classifier, date(2022, 1, 20))  # type: ignore[arg-type]
    tasks = [
        (
            task.text,
            [(body.text, body.role) for body in task.bodies if not body.is_inherited],
            [(due.text, due.date) for due in task.deadlines],
        )
        for task in found.tasks
    ]
    health = [("县卫健局", "lead"), ("某某专班", "lead")]
    january = [("1月31日前", date(2022, 1, 31))]
    assert tasks == [
        ("逐户登记。", health, january),
        ("无故缺席的通报。", health, january),
        ("登记外来车辆", [*health, ("各镇", "support")], [("长期坚持", None)]),
        ("各校备足口罩", [("县教体局", "lead"), ("各校", "lead")], [("长期坚持", None)]),
        ("由各镇广播。", [("各镇", "lead")], []),
    ]
    for task in found.tasks:
        for span in (*task.bodies, *task.deadlines):
            assert text[span.start : span.end] == span.text


@pytest.mark.parametrize(
    ("rows", "tasks"),
    [
        (
            "序号|工作职责|牵头单位|联系电话/1|逐户登记。|县卫健局|5221234/2|广播。|各镇|5221235",
            [("逐户登记。", {"县卫健局": "lead"}, []), ("广播。", {"各镇": "lead"}, [])],
        ),
        (
            "责任单位|主要职责/县卫健局|逐户登记。/各镇|广播。",
            [("逐户登记。", {"县卫健局": "lead"}, []), ("广播。", {"各镇": "lead"}, [])],
        ),
        (
            "序号|任务|责任分工||完成时限/||牵头单位|配合单位|"
            "/1|逐户登记。|县卫健局|各镇|立即/2|广播。|各镇||每日",
            [
                ("逐户登记。", {"县卫健局": "lead", "各镇": "support"}, ["立即"]),
                ("广播。", {"各镇": "lead"}, ["每日"]),
            ],
        ),
    ],
)
def test_columns_of_duties_and_names_in_two_rows(
    word_classifier: WordClassifier, rows: str, tasks: Any
) -> None:
    assert read(word_classifier, *rows.split("/")) == tasks


def test_a_title_across_the_columns_ends_what_cells_go_on_with(
    word_classifier: WordClassifier,
) -> None:
    rows = "序号|任务|责任单位/一、登记|||/1|逐户登记。|县卫健局/2|登记车辆。|/二、宣传||/3|广播。|"
    assert read(word_classifier, *rows.split("/"))[-2:] == [
        ("登记车辆。", {"县卫健局": "lead"}, []),
        ("广播。", {}, []),
    ]


def test_a_task_of_several_paragraphs_keeps_its_row(word_classifier: WordClassifier) -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=3)
    cells = ["逐户登记\n\n\u3000\u3000无故缺席的通报。", "县卫健局", "各镇"]
    for i, row in enumerate([NAMES[1:4], cells]):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    file = io.BytesIO()
    document.save(file)
    page = (
        "<table><tr><th>任务<th>责任单位<th>配合单位"
        "<tr><td><p>逐户登记</p><p>无故缺席的通报。</p><td>县卫健局<td>各镇</table>"
    )
    text = read_docx(file.getvalue(), "x.docx")
    assert text == read_html(page.encode(), "x.html")[0]
    found = find_tasks(word_classifier.read_text(text), word_classifier)  # type: ignore[arg-type]
    assert [(task.text, [body.text for body in task.bodies]) for task in found.tasks] == [
        ("逐户登记", ["县卫健局", "各镇"]),
        ("无故缺席的通报。", ["县卫健局", "各镇"]),
    ]


def test_paragraphs_of_a_cell_take_nothing_from_each_other(word_classifier: WordClassifier) -> None:
    paragraphs = ["县卫健局要逐户登记。", "备足口罩。", "广播。（责任单位：各镇）"]
    text = "任务\u3000完成时限\n" + "\u2028".join(paragraphs) + "\u3000立即"
    found = find_tasks(word_classifier.read_text(text), word_classifier)  # type: ignore[arg-type]
    assert [[body.text for body in task.bodies] for task in found.tasks] == [
        ["县卫健局"],
        [],
        ["各镇"],
    ]


def read(classifier: WordClassifier, *rows: str) -> list[tuple[str, dict[str, str], list[str]]]:
    """The tasks of rows with | between their cells: words, bodies with roles, deadlines."""
    text = "\n".join(row.replace("|", "\u3000") for row in rows)
    found = find_tasks(classifier.read_text(text), classifier, date(2022, 1, 20))  # type: ignore[arg-type]
    for task in found.tasks:
        for span in (*task.bodies, *task.deadlines):
            assert text[span.start : span.end] == span.text
    return [
        (
            task.text,
            {body.text: body.role for body in task.bodies if not body.is_inherited},
            [due.text for due in task.deadlines],
        )
        for task in found.tasks
    ]


HEALTH, VILLAGES = {"县卫健局": "lead"}, {"各镇": "lead"}


@pytest.mark.parametrize(
    ("rows", "tasks"),
    [
        (
            "疫情防控督办单/督办事项|逐户登记。|编号|3/责任单位|县卫健局|配合单位：|各镇/完成时限|立即|备注|"
            "/督办事项|广播。|编号|4/责任单位|各镇||/完成时限|1月31日前||",
            [
                ("逐户登记。", HEALTH | {"各镇": "support"}, ["立即"]),
                ("广播。", VILLAGES, ["1月31日前"]),
            ],
        ),
        (
            "1|逐户登记。/责任单位|县卫健局/完成时限|立即/2|广播。/责任单位|各镇/完成时限|长期坚持",
            [("逐户登记。", HEALTH, ["立即"]), ("广播。", VILLAGES, ["长期坚持"])],
        ),
        (
            "一|逐户登记。|责任单位|县卫健局/二|广播。|责任单位|各镇",
            [("逐户登记。", HEALTH, []), ("广播。", VILLAGES, [])],
        ),
        (
            "工作任务|逐户登记。|责任单位|县卫健局/完成时限|立即||",
            [("逐户登记。", HEALTH, ["立即"])],
        ),
        (
            "督办事项||逐户登记。|/责任单位||县卫健局|/完成时限||立即|",
            [("逐户登记。", HEALTH, ["立即"])],
        ),
        (
            "督办情况|督办事项|逐户登记。/|责任单位|县卫健局/|完成时限|立即",
            [("逐户登记。", HEALTH, ["立即"])],
        ),
        (
            "任务|责任单位/逐户登记。|县卫健局/责任单位|各镇/督办事项|广播。",
            [("逐户登记。", HEALTH, []), ("广播。", VILLAGES, [])],
        ),
        (
            "督办事项|逐户登记。|责任单位|县卫健局/要求|广播。/措施|测温。",
            [
                ("逐户登记。", HEALTH, []),
                ("广播。", HEALTH, []),
            ],
        ),
        (
            "责任单位|县卫健局|完成时限|立即/督办事项|逐户登记。",
            [("逐户登记。", HEALTH, ["立即"])],
        ),
        ("督办事项|逐户登记。/责任领导|（签字）/完成时限| 年 月 日", [("逐户登记。", {}, [])]),
        (
            "任务|责任单位/逐户登记。|牵头：县卫健局；配合：县公安局；各镇",
            [("逐户登记。", HEALTH | {"县公安局": "support", "各镇": "support"}, [])],
        ),
    ],
)
def test_the_rows_of_a_form_say_who_answers_for_it(
    word_classifier: WordClassifier, rows: str, tasks: Any
) -> None:
    assert read(word_classifier, *rows.split("/")) == tasks


@pytest.mark.parametrize(
    "rows",
    [
        ["姓名|责任单位|完成时限", "逐户登记|县卫健局|立即"],
        ["序号|疫情防控重点工作任务及具体防控措施|责任单位|备注", "1|逐户登记。|县卫健局|无"],
        ["甲|乙", "一|登记", "姓名|岗位|责任人|职务", "张三|登记|李明|局长"],
    ],
)
def test_other_tables_are_no_forms(word_classifier: WordClassifier, rows: list[str]) -> None:
    assert all((bodies, due) == ({}, []) for _, bodies, due in read(word_classifier, *rows))


@pytest.mark.parametrize(
    "lines",
    [
        "任务\u3000责任单位\n\u3000逐户登记",
        "任务\u3000责任单位\n序号\u3000逐户登记\u3000县卫健局",
        "任务\u3000责任单位\n单独一行\n逐户登记\u3000县卫健局",
    ],
)
def test_other_rows_are_left_alone(word_classifier: WordClassifier, lines: str) -> None:
    (task,) = find_tasks(word_classifier.read_text(lines), word_classifier).tasks  # type: ignore[arg-type]
    assert [body.text for body in task.bodies if not body.is_inherited] == []
