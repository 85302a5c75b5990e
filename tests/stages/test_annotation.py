from pathlib import Path

import pytest

from cuoshi.errors import DataError
from cuoshi.stages.annotation import (
    AuthoredUnit,
    SpeechUnit,
    check_consistency,
    check_offsets,
    read_annotation,
    read_bodies,
)

GOOD = '{"document": "a.txt", "start": 0, "end": 4, "text": "要登记。", "labels": ["隔离"]}\n'


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (GOOD.replace("隔离", "隔絶"), r"units\.jsonl:2: unknown label '隔絶'; use 隔离"),
        (GOOD[:40] + "\n", r"units\.jsonl:2: not valid JSON .* column 4"),
        (GOOD.replace('"start": 0', '"start": "0"'), r"units\.jsonl:2: start: .*integer"),
        (GOOD.replace('"text": "要登记。", ', ""), r"units\.jsonl:2: text: Field required"),
        ("[]\n", r"units\.jsonl:2: the line: "),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, second: str, message: str) -> None:
    path = tmp_path / "units.jsonl"
    path.write_text(GOOD + second, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_annotation(path, SpeechUnit)


def test_a_missing_empty_or_foreign_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "units.jsonl"
    with pytest.raises(DataError, match="is missing"):
        read_annotation(path, SpeechUnit)
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(DataError, match="no annotated sentence"):
        read_annotation(path, SpeechUnit)
    path.write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(DataError, match="not UTF-8"):
        read_annotation(path, SpeechUnit)


def test_one_text_with_two_sets_of_labels_names_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "units.jsonl"
    path.write_text(GOOD + GOOD.replace('["隔离"]', '["隔离", "宣传"]'), encoding="utf-8")
    with pytest.raises(DataError, match=r"units\.jsonl:2: labels 隔离、宣传 .*units\.jsonl:1"):
        check_consistency(read_annotation(path, SpeechUnit))


@pytest.mark.parametrize(
    ("document", "message"),
    [("要登记", r"0-4 point outside a\.txt \(3 characters\)"), (None, r"a\.txt is not in data")],
)
def test_annotation_outside_its_document_is_named(
    tmp_path: Path, document: str | None, message: str
) -> None:
    path = tmp_path / "units.jsonl"
    path.write_text(GOOD, encoding="utf-8")
    documents = {} if document is None else {"a.txt": document}
    with pytest.raises(DataError, match=message):
        check_offsets(read_annotation(path, SpeechUnit), documents)


def test_line_separators_inside_a_text_do_not_split_the_line(tmp_path: Path) -> None:
    path = tmp_path / "units.jsonl"
    path.write_text('{"id": "a1", "text": "要\u2028做\u0085好", "labels": []}\n', encoding="utf-8")
    assert read_annotation(path, AuthoredUnit)[0].unit.text == "要\u2028做\u0085好"


BODIES = (
    '{"text": "各镇要登记。", "set": "development", '
    '"bodies": [{"start": 0, "end": 2, "text": "各镇", "role": "lead"}]}\n'
)


def test_bodies_are_read_from_what_may_be_trained_on(tmp_path: Path) -> None:
    path = tmp_path / "bodies.jsonl"
    held = BODIES.replace("development", "held-out").replace("要登记", "须登记")
    path.write_text(BODIES + held, encoding="utf-8")
    ((text, (body,)),) = read_bodies([path]).items()
    assert (text, body.start, body.end, body.role) == ("各镇要登记。", 0, 2, "lead")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (BODIES.replace('"end": 2', '"end": 3'), r"bodies\.jsonl:1: 0-3 is not '各镇' there"),
        (BODIES.replace("lead", "head"), r"bodies\.jsonl:1: bodies\.0\.role"),
        (BODIES * 2, r"bodies\.jsonl:2: .*bodies\.jsonl:1 marks this sentence too"),
        (
            BODIES.replace(
                '"lead"}', '"lead"}, {"start": 1, "end": 2, "text": "镇", "role": "lead"}'
            ),
            r"bodies\.jsonl:1: 1-2 .* overlaps",
        ),
    ],
)
def test_a_body_that_is_not_there_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "bodies.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_bodies([path])
