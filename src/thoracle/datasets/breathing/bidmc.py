"""BIDMC: eight minutes of impedance from intensive care, with breaths that two people marked.

What the files hold, found in them:

- *Signals*: RESP at 125 Hz, scaled by the monitor and without a unit. The time column is written
  with five digits, so that after 100 s it steps by 0.00 or 0.01 s; the rate comes out of it all the
  same. Many recordings are cut off at 0 and 1.
- *Numerics*: once a second the monitor's rate, NaN where it shows none. A 0, in
  recording 13, is kept as it stands.
- *Breaths*: sample numbers of two annotators, at the top of each breath (the end of inspiration),
  not at its beginning. They lie on grids of 4.35 and 5.27 samples, the annotators' screens, so that
  counting from 0 or from 1 cannot be told from them. The collection's own program takes them as
  they are from MATLAB, where the first sample is 1: so it is here, and the doubt is 8 ms. One mark
  of the second annotator in recording 19 stands out of order, one of the first in 20 twice; the
  first annotator of 46 begins after 35 s. Marks are sorted here, and each is given once.
- *Patients*: 53 recordings of 46 people. Recordings 6 to 9, 20 to 23, and 38 and 39 are of one
  patient each, which the files do not say.

References
----------
Pimentel et al., Towards a robust estimation of respiratory rate from pulse oximeters, IEEE
Transactions on Biomedical Engineering 2017. Patients: the list `pt_id` in BIDMC_data_importer.m of
the toolbox RRest (Charlton, 2017), whose marks are those of the files, recording by recording.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import SignalError, SystemFaultError
from thoracle.core.files import sha256_of
from thoracle.imaging.recording import RecordingFile
from thoracle.imaging.recording_csv import read_csv
from thoracle.respiration.recording import Choice, pick_channel, recording_of
from thoracle.respiration.types import Recording

FIRST_SAMPLE: Final = 1  # of the annotators' sample numbers, see above
ANNOTATORS: Final = ("breaths ann1", "breaths ann2")
SAME_PATIENT: Final = (range(6, 10), range(20, 24), range(38, 40))
_SIGNALS: Final = re.compile(r"bidmc_(\d\d)_Signals\.csv\.gz")
_RATE_IN_NAME: Final = re.compile(r"_(\d+(?:\.\d+)?)hz\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BidmcRecording:
    """One recording with its references.

    Attributes
    ----------
    number
        Of the recording, 1 to 53.
    patient
        Whose it is: the first recording of the same patient, as "bidmc-06".
    recording
        RESP, impedance.
    marks_s : two of (breaths,) float64
        Where each annotator marked the top of a breath, in seconds from the first sample.
    monitor_per_minute : (seconds,) float64
        The monitor's rate, once a second from the first sample; NaN where it shows none.
    """

    number: int
    patient: str
    recording: Recording
    marks_s: tuple[DoubleArray, DoubleArray] = field(repr=False)
    monitor_per_minute: DoubleArray = field(repr=False)


def read_bidmc(folder: Path) -> Iterator[BidmcRecording]:
    """Read the recordings of a folder, by number.

    Parameters
    ----------
    folder
        With bidmc_NN_Signals.csv.gz, bidmc_NN_Numerics.csv.gz and bidmc_NN_Breaths.csv.gz.

    Yields
    ------
    BidmcRecording
        A file that is missing is a SystemFaultError.

    Raises
    ------
    SignalError
        bidmc-none: there is no recording.
    """
    numbers = bidmc_numbers(folder)
    if not numbers:
        raise SignalError(
            f"found no bidmc_NN_Signals.csv.gz in {folder} – expected the BIDMC collection as CSV, "
            "gzipped. Set THORACLE_DATA, or give the folder.",
            code="bidmc-none",
        )
    for number in numbers:
        yield read_bidmc_recording(folder, number)


def bidmc_numbers(folder: Path) -> list[int]:
    """Return the numbers of the recordings in a folder."""
    names = (_SIGNALS.fullmatch(one.name) for one in folder.glob("bidmc_*"))
    return sorted(int(found[1]) for found in names if found)


def read_bidmc_recording(folder: Path, number: int) -> BidmcRecording:
    """Read one recording; the files are trusted, and read in this process.

    Parameters
    ----------
    folder
        As for `read_bidmc`.
    number
        1 to 53.
    """
    signals, numerics, breaths = (
        _table(folder / f"bidmc_{number:02d}_{part}.csv.gz")
        for part in ("Signals", "Numerics", "Breaths")
    )
    recording = recording_of(signals, Choice(channel="RESP", sensor="impedance"))
    monitor = recording_of(numerics, Choice(channel="RESP", sensor="unknown", rate_hz=1.0))
    first, second = (_marks_s(breaths, name, recording.rate_hz) for name in ANNOTATORS)
    return BidmcRecording(
        number=number,
        patient=patient_of(number),
        recording=recording,
        marks_s=(first, second),
        monitor_per_minute=monitor.signal,
    )


def patient_of(number: int) -> str:
    """Return the patient of a recording: the first recording of the same patient."""
    first = next((group[0] for group in SAME_PATIENT if number in group), number)
    return f"bidmc-{first:02d}"


def read_named_rate(path: Path) -> Recording:
    """Read a recording whose rate stands in its file's name alone, as "…_100hz.csv.gz".

    Parameters
    ----------
    path
        A table of one channel.

    Returns
    -------
    Recording
        Of an unknown sensor: neither the file nor its name says it.

    Raises
    ------
    SignalError
        signal-no-rate: the name does not say it.
    """
    found = _RATE_IN_NAME.search(path.name)
    if found is None:
        raise SignalError(
            f"found no rate in the name {path.name} – expected one such as _100hz. Rename the file "
            "if you know it.",
            code="signal-no-rate",
        )
    return recording_of(_table(path), Choice(sensor="unknown", rate_hz=float(found[1])))


def _marks_s(breaths: RecordingFile, name: str, rate_hz: float) -> DoubleArray:
    numbers = pick_channel(breaths.reading, name).values
    marks_s: DoubleArray = (np.unique(numbers[~np.isnan(numbers)]) - FIRST_SAMPLE) / rate_hz
    return marks_s


def _table(path: Path) -> RecordingFile:
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise SystemFaultError(fault) from fault
    return RecordingFile(reading=read_csv(content), sha256=sha256_of(content), name=path.name)
