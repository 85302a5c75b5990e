import io
import logging
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from typing import Any

import docx
import lxml.html
import openpyxl
import pytest
from starlette.testclient import TestClient

from cuoshi.classifier import Classifier, ScoredDocument
from cuoshi.outputs.tasks_docx import write_docx
from cuoshi.outputs.tasks_xlsx import write_xlsx
from cuoshi.serve.app import Settings, create_app
from tests.serve.conftest import BASE, HOSTS, SPEECH, as_json, find

HOSTILE = "</textarea></header><script>alert(1)</script>\"'{{7*7}}&amp;\r\n"
SECRET = "各镇要居家观察，切勿外传。"


def upload(client: TestClient, text: str = SPEECH, name: str = "讲话.txt", day: str = "") -> Any:
    return client.post("/", files={"file": (name, text.encode())}, data={"date": day})


def send_back(client: TestClient, page: Any, ending: str) -> Any:
    """Press a button of a result page."""
    form = lxml.html.fromstring(page.text).get_element_by_id("downloads")
    kept = form.xpath(".//input[@name='document']")[0].value
    assert f"/download/{ending}" in form.xpath(".//button/@formaction")
    return client.post(f"/download/{ending}", files={"document": (None, kept)})


def test_a_pasted_text_and_an_upload_give_the_page_of_their_tasks(client: TestClient) -> None:
    pasted = client.post("/", files={"text": (None, SPEECH.replace("\n", "\r\n"))})
    for page, name in ((upload(client), "讲话.txt"), (pasted, "粘贴的文本")):
        tree = lxml.html.fromstring(page.text)
        assert page.status_code == 200
        assert tree.xpath("string(//title)") == f"督办清单 · {name}"
        assert len(tree.xpath("//tr[contains(@class, 'task')]")) == 2
        sources = tree.xpath("//script/@src | //link[@rel='stylesheet']/@href")
        assert all(client.get(source).status_code == 200 for source in sources)
        assert not tree.xpath("//style | //script[not(@src)] | //@style | //@onclick")


def test_a_hostile_document_stays_text(client: TestClient) -> None:
    text = HOSTILE + SPEECH
    for page in (
        upload(client, text, name=HOSTILE),
        client.post("/", files={"text": (None, text), "date": (None, '"><script>')}),
        client.post("/", files={"text": (None, text), "file": ("a.txt", b"a")}),
    ):
        tree = lxml.html.fromstring(page.text)
        assert not tree.xpath("//script[not(@src)]")
        assert "alert(1)" in page.text


@pytest.mark.parametrize("ending", ["xlsx", "docx", "json"])
def test_downloads_are_what_the_command_line_writes(
    client: TestClient, classifier: Classifier, ending: str
) -> None:
    # Line breaks of any kind come back as they were, so that offsets hold.
    text = SPEECH.replace("\n", "\r\n", 1) + "\n\n\r"
    task_list = find(classifier, text, "讲话.txt", date(2020, 2, 1))
    answer = send_back(client, upload(client, text, day="2020-02-01"), ending)
    assert answer.status_code == 200
    assert "%E8%AE%B2%E8%AF%9D-%E7%9D%A3" in answer.headers["content-disposition"]
    if ending == "json":
        assert answer.json() == as_json(task_list)
        return
    expected = io.BytesIO()
    (write_xlsx if ending == "xlsx" else write_docx)([task_list], expected)
    assert answer.content == expected.getvalue()
    file = io.BytesIO(answer.content)
    if ending == "xlsx":
        assert openpyxl.load_workbook(file)["督办清单"].max_row == 3
    else:
        assert len(docx.Document(file).tables[0].rows) == 3


@pytest.mark.parametrize(
    ("name", "data", "day", "status", "headline"),
    [
        ("a.txt", b"", "", 422, "无法处理"),
        ("a.pdf", b"%PDF-1.7", "", 422, "无法处理"),
        ("a.txt", SPEECH.encode(), "2020-02-30", 422, "无法处理"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n", "", 415, "不支持这种文件"),
        ("a.txt", b"a" * 200_001, "", 413, "内容太大"),
        ("a.txt", b"a" * 1_000_001, "", 413, "内容太大"),
    ],
    ids=["empty", "damaged", "no day", "a picture", "many characters", "many bytes"],
)
def test_page_and_api_refuse_alike(
    client: TestClient, name: str, data: bytes, day: str, status: int, headline: str
) -> None:
    files, fields = {"file": (name, data)}, {"date": day}
    page = client.post("/", files=files, data=fields)
    answer = client.post("/v1/documents", files=files, data=fields)
    assert (page.status_code, answer.status_code) == (status, status)
    alert = lxml.html.fromstring(page.text).xpath("//*[@role='alert']")[0]
    assert alert.xpath("string(h2)") == headline
    assert alert.xpath("string(.//*[@lang='en'])") == answer.json()["detail"]


def test_a_refused_form_comes_back_as_it_was_filled_in(client: TestClient) -> None:
    text = "\n" + HOSTILE.replace("\r\n", "\n") + "甲"
    page = client.post("/", files={"text": (None, text), "date": (None, "someday")})
    tree = lxml.html.fromstring(page.text)
    # A parser drops the line break after the tag; lxml does not.
    assert tree.xpath("string(//textarea)") == "\n" + text
    assert tree.xpath("//input[@name='date']/@value") == ["someday"]


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "{}",
        '{"name": "a", "text": 1, "reference": null}',
        '{"name": "a", "text": "\\ud800", "reference": null}',
        '{"name": "a", "text": "a", "reference": "9999-12-31"}',
    ],
)
def test_a_download_needs_a_document_that_a_page_kept(client: TestClient, kept: str) -> None:
    assert client.post("/download/json", files={"document": (None, kept)}).status_code == 400


