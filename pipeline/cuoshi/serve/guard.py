"""What stands before every route: who may call, and with which headers everything is answered.

A server on the loopback interface is within reach of every page that its user's browser shows.
Pages of other sites are kept from posting to it, and names that were made to point at it (DNS
rebinding) from reading it. The content of requests is left to `bodies`.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cuoshi.serve.pages import answer_error

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every answer carries, errors included."""

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

logger = logging.getLogger(__name__)


class Guard:
    """ASGI middleware that refuses what may not be asked and adds `HEADERS`."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        """Wrap `app`; `hosts` are the names it may be called by, None for any."""
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever comes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal is_started
            if message["type"] == "http.response.start":
                is_started = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope)
        try:
            check_host(request.headers, self.hosts)
            check_site(scope["method"], request.headers)
            await self.app(scope, receive, send_with_headers)
            return
        except ClientDisconnect:
            return
        except HTTPException as error:
            refusal = error
        except asyncio.CancelledError:
            refusal = HTTPException(503, "the server is being stopped: try again later")
        except Exception as error:
            # An error's message may quote the document; where it arose does not.
            places = "".join(traceback.format_tb(error.__traceback__))
            logger.error("%s (a bug, please report it)\n%s", type(error).__name__, places)
            refusal = HTTPException(500, "the server failed: this is a bug, please report it")
        if not is_started:
            await answer_error(request, refusal)(scope, receive, send_with_headers)


def check_host(headers: Headers, hosts: Collection[str] | None) -> None:
    """Refuse a call by a name that is not among `hosts` with an HTTPException of 421."""
    if hosts is None:
        return
    try:
        name = urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        name = None
    if name not in hosts:
        raise HTTPException(421, f"this server is called {' or '.join(sorted(hosts))} only")


def check_site(method: str, headers: Headers) -> None:
    """Refuse what a page of another site posts with an HTTPException of 403.

    Clients that are no browsers send neither header. Browsers send Sec-Fetch-Site to loopback
    addresses and over https; elsewhere Origin has to do, which they make "null" on a page that
    sends no referrer, as ours do.
    """
    if method in _SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        is_own = site in ("same-origin", "none")
    else:
        origin = headers.get("origin", "null")
        is_own = origin == "null" or origin.partition("://")[2] == headers.get("host")
    if not is_own:
        raise HTTPException(403, "pages of other sites may not post here: use the form at /")
