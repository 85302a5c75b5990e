"""The API: its routes, and what its OpenAPI description says of them beyond `schemas`.

Routes read bodies themselves, not by their parameters: a place in the queue comes before.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Annotated, Any

from fastapi import FastAPI, Query
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from cuoshi import __version__
from cuoshi.classifier import Classifier
from cuoshi.files import sha256
from cuoshi.measures import MEASURES
from cuoshi.reading.characters import clean_name
from cuoshi.serve import documents as work
from cuoshi.serve import schemas
from cuoshi.serve.bodies import Upload, is_form, read_body, read_form
from cuoshi.serve.work_queue import WorkQueue

_TEXTS: dict[str, Any] = {"application/json": {"schema": schemas.Texts.model_json_schema()}}

_BINARY = {"type": "string", "format": "binary"}

_DOCUMENT: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {**_BINARY, "description": "The document."},
                "date": {
                    "type": "string",
                    "format": "date",
                    "description": "Its day, which deadlines are counted from; by default its own.",
                },
            },
        }
    },
    "application/octet-stream": {"schema": _BINARY},
}

PROBLEMS = {
    400: "The body is malformed.",
    403: "A page of another site asks.",
    408: "The body came too slowly.",
    413: "The body or the text in it is too large; the line names the limit.",
    415: "The kind of document is not supported, or not the one that its name says.",
    421: "The server is called by a name that it does not know.",
    422: "The document cannot be read, or a field is wrong.",
    500: "A bug.",
    503: "All places are taken; Retry-After says when to try again.",
}
"""Why a request is refused, by status."""


def add_api(app: FastAPI, classifier: Classifier, queue: WorkQueue, max_bytes: int) -> None:
    """Add the routes for programs to `app`."""

    @app.get("/healthz", response_model=schemas.Health)
    async def health() -> schemas.Health:
        """Say that the server runs, and with which model."""
        return schemas.Health(status="ok", version=__version__, model=model, requests=queue.taken)

    @app.post("/v1/predict", **_describe_route(schemas.Predictions, _TEXTS, 400, 413, 422))
    async def predict(request: Request) -> Response:
        """Classify sentences, each by itself or with its context."""
        with queue.place():
            body = await read_body(request, max_bytes)
            return await queue.work(request, partial(_predict, classifier, body))

    @app.post("/v1/documents", **_describe_route(schemas.Documents, _DOCUMENT, 400, 413, 415, 422))
    async def documents(
        request: Request,
        filename: Annotated[
            str, Query(description="The name of a raw body; its ending tells the format.")
        ] = "",
        date: Annotated[
            str, Query(description="The day of the document, YYYY-MM-DD.", examples=["2020-02-01"])
        ] = "",
    ) -> Response:
        """Find the tasks of a document.

        Send it as the field `file` of a form, or as the body itself with its name in `filename`.
        """
        with queue.place():
            if is_form(request):
                form = await read_form(request, max_bytes)
                if form.upload is None:
                    raise HTTPException(422, "the form has no file: send it in the field file")
                upload, date = form.upload, form.texts.get("date", date)
            else:
                upload = Upload(filename, await read_body(request, max_bytes))
            return await queue.work(request, partial(_find_tasks, classifier, upload, date))

    folder = classifier.folder.path
    model = schemas.Model(
        name=folder.resolve().name,
        sha256=sha256(folder / "manifest.json"),
        measures=list(MEASURES),
    )


def _predict(classifier: Classifier, body: bytes) -> Response:
    try:
        texts = schemas.Texts.model_validate_json(body)
    except ValidationError as error:
        raise _refuse(error) from error
    contexts = texts.contexts
    if contexts is not None and len(contexts) != len(texts.texts):
        raise HTTPException(
            422, f"contexts are {len(contexts)} for {len(texts.texts)} texts: give one for each"
        )
    work.check_characters(sum(map(len, [*texts.texts, *(contexts or [])])))
    predictions = [
        {"measures": p.measures, "scores": {m: round(p.scores[m], 4) for m in MEASURES}}
        for p in classifier.predict(texts.texts, contexts)
    ]
    return _answer_json({"predictions": predictions})


def _find_tasks(classifier: Classifier, upload: Upload, date: str) -> Response:
    document = work.read_upload(upload, work.parse_date(date))
    task_list = work.list_tasks(classifier, document)
    return Response(work.write_answer(task_list), media_type="application/json")


def _refuse(error: ValidationError) -> HTTPException:
    """The first fault of a JSON body, without its content, in one line."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    status = {"json_invalid": 400, "too_long": 413}.get(fault["type"], 422)
    place = clean_name(".".join(map(str, fault["loc"]))) or "the body"
    return HTTPException(status, f"{place}: {fault['msg']}; see /openapi.json")


def _answer_json(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode(), media_type="application/json")


def _describe_route(answer: type, body: dict[str, Any], *problems: int) -> dict[str, Any]:
    """A route's part of the OpenAPI description: what it takes, gives and refuses."""
    statuses = sorted({*problems, 403, 408, 421, 500, 503})
    return {
        "response_model": None,
        "responses": {
            200: {"model": answer},
            **{s: {"model": schemas.Problem, "description": PROBLEMS[s]} for s in statuses},
        },
        "openapi_extra": {"requestBody": {"required": True, "content": body}},
    }
