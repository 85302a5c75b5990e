"""Chromium as the system has it, steered by playwright, for the tests marked `browser`."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from cuoshi.outputs.page import render_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SERVED_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.fail("there is no chromium on PATH: install it, then run `make test-browser` again")
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, which continuous integration often is.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: "Browser", tmp_path: Path) -> "Iterator[Callable[..., Page]]":
    """Open task lists as one file; fails on errors in the page and on any request but its own."""
    contexts, faults = [], []

    def open_lists(*task_lists: object, **settings: object) -> "Page":
        path = tmp_path / "page.html"
        path.write_text(render_page(task_lists), encoding="utf-8", newline="")
        contexts.append(browser.new_context(**{**DESKTOP, **settings}))
        contexts[-1].set_default_timeout(120_000)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(error))
        page.on("console", lambda message: faults.append(message.text))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        page.on("request", lambda request: request.url == path.as_uri() or faults.append(request))
        page.goto(path.as_uri())
        return page

    yield open_lists
    for context in contexts:
        context.close()
    assert faults == []


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", SERVED_POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Where the files of `tmp_path` are served, under the policy that the server gives."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=tmp_path)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
