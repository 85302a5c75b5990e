import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from cuoshi.cli import app
from cuoshi.outputs.tasks_rows import COLUMNS

# The tiny model knows no context with a measure in it: each measure begins a section.
SPEECH = "全市都要\n请大家。各镇要2月10日前居家观察。\n全市都要\n务必口罩储备，督查追究。\n"
FORMATS = ("table", "xlsx", "html", "docx", "json", "csv")


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.txt"
    path.write_text(SPEECH, encoding="utf-8")
    return path


def run(*arguments: object, model: Path | None = None, stdin: bytes | None = None) -> Result:
    options = ["--model", str(model)] if model else []
    return CliRunner().invoke(app, ["tasks", *map(str, arguments), *options], input=stdin)


def find(*arguments: object, model: Path) -> list[dict]:
    """The tasks of all documents, as JSON has them."""
    result = run(*arguments, "--format", "json", model=model)
    assert result.exit_code == 0, result.stderr
    return [t for d in json.loads(result.stdout)["documents"] for t in d["tasks"]]


def test_by_default_a_table_of_the_tasks(speech: Path, tiny_export: Path) -> None:
    result = run(speech, model=tiny_export)
    assert (result.exit_code, result.stderr) == (0, "")
    for part in (str(speech), "各镇要2月10日前居家观察。", "需核对"):
        assert part in result.stdout
    assert f"共 {len(find(speech, model=tiny_export))} 项任务：隔离 " in result.stdout


def test_tasks_lie_where_they_say_and_count_from_the_date(speech: Path, tiny_export: Path) -> None:
    tasks = find(speech, "--date", "2020-02-01", model=tiny_export)
    assert [SPEECH[task["start"] : task["end"]] for task in tasks] == [t["text"] for t in tasks]
    assert "隔离" in tasks[0]["measures"]
    assert tasks[0]["deadlines"][0]["date"] == "2020-02-10"


def test_a_deadline_that_a_date_would_tell_asks_for_it(speech: Path, tiny_export: Path) -> None:
    hint = "讲话日期不明，只有写明年份的时限有到期日；可用 --date YYYY-MM-DD 指定日期。"
    assert run(speech, model=tiny_export).stdout.splitlines()[-1] == hint
    assert "--date" not in run(speech, "--date", "2020-02-01", model=tiny_export).stdout
    assert "--date" not in run(speech, "--measure", "问责", model=tiny_export).stdout


