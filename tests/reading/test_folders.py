from __future__ import annotations

from pathlib import Path

import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading import ENDINGS, find_documents
from cuoshi.reading.kinds import OFFICE_ENDINGS


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def test_folders_are_walked_in_order_for_supported_endings(tmp_path: Path) -> None:
    touch(tmp_path, "b.TXT", "a/2.docx", "a/1.pdf", "c.py", ".hidden.txt", "~$b.docx", ".git/x.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = list(find_documents([tmp_path]))
    assert found == [tmp_path / "a/1.pdf", tmp_path / "a/2.docx", tmp_path / "b.TXT"]


def test_office_documents_of_folders_are_found_whether_they_can_be_read_or_not(
    tmp_path: Path,
) -> None:
    names = [f"a{ending}" for ending in sorted(OFFICE_ENDINGS)]
    touch(tmp_path, *names, "b.DOC", "c.md")
    touch(tmp_path, "~$d.doc", ".e.doc", "f.png", "g.zip", "doc")
    found = [path.name for path in find_documents([tmp_path])]
    assert found == [*names, "b.DOC", "c.md"]


def test_files_are_taken_as_given_in_the_given_order(tmp_path: Path) -> None:
    touch(tmp_path, "z.doc", "a.txt")
    given = [tmp_path / "z.doc", tmp_path / "a.txt"]
    assert list(find_documents(given)) == given


def test_one_bad_path_does_not_stop_the_others(tmp_path: Path) -> None:
    touch(tmp_path, "1.txt", "2.txt", "empty/notes.xyz")
    errors: list[DocumentError] = []
    paths = [tmp_path / "1.txt", tmp_path / "no", tmp_path / "empty", tmp_path / "2.txt"]
    found = list(find_documents(paths, on_error=errors.append))
    assert found == [tmp_path / "1.txt", tmp_path / "2.txt"]
    assert [str(error) for error in errors] == [
        f"{tmp_path}/no does not exist: check the path",
        f"{tmp_path}/empty holds no documents: put files in it that end in {ENDINGS}",
    ]
    with pytest.raises(DocumentError, match="does not exist"):
        list(find_documents(paths))


def test_a_path_that_cannot_be_looked_at_is_left_to_the_reader() -> None:
    text = Path("各镇要排查。" * 100)
    assert list(find_documents([text])) == [text]
