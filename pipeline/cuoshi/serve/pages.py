"""The pages: the form, the result with its downloads, and errors, as a page or as JSON.

How a result looks is left to `cuoshi.outputs.page`; these pages wear its style.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from cuoshi.outputs.page import render_page
from cuoshi.reading import ENDINGS
from cuoshi.serve.documents import DOWNLOADS, MAX_CHARACTERS, KeptDocument
from cuoshi.tasks.task import TaskList

ASSETS = {
    "page.css": ("cuoshi.outputs", "text/css"),
    "page.js": ("cuoshi.outputs", "text/javascript"),
    "form.css": ("cuoshi.serve", "text/css"),
    "form.js": ("cuoshi.serve", "text/javascript"),
}
"""The files that pages link to: the package that holds each, and its media type."""

HEADLINES = {
    400: "请求有误",
    403: "不接受其他网站提交的内容",
    404: "没有这个页面",
    405: "不支持这种请求",
    408: "上传太慢，已中断",
    413: "内容太大",
    415: "不支持这种文件",
    421: "地址不对",
    422: "无法处理",
    500: "程序出错",
    503: "服务正忙，请稍后再试",
}
"""What an error's page says in Chinese, by status; its one line follows."""

_API = ("/v1/", "/healthz", "/openapi.json")


def render_form(text: str = "", date: str = "", *, headline: str = "", detail: str = "") -> str:
    """The form, filled in as it was sent, below what was wrong with it."""
    return _render("index.html.jinja", text=text, date=date, headline=headline, detail=detail)


def render_result(task_list: TaskList, document: KeptDocument) -> str:
    """The page of a result, with a form that sends the document back for a download."""
    page = render_page([task_list], assets="/static")
    head, end, body = page.partition("</header>")
    downloads = _render("downloads.html.jinja", kept=document.model_dump_json())
    return f"{head}{downloads}{end}{body}"


def answer_error(request: Request, error: HTTPException) -> Response:
    """One line of JSON to a program, the form with that line to a person."""
    if request.url.path.startswith(_API):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    # Set by the route as soon as it has read them.
    fields = getattr(request.state, "fields", {})
    page = render_form(
        fields.get("text", ""),
        fields.get("date", ""),
        headline=HEADLINES.get(error.status_code, "出错了"),
        detail=error.detail,
    )
    return HTMLResponse(page, error.status_code, error.headers)


def answer_asset(name: str) -> Response:
    """A file of `ASSETS`.

    Raises:
        HTTPException: 404, there is none of that name.
    """
    if name not in ASSETS:
        raise HTTPException(404, "there is no such file")
    package, kind = ASSETS[name]
    return Response(files(package).joinpath(name).read_bytes(), media_type=kind)


def _render(template: str, **values: Any) -> str:
    shared = {"endings": ENDINGS.split(), "downloads": DOWNLOADS, "most": MAX_CHARACTERS}
    return _templates().get_template(template).render(**shared, **values)


@lru_cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("cuoshi", "serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
