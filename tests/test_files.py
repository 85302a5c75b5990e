import errno
import os
from pathlib import Path

import pytest

from cuoshi.errors import OutputError
from cuoshi.files import replace_file, replace_folder, write_jsonl, write_text


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_a_failing_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError), replace_file(path) as beside:
        beside.write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["metrics.json"]


def test_a_folder_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for name in ("first", "second"):
        with replace_folder(path) as folder:
            (folder / name).write_text(name, encoding="utf-8")
            (folder / name).chmod(0o600)
    assert names(tmp_path) == ["model", "second"]
    assert (path / "second").stat().st_mode & 0o044 == path.stat().st_mode & 0o044


def test_what_a_killed_process_left_behind_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".model.beside-999").mkdir()
    (tmp_path / ".model.beside-999" / "half").write_text("half", encoding="utf-8")
    (tmp_path / ".model.onnx.beside-999").write_text("another file's", encoding="utf-8")
    with replace_folder(tmp_path / "model") as folder:
        (folder / "whole").write_text("whole", encoding="utf-8")
    assert names(tmp_path) == [".model.onnx.beside-999", "model", "whole"]


def test_a_full_disk_is_one_line_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_jsonl(path, [{"text": "一"}])
    message = r"rows\.jsonl: No space left.*free space"
    with pytest.raises(OutputError, match=message), replace_file(path) as beside:
        beside.write_text("half", encoding="utf-8")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert path.read_text(encoding="utf-8") == '{"text": "一"}\n'
    assert names(tmp_path) == ["rows.jsonl"]


def test_a_folder_that_is_a_file_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot write"):
        write_text(tmp_path / "taken" / "metrics.json", "{}")
