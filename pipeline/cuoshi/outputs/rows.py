"""Write scored sentences for other programs: JSON, JSON Lines, CSV and plain text.

Each writer takes rows as they come, so that what is read first is written first.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from cuoshi.classifier import ScoredSentence
from cuoshi.measures import MEASURES

Row = dict[str, Any]

CSV_HEADER = ("文件", "起", "止", "措施", *MEASURES, "标题", "句子")

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula, in either width."""


def make_row(document: str, sentence: ScoredSentence) -> Row:
    """A sentence as the JSON formats write it."""
    return {
        "document": document,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "heading": sentence.heading,
        "measures": list(sentence.measures),
        "scores": {measure: round(score, 4) for measure, score in sentence.scores.items()},
    }


def write_json(rows: Iterable[Row], stream: TextIO) -> None:
    """One JSON array, an object a line."""
    separator = "[\n"
    for row in rows:
        stream.write(separator + json.dumps(row, ensure_ascii=False))
        separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def write_jsonl(rows: Iterable[Row], stream: TextIO) -> None:
    """One JSON object a line."""
    for row in rows:
        stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_csv(rows: Iterable[Row], stream: TextIO) -> None:
    """CSV that opens in Excel: a byte order mark, CRLF, and no cell that becomes a formula."""
    stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow(CSV_HEADER)
    for row in rows:
        writer.writerow(
            [
                guard_cell(row["document"]),
                row["start"],
                row["end"],
                "、".join(row["measures"]),
                *(f"{row['scores'][measure]:.4f}" for measure in MEASURES),
                guard_cell(row["heading"]),
                guard_cell(row["text"]),
            ]
        )


def write_text(rows: Iterable[Row], stream: TextIO) -> None:
    """The measures in brackets and the sentence, a line each."""
    for row in rows:
        stream.write(f"[{' '.join(row['measures'])}] {row['text']}\n")


def guard_cell(text: str) -> str:
    """`text` with an apostrophe before what a spreadsheet would compute.

    After OWASP, "CSV Injection".
    """
    is_formula = text.startswith(_FORMULA) or text.lstrip(" \u3000").startswith(_FORMULA)
    return f"'{text}" if is_formula else text


WRITERS: dict[str, Callable[[Iterable[Row], TextIO], None]] = {
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "text": write_text,
}
