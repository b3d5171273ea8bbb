"""All that is told of one recording, and its JSON form."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from thoracle.core.results import BundleReference, Provenance, Reason
from thoracle.respiration.analyze import MeasuredWindow
from thoracle.respiration.measures import BreathMeasures
from thoracle.respiration.patterns import PatternWindow
from thoracle.respiration.quality import Faults, Stretch, WindowQuality
from thoracle.respiration.trace import Trace
from thoracle.respiration.types import Apnea, Breath

SCHEMA: Final = "thoracle breathing 1"

_NO_ATTENTION: Final = np.zeros(0, np.float32)
_RECORDING: Final = ("sensor", "unit", "rate_hz", "duration_s", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class BreathingResult:
    """What is told of one recording.

    Attributes
    ----------
    sensor, unit, rate_hz, duration_s, channel
        As it was read.
    breaths, apneas, faults
        Of all of it.
    windows
        Quality and measures of each.
    patterns
        Of each whole window; empty where none could be looked for.
    untold
        Why no pattern could be looked for; None where it was.
    colors
        Of `CLASSES`, as "#rrggbb", by the bundle; empty without one.
    provenance
        Digest of the file, version, and the bundle that was used.
    trace
        The thinned signal; None where it was not read again.
    """

    sensor: str
    unit: str
    rate_hz: float
    duration_s: float
    channel: str
    breaths: tuple[Breath, ...] = field(repr=False)
    apneas: tuple[Apnea, ...]
    faults: Faults
    windows: tuple[MeasuredWindow, ...] = field(repr=False)
    patterns: tuple[PatternWindow, ...] = field(repr=False)
    untold: Reason | None
    colors: tuple[str, ...]
    provenance: Provenance
    trace: Trace | None = None

    @property
    def breaths_per_minute(self) -> float | None:
        """Median of the windows' rates; None where none has one."""
        told = [one.measures for one in self.windows if one.measures is not None]
        rates = [one.rate_per_minute for one in told if one.rate_per_minute is not None]
        return statistics.median(rates) if rates else None

    @property
    def pattern(self) -> str | None:
        """Told of most windows, the first of several; None where none was told."""
        told = [one.pattern for one in self.patterns if one.pattern is not None]
        return Counter(told).most_common(1)[0][0] if told else None


def breathing_json(result: BreathingResult) -> dict[str, Any]:
    """Return what is told of a recording as JSON, but for its trace and the attention.

    Parameters
    ----------
    result
        What is told.

    Returns
    -------
    dict
        With the schema's name first; what is unknown is null.
    """
    return {
        "schema": SCHEMA,
        **{name: getattr(result, name) for name in _RECORDING},
        "breaths_per_minute": result.breaths_per_minute,
        "pattern": result.pattern,
        "breaths": [asdict(one) for one in result.breaths],
        "apneas": [asdict(one) for one in result.apneas],
        "faults": asdict(result.faults),
        "windows": [asdict(one) for one in result.windows],
        "patterns": [_pattern_json(one) for one in result.patterns],
        "untold": None if result.untold is None else asdict(result.untold),
        "colors": list(result.colors),
        "provenance": asdict(result.provenance),
    }


def breathing_from_json(document: Mapping[str, Any]) -> BreathingResult:
    """Read what `breathing_json` wrote.

    Parameters
    ----------
    document
        One that it wrote; a field that is missing or of another kind is a KeyError, TypeError or
        ValueError.

    Returns
    -------
    BreathingResult
        Equal to the one written, but for trace and attention.

    Raises
    ------
    ValueError
        It is of another schema.
    """
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']!r}")
    return BreathingResult(
        **{name: document[name] for name in _RECORDING},
        breaths=tuple(Breath(**one) for one in document["breaths"]),
        apneas=tuple(Apnea(**one) for one in document["apneas"]),
        faults=Faults(**{kind: _stretches(some) for kind, some in document["faults"].items()}),
        windows=tuple(_window(one) for one in document["windows"]),
        patterns=tuple(_pattern(one) for one in document["patterns"]),
        untold=None if document["untold"] is None else Reason(**document["untold"]),
        colors=tuple(document["colors"]),
        provenance=_provenance(document["provenance"]),
    )


def _pattern_json(one: PatternWindow) -> dict[str, Any]:
    return {
        "start_s": one.start_s,
        "pattern": one.pattern,
        "likeliest": one.likeliest,
        "probabilities": list(one.probabilities),
        "reason": one.reason,
    }


def _pattern(one: Mapping[str, Any]) -> PatternWindow:
    known = {**one, "probabilities": tuple(one["probabilities"])}
    return PatternWindow(**known, attention=_NO_ATTENTION)


def _window(one: Mapping[str, Any]) -> MeasuredWindow:
    quality = {**one["quality"], "reasons": tuple(one["quality"]["reasons"])}
    measures = one["measures"]
    return MeasuredWindow(
        window=Stretch(**one["window"]),
        quality=WindowQuality(**quality),
        measures=None if measures is None else BreathMeasures(**measures),
    )


def _stretches(some: Sequence[Mapping[str, Any]]) -> tuple[Stretch, ...]:
    return tuple(Stretch(**one) for one in some)


def _provenance(one: Mapping[str, Any]) -> Provenance:
    bundles = tuple(BundleReference(**bundle) for bundle in one["bundles"])
    return Provenance(**{**one, "bundles": bundles})
