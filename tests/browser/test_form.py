"""What the form of the server does in a browser; what is answered is tests/serve/test_app.py."""

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cuoshi.serve.pages import ASSETS, render_form

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_what_cannot_be_sent_is_said_before_it_is(
    browser: "Browser", tmp_path: Path, address: str
) -> None:
    (tmp_path / "index.html").write_text(render_form(), encoding="utf-8")
    (tmp_path / "static").mkdir()
    for name, (package, _) in ASSETS.items():
        (tmp_path / "static" / name).write_bytes(files(package).joinpath(name).read_bytes())
    speech = {"name": "讲话.txt", "mimeType": "text/plain", "buffer": "要登记。".encode()}
    sent = []
    page = browser.new_page()
    page.on("request", lambda request: request.method == "POST" and sent.append(request))
    page.goto(address)
    said = partial(page.locator("#text").evaluate, "(text) => text.validationMessage")
    page.locator(".submit").click()
    assert said() == "请粘贴全文，或选择文件。"
    page.locator("#text").fill("要登记。")
    page.locator("#file").set_input_files(speech)
    page.locator("#date").press("Enter")
    assert said() == "文字和文件请只提交一项。"
    assert sent == []
    page.locator("#text").fill(" ")
    with page.expect_request(lambda request: request.method == "POST"):
        page.locator(".submit").click()
    page.close()
