from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cuoshi.errors import DocumentError
from cuoshi.reading import Document, document, read_document
from cuoshi.text.document import outline


def test_a_text_file_is_read_as_it_stands(tmp_path: Path) -> None:
    text = "\u3000\u3000一、加强领导\r\n对返乡人员登记。\r各级负责。\n"
    path = tmp_path / "讲话.txt"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_document(path) == Document(str(path), text, "txt", "utf-8")
    assert read_document(str(path)).text == text


def test_bytes_and_files_are_read_like_paths(tmp_path: Path) -> None:
    data = "对返乡人员登记。".encode("gb18030")
    expected = Document("会议.txt", "对返乡人员登记。", "txt", "gb18030")
    assert read_document(data, name="会议.txt") == expected
    assert read_document(io.BytesIO(data), name="会议.txt") == expected
    assert read_document(data).name == "standard input"
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    with path.open("rb") as file:
        assert read_document(file).name == str(path)


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=("隔离观察。".encode(),))
    writer.start()
    assert read_document(pipe).text == "隔离观察。"
    writer.join()


@pytest.mark.parametrize("data", [b"", b" \n\t", "\ufeff\u3000\n".encode(), b"\0\0\0 a"[:3]])
def test_a_blank_document_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError, match=r"x\.txt (holds no text|is not text)"):
        read_document(data, name="x.txt")


def test_what_cannot_be_opened_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"no\.txt does not exist: check the path"):
        read_document(tmp_path / "no.txt")
    with pytest.raises(DocumentError, match="is a folder: choose a file in it"):
        read_document(tmp_path)
    with pytest.raises(DocumentError, match="cannot read"):
        read_document("a\0b.txt")
    with pytest.raises(DocumentError, match=r"^aaa.*… is no path but a text"):
        read_document("a" * 5000)


def test_names_cannot_break_a_line_or_command_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\n\x1b[31m\udcff.txt"
    path.write_text("正文。")
    assert read_document(path).name == f"{tmp_path}/a\ufffd\ufffd[31m\ufffd.txt"
    with pytest.raises(DocumentError, match=r"^a\ufffdb does not exist"):
        read_document("a\nb")


def test_a_document_beyond_the_limits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_BYTES", 1_000_000)
    monkeypatch.setattr(document, "MAX_CHARACTERS", 400)
    assert read_document(b"a" * 400, name="x.txt").text
    with pytest.raises(DocumentError, match=r"holds 401 characters, more than 400: split it"):
        read_document(b"a" * 401, name="x.txt")
    with pytest.raises(DocumentError, match="larger than 1 MB"):
        read_document(io.BytesIO(b"a" * 1_000_001), name="x.txt")


def test_the_text_can_be_written_whatever_the_source_carried() -> None:
    found = read_document(rb'["\ud800 a\u0000b \ufffe"]', name="x.json")
    assert found.text == "\ufffd a b \ufffe"
    found.text.encode()
    utf_16 = "隔离\ud800观察".encode("utf-16-le", "surrogatepass")
    assert read_document(b"\xff\xfe" + utf_16, name="x.txt").text == "隔离\ufffd观察"


def test_every_format_gives_the_same_sentences(tmp_path: Path) -> None:
    lines = ["一、加强领导", "对返乡人员逐一登记。各乡镇负责。", "二、保障物资", "储备口罩。"]
    joined = "\n\n".join(lines)
    sources = {
        "x.txt": joined,
        "x.md": f"# {lines[0]}\n\n{lines[1]}\n\n## {lines[2]}\n\n{lines[3]}",
        "x.html": "<html><body>" + "".join(f"<p>{line}</p>" for line in lines),
        "x.json": str(lines).replace("'", '"'),
        "x.jsonl": "\n".join(f'{{"text": "{line}"}}' for line in lines),
        "x.csv": "text\n" + "\n".join(lines),
    }
    expected = [(s.start, s.text, s.heading) for s in outline(joined)]
    for name, source in sources.items():
        found = read_document(source.encode("gb18030"), name=name)
        assert found.text == joined
        assert [(s.start, s.text, s.heading) for s in outline(found.text)] == expected


def test_importing_the_package_loads_no_reader() -> None:
    heavy = {"lxml", "docx", "pypdf", "markdown_it", "charset_normalizer", "torch", "numpy"}
    code = "import sys, cuoshi.reading; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not heavy.intersection(loaded)
