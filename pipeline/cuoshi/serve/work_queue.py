"""Who is worked for, who waits and who is turned away.

A request takes a place before its body is read, so that places bound the memory too. There are
as many as requests may be worked for at a time and may wait; the next one is turned away at
once. Work is done in threads, first come, first served.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

RETRY_SECONDS = 5
"""After what time one who was turned away should try again."""

Result = TypeVar("Result")


class WorkQueue:
    """Places for requests, and threads to work for them.

    Attributes:
        taken: how many places are taken now.
    """

    def __init__(self, workers: int, waiting: int) -> None:
        """Set up `workers` threads and as many places more as requests may wait."""
        self.taken = 0
        self._places = workers + waiting
        self._threads = anyio.CapacityLimiter(workers)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place.

        Raises:
            HTTPException: 503, all are taken.
        """
        if self.taken == self._places:
            raise HTTPException(
                503,
                f"all {self._places} places are taken: try again in {RETRY_SECONDS} seconds",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    async def work(self, request: Request, function: Callable[[], Result]) -> Result:
        """What `function` gives, called in a thread when it is the turn of `request`.

        The body of `request` must have been read. What was begun is always finished.

        Raises:
            ClientDisconnect: the sender is gone.
        """
        with anyio.CancelScope() as scope:
            watcher = asyncio.create_task(_cancel_on_disconnect(request, scope))
            try:
                return await anyio.to_thread.run_sync(function, limiter=self._threads)
            finally:
                watcher.cancel()
        raise ClientDisconnect


async def _cancel_on_disconnect(request: Request, scope: anyio.CancelScope) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
