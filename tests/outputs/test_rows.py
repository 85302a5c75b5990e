import csv
import io
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cuoshi.classifier import ScoredSentence
from cuoshi.measures import MEASURES
from cuoshi.outputs.rows import CSV_HEADER, WRITERS, guard_cell, make_row

SENTENCE = ScoredSentence(
    text="各镇要备足口罩，督查组每日核查。",
    measures=("物资", "问责"),
    scores=dict(zip(MEASURES, (0.01, 0.02, 0.987654, 0.7), strict=True)),
    start=12,
    end=28,
    heading="二、物资",
    is_heading=False,
    is_web_matter=False,
)


def write(form: str, *rows: dict) -> str:
    stream = io.StringIO(newline="")
    WRITERS[form](iter(rows), stream)
    return stream.getvalue()


def test_a_row_has_the_documented_keys() -> None:
    row = make_row("a.txt", SENTENCE)
    assert list(row) == ["document", "start", "end", "text", "heading", "measures", "scores"]
    assert row["scores"] == {"隔离": 0.01, "宣传": 0.02, "物资": 0.9877, "问责": 0.7}


def test_json_and_json_lines_read_back() -> None:
    rows = [make_row("a.txt", SENTENCE), make_row("b.txt", SENTENCE)]
    assert json.loads(write("json", *rows)) == rows
    assert [json.loads(line) for line in write("jsonl", *rows).splitlines()] == rows
    assert json.loads(write("json")) == []
    assert write("jsonl") == ""


def test_csv_opens_in_excel() -> None:
    written = write("csv", make_row("a.txt", SENTENCE))
    assert written.startswith("\ufeff")
    header, row = csv.reader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
    assert tuple(header) == CSV_HEADER
    assert row[:4] == ["a.txt", "12", "28", "物资、问责"]
    assert row[-1] == SENTENCE.text


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", " =1", "\t=1", "\r=1", "\u3000＋1"]
)
def test_no_cell_becomes_a_formula(cell: str) -> None:
    assert guard_cell(cell) == f"'{cell}"


@given(st.text())
@example("")
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert guard_cell(cell) in (cell, f"'{cell}")
    if not cell or cell[0].isalnum():
        assert guard_cell(cell) == cell


def test_plain_text_is_a_line_a_sentence() -> None:
    assert write("text", make_row("a.txt", SENTENCE)) == f"[物资 问责] {SENTENCE.text}\n"
