import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cuoshi import __version__
from cuoshi.cli import app

# The tiny model knows no context with a measure in it: each measure begins a section.
SPEECH = "全市都要\n请大家。各镇要居家观察。\n全市都要\n务必口罩储备，督查追究。\n"


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.txt"
    path.write_text(SPEECH, encoding="utf-8")
    return path


def run(*arguments: object, model: Path | None = None, stdin: bytes | None = None) -> Result:
    options = ["--model", str(model)] if model else []
    return CliRunner().invoke(app, [*map(str, arguments), *options], input=stdin)


def test_by_default_a_table_of_the_sentences_with_a_measure(
    speech: Path, tiny_export: Path
) -> None:
    result = run("predict", speech, model=tiny_export)
    assert result.exit_code == 0
    assert "各镇要居家观察。" in result.stdout
    assert "请大家。" not in result.stdout
    assert "共 5 句，2 句提出措施：隔离 1　宣传 0　物资 1　问责 1" in result.stdout
    assert result.stderr == ""


def test_all_writes_every_sentence_with_offsets(speech: Path, tiny_export: Path) -> None:
    result = run("predict", speech, "--all", "--format", "jsonl", model=tiny_export)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["text"] for row in rows] == [SPEECH[r["start"] : r["end"]] for r in rows]
    assert len(rows) == 5
    assert rows[2]["heading"] == "全市都要"
    assert rows[2]["measures"] == ["隔离"]


def test_min_score_stands_in_for_the_thresholds(speech: Path, tiny_export: Path) -> None:
    everything = run("predict", speech, "--min-score", 0, "--format", "json", model=tiny_export)
    assert all(len(row["measures"]) == 4 for row in json.loads(everything.stdout))
    nothing = run("predict", speech, "--min-score", 1, "--format", "json", model=tiny_export)
    assert json.loads(nothing.stdout) == []


def test_the_ending_of_the_output_chooses_the_format(
    speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    output = tmp_path / "measures.csv"
    result = run("predict", speech, "--output", output, model=tiny_export)
    assert (result.exit_code, result.stdout) == (0, "")
    rows = list(csv.DictReader(io.StringIO(output.read_text(encoding="utf-8-sig"), newline="")))
    assert [row["措施"] for row in rows] == ["隔离", "物资、问责"]


@pytest.mark.parametrize("ending", ["xlsx", "docx", "html", "pdf", "tsv"])
def test_an_ending_without_a_format_is_refused_and_nothing_written(
    speech: Path, tiny_export: Path, tmp_path: Path, ending: str
) -> None:
    output = tmp_path / f"measures.{ending}"
    result = run("predict", speech, "--output", output, model=tiny_export)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: {output} says no format: end it in one of .txt .json .jsonl .csv, "
        "or add --format\n"
    )
    assert not output.exists()