def test_office_documents_of_a_folder_are_named_and_the_others_go_on(
    speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    Document().save(str(tmp_path / "empty.docx"))
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    output = tmp_path / "out" / "tasks.xlsx"
    assert run(speech, "--output", output, model=tiny_export).exit_code == 0
    result = run(tmp_path, model=tiny_export)
    assert result.exit_code == 1
    assert "各镇要2月10日前居家观察。" in result.stdout
    empty, old, sheet = result.stderr.splitlines()
    assert empty.startswith(f"error: {tmp_path / 'empty.docx'} holds no text")
    assert old.startswith(f"error: {tmp_path / 'old.doc'} is an Office document of the old kind")
    assert sheet == f"error: {output} is a spreadsheet: save it as .docx"


def test_every_format_tells_of_the_same_tasks(
    speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    texts = [task["text"] for task in find(speech, model=tiny_export)]
    for ending in ("xlsx", "docx", "html", "htm", "csv", "json", "txt"):
        output = tmp_path / f"tasks.{ending.upper()}"
        result = run(speech, "--output", output, model=tiny_export)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    column = [column.name for column in COLUMNS].index("任务内容")
    sheet = load_workbook(tmp_path / "tasks.XLSX")["督办清单"]
    assert [row[column] for row in sheet.iter_rows(min_row=2, values_only=True)] == texts
    (table,) = Document(str(tmp_path / "tasks.DOCX")).tables
    assert [row.cells[column].text for row in table.rows[1:]] == texts
    rows = csv.DictReader(io.StringIO((tmp_path / "tasks.CSV").read_text("utf-8-sig"), newline=""))
    assert [row["任务内容"] for row in rows] == texts
    assert (tmp_path / "tasks.HTML").read_bytes() == (tmp_path / "tasks.HTM").read_bytes()
    assert texts[0] in (tmp_path / "tasks.TXT").read_text("utf-8")


def test_a_sheet_may_go_to_redirected_standard_output(speech: Path, tiny_export: Path) -> None:
    result = run(speech, "--format", "xlsx", model=tiny_export)
    assert "督办清单" in load_workbook(io.BytesIO(result.stdout_bytes)).sheetnames


@pytest.mark.parametrize("format", ["xlsx", "docx"])
def test_a_sheet_does_not_go_to_a_terminal(speech: Path, format: str) -> None:
    terminal, stdout = os.openpty()
    arguments = ("tasks", str(speech), "--format", format)
    done = subprocess.run(
        [sys.executable, "-c", "from cuoshi.cli import app; app()", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(stdout)
    os.close(terminal)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {format} is not for a terminal: add --output")
    assert done.stderr.count("\n") == 1


def test_measure_chooses_tasks(speech: Path, tiny_export: Path) -> None:
    everything = find(speech, model=tiny_export)
    for wanted in (["问责"], ["隔离", "物资"]):
        options = [part for measure in wanted for part in ("--measure", measure)]
        chosen = find(speech, *options, model=tiny_export)
        texts = [task["text"] for task in everything if set(wanted) & set(task["measures"])]
        assert [task["text"] for task in chosen] == texts
        assert [task["number"] for task in chosen] == list(range(1, len(texts) + 1))


def test_min_score_stands_in_for_the_thresholds(speech: Path, tiny_export: Path) -> None:
    assert all(len(t["measures"]) == 4 for t in find(speech, "--min-score", 0, model=tiny_export))


@pytest.mark.parametrize("format", FORMATS)
def test_no_tasks_are_said_and_written(
    format: str, speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    output = tmp_path / "tasks"
    result = run(
        speech, "--min-score", 1, "--format", format, "--output", output, model=tiny_export
    )
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "没有找到任务\n")
    assert output.stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--date", "2020-02-30"), "--date 2020-02-30 is no day: write it as YYYY-MM-DD"),
        (("--date", "tomorrow"), "--date tomorrow is no day"),
        (("--date", ""), "--date  is no day"),
        (("--measure", "交通"), "--measure 交通 is unknown: choose from 隔离 宣传 物资 问责"),
        (("--output", "tasks.pdf"), "tasks.pdf says no format: end it in one of"),
    ],
)
def test_a_wrong_call_is_one_line_and_exits_with_2(
    speech: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = run(speech, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {message}")
    assert result.stderr.count("\n") == 1


def test_one_list_over_a_folder_standard_input_and_what_cannot_be_read(
    speech: Path, tiny_export: Path
) -> None:
    (speech.parent / "b.md").write_text(SPEECH, encoding="utf-8")
    missing = speech.parent / "missing.txt"
    result = run(
        missing,
        speech.parent,
        "-",
        "--format",
        "csv",
        model=tiny_export,
        stdin=SPEECH.encode("gb18030"),
    )
    assert result.exit_code == 1
    assert result.stderr == f"error: {missing} does not exist: check the path\n"
    rows = list(csv.DictReader(io.StringIO(result.stdout.removeprefix("\ufeff"), newline="")))
    assert [row["序号"] for row in rows] == [str(i + 1) for i in range(len(rows))]
    assert len({row["文件"] for row in rows}) == 3


def test_where_nothing_can_be_read_the_old_list_stays(speech: Path, tiny_export: Path) -> None:
    output = speech.parent / "tasks.xlsx"
    output.write_text("checked by hand")
    speech.write_text("")
    result = run(speech, "--output", output, model=tiny_export)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {speech} holds no text: choose another file\n"
    assert output.read_text() == "checked by hand"


def test_a_list_that_cannot_be_written_leaves_the_old_one(
    speech: Path, tiny_export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out" / "tasks.xlsx"
    assert run(speech, "--output", output, model=tiny_export).exit_code == 0
    before = output.read_bytes()
    monkeypatch.setattr("cuoshi.outputs.tasks_xlsx.MAX_ROWS", 0)
    result = run(speech, "--output", output, model=tiny_export)
    assert result.exit_code == 1
    assert "rows of an Excel sheet" in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(output.parent.iterdir()) == [output]
    assert output.read_bytes() == before


def test_help_has_an_example() -> None:
    assert "Example: cuoshi tasks" in run("--help").stdout
