"""Write files and folders so that a reader never sees half of one.

Everything is written beside its place and moved into it. What a killed process leaves
behind is swept away by the next call for the same place.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
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
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), dir=path.parent)
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            os.chmod(beside, 0o666 & ~_umask())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path`; it takes the place of `path` when the block ends well.

    Raises:
        OutputError: the folder cannot be written to, or the disk is full.
    """
    with _report_failure(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        beside = Path(tempfile.mkdtemp(prefix=_prefix(path), dir=path.parent))
        try:
            yield beside
            beside.chmod(0o777 & ~_umask())
            if path.exists():
                old = Path(tempfile.mkdtemp(prefix=_prefix(path), dir=path.parent))
                os.replace(path, old / path.name)
                os.replace(beside, path)
                shutil.rmtree(old)
            else:
                os.replace(beside, path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


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


def _prefix(path: Path) -> str:
    return f".{path.name}.beside-"


def _sweep(path: Path) -> None:
    for left in path.parent.glob(f"{_prefix(path)}*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
