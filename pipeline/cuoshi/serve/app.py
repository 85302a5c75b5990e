"""The application: the pages' routes, and all that is put together to one server.

The API's routes are left to `api`, the work to `documents`, how a page looks to `pages`.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cuoshi import __version__
from cuoshi.classifier import Classifier
from cuoshi.errors import CuoshiError
from cuoshi.serve import documents as work
from cuoshi.serve.api import add_api
from cuoshi.serve.bodies import Form, read_form
from cuoshi.serve.documents import DOWNLOADS, KeptDocument
from cuoshi.serve.guard import Guard
from cuoshi.serve.pages import answer_asset, answer_error, render_form, render_result
from cuoshi.serve.work_queue import WorkQueue

SMALL_FORM = 1_000_000
"""Bytes up to which a form is read although it will be turned away: to give its text back."""

KEPT_BYTES = 4 * work.MAX_CHARACTERS + 100_000
"""Bytes of a form that sends a document back: up to four a character, and what is around it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is set up with.

    Attributes:
        workers: how many requests are worked for at a time.
        waiting: how many more may wait.
        max_bytes: size of a request.
        hosts: the names that the server may be called by; None for any.
    """

    workers: int
    waiting: int = 64
    max_bytes: int = 20_000_000
    hosts: Collection[str] | None = None


def create_app(classifier: Classifier, settings: Settings) -> FastAPI:
    """The application on one loaded model."""
    queue = WorkQueue(settings.workers, settings.waiting)
    pages = _Pages(classifier, queue, settings.max_bytes)
    app = FastAPI(
        title="cuoshi 措施",
        summary="Finds the sentences of Chinese speeches that direct a measure.",
        description=_describe(settings),
        version=__version__,
        # Their pages take scripts from a CDN.
        docs_url=None,
        redoc_url=None,
        routes=[
            Route("/", pages.show_form, methods=["GET"]),
            Route("/", pages.show_result, methods=["POST"]),
            Route("/download/{ending}", pages.download, methods=["POST"]),
            Route("/static/{name}", pages.show_asset, methods=["GET"]),
        ],
        exception_handlers={HTTPException: _answer_http, CuoshiError: _answer_cuoshi},
    )
    add_api(app, classifier, queue, settings.max_bytes)
    app.add_middleware(Guard, hosts=settings.hosts)
    return app


class _Pages:
    """What a person sees."""

    def __init__(self, classifier: Classifier, queue: WorkQueue, max_bytes: int) -> None:
        self.classifier, self.queue, self.max_bytes = classifier, queue, max_bytes

    async def show_form(self, request: Request) -> Response:
        return HTMLResponse(render_form())

    async def show_asset(self, request: Request) -> Response:
        return answer_asset(request.path_params["name"])

    async def show_result(self, request: Request) -> Response:
        try:
            with self.queue.place():
                form = await self._read(request, self.max_bytes)
                return await self.queue.work(request, partial(self._render, form))
        except HTTPException as error:
            if error.status_code == 503:
                with suppress(HTTPException):
                    await self._read(request, SMALL_FORM)
            raise

    async def download(self, request: Request) -> Response:
        ending = request.path_params["ending"]
        if ending not in DOWNLOADS:
            raise HTTPException(404, f"there is no download but {', '.join(DOWNLOADS)}")
        with self.queue.place():
            form = await read_form(request, KEPT_BYTES)
            content, name = await self.queue.work(request, partial(self._write, form, ending))
        disposition = {"Content-Disposition": work.name_download(name, ending)}
        return Response(content, media_type=DOWNLOADS[ending], headers=disposition)

    async def _read(self, request: Request, max_bytes: int) -> Form:
        form = await read_form(request, max_bytes)
        request.state.fields = form.texts
        return form

    def _render(self, form: Form) -> Response:
        text, date = form.texts.get("text", ""), work.parse_date(form.texts.get("date", ""))
        if form.upload is None:
            document = work.read_pasted(text, date)
        elif text.strip():
            raise HTTPException(422, "there are both a text and a file: send one of them")
        else:
            document = work.read_upload(form.upload, date)
        task_list = work.list_tasks(self.classifier, document)
        return HTMLResponse(render_result(task_list, document))

    def _write(self, form: Form, ending: str) -> tuple[bytes, str]:
        try:
            document = KeptDocument.model_validate_json(form.texts.get("document", ""))
        except ValidationError as error:
            raise HTTPException(
                400, "the form holds no document as a result page keeps it: start again at /"
            ) from error
        work.check_characters(len(document.text))
        task_list = work.list_tasks(self.classifier, document)
        return work.write_download(task_list, ending), document.name


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer_error(request, error)


async def _answer_cuoshi(request: Request, error: Exception) -> Response:
    return answer_error(request, HTTPException(422, str(error)))


def _describe(settings: Settings) -> str:
    return (
        f"A request holds up to {settings.max_bytes / 1_000_000:g} MB, its text up to "
        f"{work.MAX_CHARACTERS:,} characters. Nothing that is sent is stored or logged."
    )
