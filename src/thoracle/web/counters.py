"""Counts of what the app does, for Prometheus; nothing in them tells of a patient."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as written

_BUCKETS_S: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


class Counters:
    """The counts of one app, apart from those of any other in the process.

    Parameters
    ----------
    waiting
        Tells how many films are at work or waiting.
    """

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self.analyses = Counter(
            "thoracle_analyses", "Films by how they ended.", ["status"], registry=self._registry
        )
        self.seconds = Histogram(
            "thoracle_analysis_seconds",
            "Time from a film's turn to its kept result.",
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self.refused = Counter(
            "thoracle_busy", "Requests told to come back later.", registry=self._registry
        )
        self.streams = Gauge(
            "thoracle_breathing_streams",
            "Live streams of breathing that are on.",
            registry=self._registry,
        )
        self.stream_seconds = Histogram(
            "thoracle_breathing_step_seconds",
            "Time that a second of all live streams takes.",
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        line = Gauge("thoracle_line_length", "Films at work or waiting.", registry=self._registry)
        line.set_function(waiting)

    def text(self) -> bytes:
        """Return all counts in the form that Prometheus reads."""
        return written(self._registry)
