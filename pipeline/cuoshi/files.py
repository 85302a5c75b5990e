"""Write files and folders so that a reader never sees half of one.

Everything is written beside its place and moved into it. What a killed process leaves
behind is swept away by the next call for the same place.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cuoshi.errors import OutputError


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a path beside `path`; it takes the place of `path` when the block ends well.

    Raises:
        OutputError: the folder cannot be written to, or the disk is full.
    """
    with _report_failure(path):
        beside = _beside(path)
        try:
            yield beside
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path`; it takes the place of `path` when the block ends well.

    Its files become readable for whomever the folder is, whatever the library that wrote them
    thought fit.

    Raises:
        OutputError: the folder cannot be written to, or the disk is full.
    """
    with _report_failure(path):
        beside = _beside(path)
        beside.mkdir()
        try:
            yield beside
            mode = beside.stat().st_mode & 0o666
            for file in beside.rglob("*"):
                if file.is_file():
                    file.chmod(mode)
            if path.exists():
                path.replace(beside.with_name(f"{beside.name}-old"))
            beside.replace(path)
        finally:
            _sweep(path)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 with plain line feeds, all of it or nothing."""
    with replace_file(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, all of it or nothing."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write one JSON object a line, all of them or nothing."""
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder; a path that nobody may look at, or that is none, is not."""
    try:
        return path.is_dir()
    except OSError:
        return False


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _beside(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    return path.with_name(f".{path.name}.beside-{os.getpid()}")


def _sweep(path: Path) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.beside-*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


@contextmanager
def _report_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename is not None and not str(error.filename).startswith(str(path.parent)):
            raise
        reason = error.strerror or str(error)
        raise OutputError(
            f"cannot write {path}: {reason}; free space or choose another place, then run again"
        ) from error
