"""Live breathing over WebSockets: senders' streams come in, viewers' pages are kept up to date."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from anyio import create_task_group
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError, ThoracleError
from thoracle.core.results import DISCLAIMER
from thoracle.jobs.breathing_live import Connection
from thoracle.jobs.breathing_live_types import StreamRequest
from thoracle.web.breathing_live_beat import status_json
from thoracle.web.problems import known_error_response
from thoracle.web.services import Services
from thoracle.web.texts import WEB
from thoracle.web.visitors import Visitor, is_welcome, language_of

router: Final = APIRouter()

STREAM: Final = "/api/v1/breathing/streams/{name}"
LIVE: Final = "/api/v1/breathing/live"
MESSAGE_MAX: Final = 65_536  # five seconds of a thousand samples each, as long as they are written
IDLE_S: Final = 60.0
SEND_MAX_S: Final = 10.0
WELCOME_EVERY_S: Final = 60.0
VIEWERS_MAX: Final = 100

_ENDED_BY_SENDER: Final = frozenset({1000, 1001})
# Private codes (RFC 6455, 7.4.2), after the statuses of HTTP.
_CODES: Final = {"stream-fast": 4429, "stream-taken": 4409, "stream-idle": 4408, "sign-in": 4401}
_GARBLED: Final = 4422


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a connection is over: an error that its other side is told, or None where it left."""

    error: ThoracleError | None = None
    is_lost: bool = True


@router.websocket(STREAM)
async def stream(socket: WebSocket, name: str) -> None:
    """Take a stream's samples, and answer with its status every second."""
    services: Services = socket.app.state.services
    try:
        connection = services.live.open(_asked(socket, name))
    except ThoracleError as error:
        await socket.send_denial_response(known_error_response(socket.scope, error))
        return
    ending = Ending()
    try:
        await socket.accept()
        await _say(socket, _hello(services, connection))
        ending = await _first_of(
            partial(_receive, socket, services, connection),
            partial(_tell, socket, services, connection),
        )
    finally:
        services.live.leave(connection, is_lost=ending.is_lost)
    await _close(socket, ending)


@router.websocket(LIVE)
async def live(socket: WebSocket) -> None:
    """Send a viewer all streams with their last minute, then what is new every second."""
    services: Services = socket.app.state.services
    if services.viewers >= VIEWERS_MAX:
        error = SignalError(
            f"found {VIEWERS_MAX} viewers of the live streams – expected fewer. Close a page.",
            code="viewers-full",
        )
        await socket.send_denial_response(known_error_response(socket.scope, error))
        return
    services.viewers += 1
    try:
        await socket.accept()
        ending = await _first_of(partial(_ignore, socket), partial(_show, socket, services))
    finally:
        services.viewers -= 1
    await _close(socket, ending)


def _asked(socket: WebSocket, name: str) -> StreamRequest:
    """Read what a sender says of its stream.

    Raises
    ------
    SignalError
        It does not say at which rate, or of which sensor.
    """
    visitor: Visitor = socket.scope["state"]["visitor"]
    given = socket.query_params
    try:
        rate_hz = float(given.get("rate_hz", ""))
    except ValueError:
        rate_hz = float("nan")
    if "sensor" not in given or not np.isfinite(rate_hz):
        raise SignalError(
            "found a stream without its rate or sensor – expected both in its address, such as "
            "?rate_hz=25&sensor=belt. Add them: neither is guessed.",
            code="stream-unknown",
        )
    sender = visitor.name if visitor.is_user else "guest"
    return StreamRequest(name=name, rate_hz=rate_hz, sensor=given["sensor"], sender=sender)


def _hello(services: Services, connection: Connection) -> dict[str, Any]:
    asked = connection.stream.asked
    return {
        "stream": asked.name,
        "rate_hz": asked.rate_hz,
        "sensor": asked.sensor,
        "limits": asdict(services.live.limits),
        "disclaimer": f"{DISCLAIMER} {WEB['monitor_no_bedside']}",
    }


async def _receive(socket: WebSocket, services: Services, connection: Connection) -> Ending:
    """Take samples until the sender leaves, says nothing for long, or sends what cannot be."""
    try:
        while True:
            async with asyncio.timeout(IDLE_S):
                message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return Ending(is_lost=message.get("code") not in _ENDED_BY_SENDER)
            services.live.take(connection, samples_of(message.get("text")))
    except TimeoutError:
        idle = SignalError(
            f"found no message for {IDLE_S:g} s – expected samples every second. Send null for "
            "each that is missing.",
            code="stream-idle",
        )
        return Ending(error=idle)
    except ThoracleError as error:
        return Ending(error=error)


