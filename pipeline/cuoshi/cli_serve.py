"""The command `cuoshi serve`: thin, `cuoshi.serve` does the work."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cuoshi.cli_shared import ModelOption, ThreadsOption, load_classifier, report_errors
from cuoshi.errors import ServeError

PACKAGES = ("fastapi", "uvicorn", "jinja2", "python_multipart", "openpyxl", "docx")
"""What the extra `serve` brings."""


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; by default only this machine reaches it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8765,
    model: ModelOption = None,
    threads: ThreadsOption = None,
    max_mb: Annotated[
        int, typer.Option(metavar="N", min=1, max=50, help="Largest upload in MB.")
    ] = 20,
    queue: Annotated[
        int, typer.Option(metavar="N", min=0, help="Requests that may wait for their turn.")
    ] = 64,
) -> None:
    """Serve a web page and an API that find the tasks of documents."""
    with report_errors():
        check_packages()
        from cuoshi.serve.server import serve as serve_requests

        serve_requests(
            load_classifier(model, threads),
            host,
            port,
            workers=threads or os.cpu_count() or 1,
            max_bytes=max_mb * 1_000_000,
            waiting=queue,
        )


def check_packages() -> None:
    """Check that the extra `serve` is installed.

    Raises:
        ServeError: it is not.
    """
    from importlib.util import find_spec

    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ServeError(
            f"{', '.join(missing)} is missing: run `pip install 'cuoshi[serve]'`, then try again"
        )
