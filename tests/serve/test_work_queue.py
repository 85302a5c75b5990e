import asyncio
import threading

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from cuoshi.serve.work_queue import WorkQueue


def make_request(gone: asyncio.Event) -> Request:
    """A request whose body was read and whose sender goes when `gone` is set."""

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


def test_a_full_queue_turns_away_at_once_and_says_when_to_come_again() -> None:
    queue = WorkQueue(workers=1, waiting=1)
    with queue.place(), queue.place():
        with pytest.raises(HTTPException, match="all 2 places are taken") as refusal, queue.place():
            pass
        assert refusal.value.status_code == 503
        assert refusal.value.headers == {"Retry-After": "5"}
    with queue.place():
        assert queue.taken == 1


def test_who_goes_while_waiting_frees_his_place_and_is_not_worked_for() -> None:
    async def run() -> None:
        queue = WorkQueue(workers=1, waiting=1)
        gone, stays = asyncio.Event(), asyncio.Event()
        begun, free = asyncio.Event(), threading.Event()
        loop = asyncio.get_running_loop()
        calls = []

        def occupy() -> str:
            loop.call_soon_threadsafe(begun.set)
            free.wait()
            return "done"

        async def call(left: asyncio.Event, function: object) -> object:
            with queue.place():
                return await queue.work(make_request(left), function)  # type: ignore[arg-type]

        first = asyncio.create_task(call(stays, occupy))
        await begun.wait()
        second = asyncio.create_task(call(gone, lambda: calls.append("second")))
        gone.set()
        with pytest.raises(ClientDisconnect):
            await second
        assert queue.taken == 1
        # One who goes while being worked for holds the thread until the work is done.
        stays.set()
        await asyncio.sleep(0)
        assert queue.taken == 1
        free.set()
        await asyncio.gather(first, return_exceptions=True)
        assert (queue.taken, calls) == (0, [])

    asyncio.run(run())


def test_an_error_of_the_work_arrives_as_it_is() -> None:
    async def run() -> None:
        with pytest.raises(ZeroDivisionError):
            await WorkQueue(1, 0).work(make_request(asyncio.Event()), lambda: 1 // 0)

    asyncio.run(run())
