"""What the app does by itself while it runs: deletes what is too old, watches live breathing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from thoracle.core.errors import StoreError
from thoracle.web.services import Services

EVERY_S: Final = 3600.0


def housekeeping(
    services: Services, *, every_s: float = EVERY_S
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the lifespan of an app that deletes old results at start and every hour.

    Meanwhile the live streams of breathing are told of, second by second.

    Parameters
    ----------
    services
        With the store, the clock and how long results are kept.
    every_s
        Seconds between two rounds.

    Returns
    -------
    callable
        For `FastAPI(lifespan=...)`.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(one) for one in (_rounds(services, every_s), services.beat.run())
        ]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan


async def _rounds(services: Services, every_s: float) -> None:
    days = services.options.retention_days
    while days > 0:
        with suppress(StoreError):  # a locked database: the next round tries again
            await run_in_threadpool(
                services.store.delete_older, services.options.now() - timedelta(days=days)
            )
        await asyncio.sleep(every_s)