class BlockedClassifier:
    """A classifier that reads no document until it is told to."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier, self.folder, self.thresholds = classifier, classifier.folder, ()
        self.free = threading.Event()

    def read_text(self, text: str, *, name: str = "") -> ScoredDocument:
        self.free.wait()
        return ScoredDocument(name, text, ())


def test_a_full_queue_turns_page_and_api_away_and_keeps_the_text(classifier: Classifier) -> None:
    blocked = BlockedClassifier(classifier)
    settings = Settings(workers=1, waiting=1, hosts=HOSTS)
    app = create_app(blocked, settings)  # type: ignore[arg-type]
    with TestClient(app, base_url=BASE) as client, ThreadPoolExecutor() as threads:
        try:
            held = [threads.submit(upload, client) for _ in range(2)]
            while client.get("/healthz").json()["requests"] < 2:
                os.sched_yield()
            for path in ("/v1/documents", "/v1/predict", "/download/xlsx", "/"):
                answer = client.post(path, files={"text": (None, "请保留")})
                assert answer.status_code == 503
                assert answer.headers["retry-after"] == "5"
            tree = lxml.html.fromstring(answer.text)
            assert tree.xpath("string(//textarea)").strip() == "请保留"
        finally:
            blocked.free.set()
        assert [future.result().status_code for future in held] == [200, 200]
        assert client.get("/healthz").json()["requests"] == 0


def test_concurrent_uploads_are_all_answered_each_with_its_own(classifier: Classifier) -> None:
    app = create_app(classifier, Settings(workers=2, hosts=HOSTS))
    with TestClient(app, base_url=BASE) as client, ThreadPoolExecutor(32) as threads:
        names = [f"{i}.txt" for i in range(64)]
        answers = list(threads.map(lambda name: upload(client, name=name), names))
    assert [answer.status_code for answer in answers] == [200] * 64
    titles = [lxml.html.fromstring(answer.text).xpath("string(//title)") for answer in answers]
    assert titles == [f"督办清单 · {name}" for name in names]


_written: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _written is not None:
        path, _, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR):
            _written.append(str(path))


@contextmanager
def watch_files() -> Iterator[list[str]]:
    """Collect the files that this process opens for writing; a hook cannot be taken away again."""
    global _written
    if _written is None:
        sys.addaudithook(_watch)
    _written = []
    yield _written
    _written = None


def test_nothing_of_a_document_is_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        send_back(client, upload(client, SECRET, name="机密.txt"), "json")
        client.post("/v1/documents?filename=机密.txt", content=SECRET.encode())
        client.post("/v1/documents", files={"file": ("机密.pdf", SECRET.encode())})
        client.post("/v1/predict", json={"texts": [SECRET]})
        client.post("/v1/predict", json={SECRET: [SECRET]})
        for body in (SECRET, f"--x\r\n{SECRET}", f"--x\r\n{SECRET}: a\r\n\r\n--x--{SECRET}"):
            kind = {"content-type": "multipart/form-data; boundary=x"}
            client.post("/", content=body.encode(), headers=kind)
    # The tests' own client logs what it sends.
    logged = [r.getMessage() for r in caplog.records if not r.name.startswith("http")]
    output = "".join([*logged, *capfd.readouterr()])
    assert "机密" not in output
    assert SECRET[:4] not in output


@pytest.mark.parametrize(
    "ending",
    [
        "xlsx",
        "docx",
        "json",
    ],
)
def test_nothing_of_a_document_is_written_to_disk(classifier: Classifier, ending: str) -> None:
    app = create_app(classifier, Settings(workers=1, hosts=HOSTS))
    with TestClient(app, base_url=BASE) as client:
        # What is imported on first use may write its bytecode.
        send_back(client, upload(client), ending)
        with watch_files() as written:
            with tempfile.TemporaryFile():
                assert written
                written.clear()
            assert send_back(client, upload(client), ending).status_code == 200
            # Forms are commonly kept in memory up to 1 MB.
            assert upload(client, "\n" * 2_000_000).status_code == 422
            assert client.post("/v1/documents", content=b"\n" * 2_000_000).status_code == 422
    assert written == []
