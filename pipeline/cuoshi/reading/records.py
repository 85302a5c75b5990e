"""Read texts out of JSON, JSON Lines and CSV: every record's text, in order, as one document."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from cuoshi.errors import DocumentError
from cuoshi.reading.blocks import join_blocks
from cuoshi.reading.encoding import decode
from cuoshi.reading.limits import MAX_JSON_DEPTH

TITLE_KEYS = ("title", "标题")
"""Names under which a record keeps its title, which stands above its text."""

TEXT_KEYS = ("text", "content", "body", "正文", "内容", "文本")
"""Names under which a record keeps its text; the first that it has counts."""

HEADER_LENGTH = 15
"""Most characters of a cell in a header row that has none of these names."""

_KEYS = "/".join((*TEXT_KEYS, *TITLE_KEYS))
_DELIMITERS = ",\t;"


def read_json(data: bytes, name: str) -> tuple[str, str]:
    """Read a .json file: an object or a list with texts in it, at any depth.

    An object with a key of `TEXT_KEYS` or `TITLE_KEYS` is a record, its text a string or a
    list of strings; an object without a text is searched for records. In a list outside of
    any object a string is a text too. A file of JSON Lines is read as such.

    Returns:
        The texts, a blank line between them, and the encoding.

    Raises:
        DocumentError: it is no JSON, nests deeper than `MAX_JSON_DEPTH`, or has no texts.
    """
    source, encoding = decode(data, name)
    try:
        value = _parse(source, name)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and "\n" in source[: error.pos]:
            return read_json_lines(data, name)
        raise DocumentError(
            f"{name}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}): mend it"
        ) from error
    texts = list(_find_texts(value, name))
    if not texts:
        raise DocumentError(f"{name} has no text under any of {_KEYS}: rename the key")
    return join_blocks(texts), encoding


def read_json_lines(data: bytes, name: str) -> tuple[str, str]:
    """Read a .jsonl file: a record or a string on each line that is not blank.

    Returns:
        The texts, a blank line between them, and the encoding.

    Raises:
        DocumentError: a line is no JSON, nests too deep, or has no text; it is named.
    """
    source, encoding = decode(data, name)
    texts: list[str] = []
    for number, line in enumerate(io.StringIO(source), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            value = _parse(line, where)
        except json.JSONDecodeError as error:
            raise DocumentError(
                f"{where}, column {error.colno}: not JSON ({error.msg}): mend it"
            ) from error
        found = [value] if isinstance(value, str) else list(_find_texts(value, where))
        if not found:
            raise DocumentError(f"{where} has no text under any of {_KEYS}: rename the key")
        texts += found
    return join_blocks(texts), encoding


def read_csv(data: bytes, name: str) -> tuple[str, str]:
    """Read a .csv file, its cells parted by commas, semicolons or tabs.

    The text is in the column that the first row names as in `TEXT_KEYS`, below the row's
    title where a column is named as in `TITLE_KEYS`; without such a name in the only
    column, or in that with the most characters, where a first row of short cells above
    longer ones is taken for a header.

    Returns:
        The texts, a blank line between them, and the encoding.

    Raises:
        DocumentError: the table is malformed; the line is named.
    """
    source, encoding = decode(data, name)
    rows = _read_rows(source, name)
    if not rows:
        return "", encoding
    names = [cell.strip().lower() for cell in rows[0]]
    text = _index(names, TEXT_KEYS)
    if text is None:
        column = _longest_column(rows)
        cells = [cell for row in rows for cell in row[column : column + 1]]
        has_header = len(names) > 1 and _is_header(rows[0], cells[1:])
        return join_blocks(cells[has_header:]), encoding
    title = _index(names, TITLE_KEYS)
    columns = [text] if title is None else [title, text]
    return join_blocks(_join_lines(row, columns) for row in rows[1:]), encoding


def _parse(source: str, name: str) -> Any:
    try:
        # Figures are of no use here, and long ones cost time.
        return json.loads(source, parse_int=len, parse_float=len)
    except RecursionError as error:
        raise _too_deep(name) from error


def _too_deep(name: str) -> DocumentError:
    return DocumentError(
        f"{name} nests objects and lists more than {MAX_JSON_DEPTH} deep: flatten it"
    )


def _find_texts(value: Any, name: str, depth: int = 1, in_object: bool = False) -> Iterator[str]:
    if depth > MAX_JSON_DEPTH:
        raise _too_deep(name)
    if isinstance(value, list):
        for item in value:
            if not isinstance(item, str):
                yield from _find_texts(item, name, depth + 1, in_object)
            elif not in_object:
                yield item
    elif isinstance(value, dict):
        keys = {str(key).strip().lower(): key for key in value}
        title = [keys[key] for key in TITLE_KEYS if key in keys][:1]
        text = [keys[key] for key in TEXT_KEYS if key in keys][:1]
        if title or text:
            yield "\n".join(_to_text(value[key], name, key) for key in title + text)
        if not text:
            for item in value.values():
                yield from _find_texts(item, name, depth + 1, in_object=True)


def _to_text(value: Any, name: str, key: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return join_blocks(value)
    raise DocumentError(f'{name}: "{key}" is neither a string nor a list of strings: mend it')


def _read_rows(source: str, name: str) -> list[list[str]]:
    first = source.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(source, newline=""), delimiter=delimiter, strict=True)
    try:
        return [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DocumentError(
            f"{name}, line {reader.line_num}: not CSV ({error}): close each quotation mark, "
            "and double those inside a cell"
        ) from error


def _index(names: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _longest_column(rows: list[list[str]]) -> int:
    lengths: dict[int, int] = {}
    for row in rows:
        for i, cell in enumerate(row):
            lengths[i] = lengths.get(i, 0) + len(cell)
    return max(lengths, key=lambda i: lengths[i])


def _is_header(row: list[str], cells: list[str]) -> bool:
    if not cells or any(len(cell.strip()) > HEADER_LENGTH for cell in row):
        return False
    return sum(map(len, cells)) / len(cells) > 2 * HEADER_LENGTH


def _join_lines(row: list[str], columns: list[int]) -> str:
    return "\n".join(cell for i in columns if i < len(row) and (cell := row[i].strip()))