def test_a_format_allows_any_name_and_goes_before_the_ending(
    speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    for name in ("measures.xlsx", "measures.csv"):
        output = tmp_path / name
        result = run("predict", speech, "--format", "json", "--output", output, model=tiny_export)
        assert result.exit_code == 0
        assert len(json.loads(output.read_text("utf-8"))) == 2


def test_a_name_without_an_ending_holds_the_table_and_txt_the_text(
    speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    table, text = tmp_path / "measures", tmp_path / "measures.TXT"
    for output in (table, text):
        assert run("predict", speech, "--output", output, model=tiny_export).exit_code == 0
    assert "共 5 句，2 句提出措施" in table.read_text("utf-8")
    assert text.read_text("utf-8").startswith("[隔离] 各镇要居家观察。")


def test_standard_input_in_any_encoding(tiny_export: Path) -> None:
    for files in ((), ("-",)):
        result = run("predict", *files, model=tiny_export, stdin=SPEECH.encode("gb18030"))
        assert "各镇要居家观察。" in result.stdout


def test_one_bad_file_does_not_stop_the_others(
    speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.txt").write_text("", encoding="utf-8")
    missing = tmp_path / "missing.txt"
    result = run(
        "predict", missing, tmp_path / "empty.txt", speech, "--format", "text", model=tiny_export
    )
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "[隔离] 各镇要居家观察。"
    first, second = result.stderr.splitlines()
    assert first == f"error: {missing} does not exist: check the path"
    assert second.startswith(f"error: {tmp_path / 'empty.txt'} holds no text")


def test_a_folder_is_read_whole(speech: Path, tiny_export: Path) -> None:
    (speech.parent / "b.md").write_text(SPEECH, encoding="utf-8")
    result = run("predict", speech.parent, "--format", "jsonl", model=tiny_export)
    names = {json.loads(line)["document"] for line in result.stdout.splitlines()}
    assert names == {str(speech), str(speech.parent / "b.md")}
    (speech.parent / "void").mkdir()
    empty = run("predict", speech.parent / "void", model=tiny_export)
    assert empty.exit_code == 1
    assert "holds no documents" in empty.stderr


def test_what_cannot_be_read_in_a_folder_is_named_as_it_is_singly(
    speech: Path, tiny_export: Path
) -> None:
    folder = speech.parent
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    for name in ("a.doc", "z.wps", "~$a.doc", ".a.doc"):
        (folder / name).write_bytes(old)
    (folder / "b.png").write_bytes(b"\x89PNG")
    (folder / "c.rtf").write_bytes(b"{\\rtf1 x}")
    unread = [folder / name for name in ("a.doc", "c.rtf", "z.wps")]
    whole = run("predict", folder, "--format", "text", model=tiny_export)
    singly = run("predict", *unread, "--format", "text", model=tiny_export)
    assert whole.exit_code == singly.exit_code == 1
    assert whole.stderr == singly.stderr
    assert whole.stderr.count("\n") == 3
    assert "save it as .docx" in whole.stderr.splitlines()[0]
    assert whole.stdout.splitlines()[0] == "[隔离] 各镇要居家观察。"


def test_no_model_and_no_place_to_write_are_one_line(
    speech: Path, tiny_export: Path, tmp_path: Path
) -> None:
    result = run("predict", speech, model=tmp_path / "none")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: there is no model at ")
    assert result.stderr.count("\n") == 1
    output = speech / "measures.csv"
    result = run("predict", speech, "--output", output, model=tiny_export)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"error: cannot write {output}: ")


@pytest.mark.parametrize(
    "arguments", [("--format", "xml"), ("--min-score", "2"), ("--threads", "0"), ("--colour",)]
)
def test_a_wrong_call_exits_with_2(speech: Path, arguments: tuple[str, ...]) -> None:
    assert run("predict", speech, *arguments).exit_code == 2


def test_info_and_check(tiny_export: Path) -> None:
    info = run("info", model=tiny_export)
    assert info.exit_code == 0
    for part in ("隔离", "threshold", "macro-F1", "onnxruntime", "int8"):
        assert part in info.stdout
    check = run("check", model=tiny_export)
    assert check.exit_code == 0
    assert check.stdout.count("decisions and bodies equal") == 2
    assert run("--version").stdout == f"cuoshi {__version__}\n"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-c", "from cuoshi.cli import app; app()", *map(str, arguments)]


def test_a_closed_pipe_ends_quietly(speech: Path, tiny_export: Path) -> None:
    many = [speech] * 200
    arguments = command("predict", *many, "--format", "jsonl", "--model", tiny_export)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (0, -signal.SIGPIPE)


def test_an_interrupt_leaves_no_output(tiny_export: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "measures.csv"
    arguments = command("predict", "-", "--output", output, "--model", tiny_export)
    with subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Jobs that a shell puts into the background ignore interrupts, and so would this one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        # The file beside the output appears before standard input is read.
        while not (output.parent.is_dir() and any(output.parent.iterdir())):
            assert process.poll() is None
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert list(output.parent.iterdir()) == []
