from __future__ import annotations

import json

import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading import records
from cuoshi.reading.records import read_csv, read_json, read_json_lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"text": "甲。"}, "甲。"),
        (["甲。", "乙。"], "甲。\n\n乙。"),
        ({"Title": "题", "content": "甲。\n乙。", "tags": ["丙"]}, "题\n甲。\n乙。"),
        ([{"body": "甲。"}, {"正文": "乙。"}, {"text": None}], "甲。\n\n乙。"),
        (
            {"code": 0, "data": {"list": [{"标题": "题", "内容": ["甲。", "乙。"]}]}},
            "题\n甲。\n\n乙。",
        ),
        ({"title": "题", "sections": [{"text": "甲。"}], "tags": ["丙"]}, "题\n\n甲。"),
    ],
)
def test_json_gives_the_texts_of_its_records(value: object, text: str) -> None:
    for source in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert read_json(source.encode("gb18030"), "x.json")[0] == text


def test_json_lines_give_one_text_for_the_file_and_may_be_called_json() -> None:
    data = '{"text": "甲。"}\n\n"乙。"\r\n{"title": "题", "text": "丙。"}'.encode()
    assert read_json_lines(data, "x.jsonl")[0] == "甲。\n\n乙。\n\n题\n丙。"
    assert read_json('{"text": "甲。"}\n{"text": "乙。"}\n'.encode(), "x.json")[0] == "甲。\n\n乙。"


@pytest.mark.parametrize(
    ("reader", "source", "message"),
    [
        ("json", '{"text":\n "甲"', "x, line 2, column 5: not JSON"),
        ("json", '{"figures": [1, 2.5, NaN], "tags": ["甲"]}', "no text under any of text/content"),
        ("json", '{"text": {"a": "甲"}}', '"text" is neither a string nor'),
        ("json", "[" * 200 + "]" * 200, "more than 100 deep: flatten"),
        ("json", "[" * 100_000, "more than 100 deep: flatten"),
        ("json", '{"a":' * 100_000, "more than 100 deep: flatten"),
        ("json_lines", '{"text": "甲"}\n\n{"text": "乙"', "x, line 3, column 13: not JSON"),
        ("json_lines", '{"text": "甲"}\n{"n": 1}', "x, line 2 has no text"),
        ("csv", 'text\n甲\n"乙\n丙', "x, line 4: not CSV .*close each quotation mark"),
        ("csv", "text\n" + "甲" * 200_000, "x, line 2: not CSV .*field larger"),
    ],
)
def test_faults_are_named_by_file_and_line(reader: str, source: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        getattr(records, f"read_{reader}")(source.encode(), "x")
    assert "\n" not in str(caught.value)


def test_figures_of_any_length_cost_nothing() -> None:
    source = '{"n": ' + "9" * 100_000 + ', "f": 1e' + "9" * 100_000 + ', "text": "甲。"}'
    assert read_json(source.encode(), "x.json")[0] == "甲。"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_csv_takes_the_named_column_below_its_title(delimiter: str, encoding: str) -> None:
    rows = [["序号", "标题", "正文"], ["1", "题", '"说，""好""。\n第二行"'], ["2", "", "乙；丙。"]]
    if delimiter == ";":
        rows[2][2] = '"乙；丙。"'
    source = "\r\n".join(delimiter.join(row) for row in rows)
    assert read_csv(source.encode(encoding), "x.csv")[0] == '题\n说，"好"。\n第二行\n\n乙；丙。'


def test_csv_without_a_known_name_takes_the_only_or_the_longest_column() -> None:
    assert read_csv("甲。\n\n乙。\n".encode(), "x")[0] == "甲。\n\n乙。"
    long = "对返乡人员逐一登记，居家观察，各乡镇办事处负责，每日上报情况，不得延误漏报瞒报。"
    table = f"编号,意见\n1,{long}\n2,{long}\n"
    assert read_csv(table.encode(), "x")[0] == f"{long}\n\n{long}"
    assert read_csv(f"1,{long}\n2,短\n3\n".encode(), "x")[0] == f"{long}\n\n短"
    assert read_csv(b"\n\n", "x")[0] == ""