def samples_of(text: str | None) -> DoubleArray:
    """Read a message of samples.

    Parameters
    ----------
    text
        A JSON array of numbers, null for each that is missing; None for a message of bytes.

    Returns
    -------
    (samples,) float64
        NaN where one is missing.

    Raises
    ------
    SignalError
        It is anything else, or longer than a message may be.
    """
    if text is not None and len(text) <= MESSAGE_MAX:
        try:
            read = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, list) and all(type(one) in _VALUES for one in read):
            try:
                return np.array([np.nan if one is None else float(one) for one in read], np.float64)
            except OverflowError:  # an integer beyond all floats
                pass
    raise SignalError(
        f"found a message that is no list of samples – expected a JSON array of numbers and "
        f"nulls, at most {MESSAGE_MAX} bytes. Send one each second.",
        code="stream-message",
    )


_VALUES: Final = (int, float, type(None))


def _no_number(name: str) -> None:
    raise ValueError(name)


async def _tell(socket: WebSocket, services: Services, connection: Connection) -> Ending:
    """Send a sender its status each second."""
    check_s = asyncio.get_running_loop().time() + WELCOME_EVERY_S
    number = services.beat.last.number
    while True:
        told = await services.beat.after(number)
        number = told.number
        status = told.statuses.get(connection.stream.key)
        if status is not None and connection.is_current:
            await _say(socket, status_json(status))
        check_s = await _need_welcome(socket, services, check_s)


async def _show(socket: WebSocket, services: Services) -> Ending:
    """Send a viewer what is new each second; all anew where one was too slow for a second."""
    check_s = asyncio.get_running_loop().time() + WELCOME_EVERY_S
    number, text = await services.beat.whole()
    while True:
        async with asyncio.timeout(SEND_MAX_S):
            await socket.send_text(text)
        told = await services.beat.after(number)
        if told.number == number + 1:
            number, text = told.number, told.text
        else:
            number, text = await services.beat.whole()
        check_s = await _need_welcome(socket, services, check_s)


async def _ignore(socket: WebSocket) -> Ending:
    """Read on until a viewer leaves: only so is it known."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    return Ending(is_lost=False)


async def _need_welcome(socket: WebSocket, services: Services, check_s: float) -> float:
    """Ask now and then whether whoever opened a connection still may; return when to ask next.

    Raises
    ------
    SignalError
        The session has ended, or users exist by now.
    """
    now_s = asyncio.get_running_loop().time()
    if now_s < check_s:
        return check_s
    if not await is_welcome(socket, services):
        raise SignalError(WEB["error_sign_in"], code="sign-in")
    return now_s + WELCOME_EVERY_S


async def _first_of(*sides: Callable[[], Awaitable[Ending]]) -> Ending:
    """Run both sides of a connection until one of them ends, and end the other."""
    endings: list[Ending] = []

    async def run(side: Callable[[], Awaitable[Ending]]) -> None:
        endings.append(await _ended(side))
        group.cancel_scope.cancel()

    async with create_task_group() as group:
        for one in sides:
            group.start_soon(run, one)
    return endings[0]


async def _ended(side: Callable[[], Awaitable[Ending]]) -> Ending:
    try:
        return await side()
    except (WebSocketDisconnect, TimeoutError):  # gone, or too slow to be told anything
        return Ending()
    except ThoracleError as error:
        return Ending(error=error)


async def _say(socket: WebSocket, said: dict[str, Any]) -> None:
    async with asyncio.timeout(SEND_MAX_S):
        await socket.send_text(json.dumps(said))


async def _close(socket: WebSocket, ending: Ending) -> None:
    """Say why, in the language of the other side, and close; nothing where it has left."""
    error = ending.error
    if error is None:
        return
    detail = language_of(socket).sentence(error.text)
    try:
        await _say(socket, {"error": {"code": error.code, "detail": detail}})
        await socket.close(_CODES.get(error.code, _GARBLED), error.code)
    except (WebSocketDisconnect, RuntimeError, TimeoutError):
        return
