"""The pages: the form, the result with its downloads, and errors, as a page or as JSON.

How a result looks is left to `cuoshi.outputs.page`; these pages wear its style.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from cuoshi.outputs.page import render_page
from cuoshi.reading import ENDINGS
from cuoshi.serve.documents import MAX_CHARACTERS, KeptDocument
from cuoshi.tasks.task import TaskList

ASSETS = {
    "page.css": ("cuoshi.outputs", "text/css"),
    "page.js": ("cuoshi.outputs", "text/javascript"),
    "form.css": ("cuoshi.serve", "text/css"),
    "form.js": ("cuoshi.serve", "text/javascript"),
}
"""The files that pages link to: the package that holds each, and its media type."""


class Explanation(NamedTuple):
    """What an error's page says in Chinese: what is wrong, and what to do about it."""

    headline: str
    advice: str


EXPLANATIONS = {
    400: Explanation("请求有误", "收到的内容不完整，请在下面重新提交。"),
    403: Explanation("不接受其他网站提交的内容", "请在下面的表单里提交。"),
    404: Explanation("没有这个页面", "请在下面粘贴文字或选择文件，重新开始。"),
    405: Explanation("不支持这种请求", "请在下面粘贴文字或选择文件，重新开始。"),
    408: Explanation("上传太慢，已中断", "请检查网络后再提交，文件需要重新选择。"),
    413: Explanation("内容太大", f"请分成几份提交，每份不超过 {MAX_CHARACTERS:,} 字。"),
    415: Explanation("不支持这种文件", "可用的类型列在下面；也可能是文件内容与后缀名不符。"),
    421: Explanation("地址不对", "请用服务启动时显示的地址打开本页。"),
    422: Explanation(
        "无法处理",
        "请核对：文字和文件是否只提交了一项，日期是否正确，"
        "文件能否正常打开、有没有密码、是不是扫描图片（须先做文字识别）。",
    ),
    500: Explanation("程序出错", "这是程序的缺陷，请告知维护人员；也可以换一份文件再试。"),
    503: Explanation("服务正忙", "请稍等几秒再提交，文件需要重新选择。"),
}
"""By status. It tells the kind of fault only: the line of English that the API gives follows."""

OTHERWISE = Explanation("出错了", "请在下面重新提交。")

_API = ("/v1/", "/healthz", "/openapi.json")


def render_form(
    text: str = "", date: str = "", *, explanation: Explanation | None = None, detail: str = ""
) -> str:
    """The form, filled in as it was sent, below what was wrong with it."""
    return _render("index.html.jinja", text=text, date=date, explanation=explanation, detail=detail)


def render_result(task_list: TaskList, document: KeptDocument) -> str:
    """The page of a result, with a form that sends the document back for a download."""
    page = render_page([task_list], assets="/static")
    head, end, body = page.partition("</header>")
    downloads = _render("downloads.html.jinja", kept=document.model_dump_json())
    return f"{head}{downloads}{end}{body}"


def answer_error(request: Request, error: HTTPException) -> Response:
    """One line of JSON to a program, to a person the form, an explanation and that line."""
    if request.url.path.startswith(_API):
        return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
    # Set by the route as soon as it has read them.
    fields = getattr(request.state, "fields", {})
    page = render_form(
        fields.get("text", ""),
        fields.get("date", ""),
        explanation=EXPLANATIONS.get(error.status_code, OTHERWISE),
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
    shared = {"endings": ENDINGS.split(), "most": MAX_CHARACTERS}
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
