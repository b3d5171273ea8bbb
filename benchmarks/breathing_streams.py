"""Watch many live streams over the web app's WebSockets, and see whether each second is in time.

Run `python benchmarks/breathing_streams.py` on an idle machine. It serves the app on loopback with
an analyzer that does nothing, sends `--streams` of synthetic breathing from a process of its own,
and prints how long a second of all streams took and how late statuses came. The first 65 s are
waited for: a whole window. Patterns are told where the bundle is installed.
"""

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, cast

import numpy as np
import uvicorn
import websockets

from thoracle.jobs.breathing_live import LiveBreathing, pattern_classifier
from thoracle.jobs.breathing_live_types import Told
from thoracle.jobs.results import AnalyzerLike
from thoracle.store.results import open_store
from thoracle.web.app import create_app
from thoracle.web.options import WebOptions
from thoracle.web.services import Extras
from timing import Figure, milliseconds_at, table_of

WARM_S = 65
VIEWERS = 2


class TimedLive(LiveBreathing):
    """Keeps how long each second took."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.took_s: list[float] = []

    def tick(self) -> Told:
        """Tell of every stream, by the clock."""
        began_s = time.perf_counter()
        told = super().tick()
        self.took_s.append(time.perf_counter() - began_s)
        return told


def main() -> None:
    """Serve, send, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60, help="Timed, after the first 65.")
    parser.add_argument("--rate-hz", type=float, default=25.0)
    parser.add_argument("--without-patterns", action="store_true")
    options = parser.parse_args()
    classifier = (lambda: None) if options.without_patterns else pattern_classifier
    live = TimedLive(streams_max=options.streams, classifier=classifier)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder), database_url=None) as store,
    ):
        app = create_app(
            cast("AnalyzerLike", None),
            store,
            options=WebOptions(upload_limit_mb=1.0, loopback_only=True),
            extras=Extras(live=live),
        )
        config = uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        late_s = _sent(port, options)
        server.should_exit = True
        thread.join()
    print(_table(live.took_s[WARM_S:-2], late_s, options))


def _table(took_s: list[float], late_s: list[float], options: argparse.Namespace) -> str:
    named = f"{options.streams} streams of {options.rate_hz:g} Hz"
    patterns = not options.without_patterns and pattern_classifier() is not None
    figures = [
        Figure(
            name=f"{named}, a second of all, median", value=f"{milliseconds_at(took_s, 50):.0f} ms"
        ),
        Figure(
            name=f"{named}, 99 %", value=f"{milliseconds_at(took_s, 99):.0f} ms", target="< 1000 ms"
        ),
        Figure(
            name="from a second's samples to its status, median",
            value=f"{milliseconds_at(late_s, 50):.0f} ms",
        ),
        Figure(name="the same, 99 %", value=f"{milliseconds_at(late_s, 99):.0f} ms"),
        Figure(
            name="seconds over one second",
            value=f"{sum(one > 1 for one in took_s)} of {len(took_s)}",
        ),
    ]
    return table_of(figures, f"{'with' if patterns else 'without'} patterns, {VIEWERS} viewers")


def _sent(port: int, options: argparse.Namespace) -> list[float]:
    """Send all streams from another process, and return how late their statuses came."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_send_all, (port, options))


def _send_all(port: int, options: argparse.Namespace) -> list[float]:
    return asyncio.run(_send(port, options))


async def _send(port: int, options: argparse.Namespace) -> list[float]:
    late_s: list[float] = []
    base = f"ws://127.0.0.1:{port}/api/v1/breathing"
    viewers = [asyncio.create_task(_view(f"{base}/live")) for _ in range(VIEWERS)]
    beds = [
        asyncio.create_task(_bed(f"{base}/streams/bed-{number}", number, options, late_s))
        for number in range(options.streams)
    ]
    await asyncio.gather(*beds)
    for one in viewers:
        one.cancel()
    await asyncio.gather(*viewers, return_exceptions=True)
    return late_s


async def _view(address: str) -> None:
    async with websockets.connect(address, max_size=None) as socket:
        async for _ in socket:
            pass


async def _bed(address: str, number: int, options: argparse.Namespace, late_s: list[float]) -> None:
    await asyncio.sleep(number / options.streams)  # beds do not send at the same instant
    count = round(options.rate_hz)
    times_s = np.arange((WARM_S + options.seconds) * count) / options.rate_hz
    signal = np.sin(2 * np.pi * (12 + number % 10) / 60 * times_s)
    async with websockets.connect(f"{address}?rate_hz={options.rate_hz:g}&sensor=belt") as socket:
        sent_s = [0.0]
        listening = asyncio.create_task(_listen(socket, sent_s, late_s))
        began_s = time.monotonic()
        for second in range(WARM_S + options.seconds):
            samples = signal[second * count : (second + 1) * count]
            await socket.send(json.dumps(samples.round(4).tolist()))
            sent_s[0] = time.monotonic()
            await asyncio.sleep(max(0.0, began_s + second + 1 - time.monotonic()))
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(
    socket: websockets.ClientConnection, sent_s: list[float], late_s: list[float]
) -> None:
    async for text in socket:
        if json.loads(text).get("time_s", 0) > WARM_S:
            late_s.append(time.monotonic() - sent_s[0])  # noqa: PERF401 – read while it grows


if __name__ == "__main__":
    main()
