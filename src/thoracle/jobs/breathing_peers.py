"""Breaths as NeuroKit2 finds them, beside our own; without it the comparison is left out."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray

WITHOUT: Final = (
    "NeuroKit2 is not installed: its rows are left out. It comes with make install in a clone, or "
    "pip install neurokit2."
)
# What its methods raise where they find nothing to work on.
_FAILURES: Final = (ArithmeticError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One way of NeuroKit2 to find breaths.

    Attributes
    ----------
    name
        As a table has it.
    peaks_s
        From a signal, inspiration up, and its rate to the ends of inspiration; none where the
        method fails.
    """

    name: str
    peaks_s: Callable[[DoubleArray, float], DoubleArray]


_METHODS: Final = (
    ("khodadad2018", "khodadad2018"),  # the library's default
    ("khodadad2018", "scipy"),
    ("biosppy", "biosppy"),
)
"""Methods of `rsp_clean` and `rsp_findpeaks`."""


def peers() -> tuple[Peer, ...]:
    """Return the ways of NeuroKit2, none where it is not installed."""
    try:
        import neurokit2
    except ImportError:
        return ()
    return tuple(_peer(neurokit2, *methods) for methods in _METHODS)


def _peer(library: ModuleType, clean: str, find: str) -> Peer:
    def peaks_s(signal: DoubleArray, rate_hz: float) -> DoubleArray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                cleaned = library.rsp_clean(signal, sampling_rate=rate_hz, method=clean)
                found = library.rsp_findpeaks(cleaned, sampling_rate=rate_hz, method=find)
                return np.asarray(found["RSP_Peaks"], np.float64) / rate_hz
            except _FAILURES:
                return np.empty(0)

    name = clean if clean == find else f"{clean}, {find}"
    return Peer(name=f"NeuroKit2 {library.__version__} ({name})", peaks_s=peaks_s)
