"""A recording's trace and the network's attention as the store keeps them: plain arrays."""

import io
import zipfile
from dataclasses import replace

import numpy as np

from thoracle.core.errors import StoreError
from thoracle.respiration.result import BreathingResult
from thoracle.respiration.trace import Trace


def traces_npz(result: BreathingResult) -> bytes:
    """Write a recording's trace and attention as an NPZ file without pickles.

    Parameters
    ----------
    result
        With its trace.

    Returns
    -------
    bytes
        `signal` (samples,) float32, `rate_hz`, and `attention` (windows, steps) float32.

    Raises
    ------
    ValueError
        It has no trace.
    """
    if result.trace is None:
        raise ValueError("found no trace – expected the one that was made. Keep it with the rest.")
    attention = [one.attention for one in result.patterns]
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        signal=result.trace.signal,
        rate_hz=np.float64(result.trace.rate_hz),
        attention=np.array(attention, np.float32).reshape(len(attention), -1)
        if attention
        else np.zeros((0, 0), np.float32),
    )
    return stream.getvalue()


def with_traces(result: BreathingResult, content: bytes) -> BreathingResult:
    """Put the arrays from `traces_npz` back into a result read from JSON.

    Parameters
    ----------
    result
        Of the same recording.
    content
        From `traces_npz`.

    Returns
    -------
    BreathingResult
        With its trace, and the attention of its windows.

    Raises
    ------
    StoreError
        The bytes are damaged, or belong to another number of windows.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            trace = Trace(
                signal=np.asarray(arrays["signal"], np.float32), rate_hz=float(arrays["rate_hz"])
            )
            attention = np.asarray(arrays["attention"], np.float32)
        patterns = tuple(
            replace(one, attention=weights)
            for one, weights in zip(result.patterns, attention, strict=True)
        )
    except (OSError, EOFError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
        raise StoreError(
            f"found damaged traces ({type(error).__name__}) – expected what was saved. Send the "
            "recording again.",
            code="damaged-result",
        ) from error
    return replace(result, trace=trace, patterns=patterns)
