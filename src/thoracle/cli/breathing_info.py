"""`thoracle breathing info`: what a recording holds, before anything is chosen of it."""

import math
from typing import TYPE_CHECKING

import typer

from thoracle.cli.breathing_options import RecordingPath, TimeUnit

if TYPE_CHECKING:
    from thoracle.jobs.breathing_files import ChannelFacts

_MINUTE_S = 60


def info(path: RecordingPath, *, time_unit: TimeUnit = None) -> None:
    """List a recording's channels: unit, rate, length, gaps and range."""
    from thoracle.imaging.sandbox import DecoderPool
    from thoracle.jobs.breathing_files import recording_facts

    with DecoderPool.from_settings(workers=1) as pool:
        format_name, channels, trouble = recording_facts(path, pool, time_unit=time_unit)
    noun = "channel" if len(channels) == 1 else "channels"
    typer.echo(f"{format_name}, {len(channels)} {noun}")
    for one in channels:
        typer.echo(_line(one))
    if trouble is not None:
        typer.echo(f"warning: {trouble}", err=True)


def _line(channel: "ChannelFacts") -> str:
    parts = [
        f"{channel.name}{f' [{channel.unit}]' if channel.unit else ', no unit'}",
        _rate(channel.rate_hz),
        f"{channel.samples} samples{_length(channel.samples, channel.rate_hz)}",
        _missing(channel),
    ]
    if not math.isnan(channel.low):
        parts.append(f"{channel.low:g} to {channel.high:g}")
    return " · ".join(parts)


def _rate(rate_hz: float | None) -> str:
    return "rate not said: give --rate-hz" if rate_hz is None else f"{rate_hz:g} Hz"


def _length(samples: int, rate_hz: float | None) -> str:
    if rate_hz is None:
        return ""
    minutes, seconds = divmod(samples / rate_hz, _MINUTE_S)
    return f", {minutes:.0f} min {seconds:.1f} s"


def _missing(channel: "ChannelFacts") -> str:
    if not channel.missing:
        return "none missing"
    rate = channel.rate_hz
    longest = (
        f"{channel.longest_gap} samples" if rate is None else f"{channel.longest_gap / rate:.1f} s"
    )
    return f"{channel.missing} missing, gaps: {channel.gaps}, the longest {longest}"
