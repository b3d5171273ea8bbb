"""The network of a bundle that was made for charts: its variables, and a run over many landmarks.

It is one stack of matrix products, whatever its cell: no operator of the runtime's own for cells,
which end the process over a batch of none, is in it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.errors import BundleError, ChartError
from thoracle.core.files import write_atomically
from thoracle.inference.bundle import Bundle, CorruptBundleError
from thoracle.inference.session import Network
from thoracle.prognosis.calibration import Calibration
from thoracle.prognosis.features import DAYS, Scaling, sequences
from thoracle.prognosis.learned import Seen
from thoracle.prognosis.types import HORIZONS, Chart, Landmark
from thoracle.prognosis.variables import VARIABLES, place_of

TASK: Final = "prognosis"
CHART_INPUT: Final = "chart-14d-daily-latest-first-older-last"
CONTENT: Final = "variables.json"
OUTPUTS: Final = ("logits", "attention", "contributions", "quantiles")
BATCH: Final = 256  # landmarks a run


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkContent:
    """What a network for charts needs beside its weights.

    Attributes
    ----------
    scaling
        Which variables it is shown, and how.
    seen
        What these were like in the patients learned from.
    calibration
        How the members' logits become risks.
    widening : (2,) float64
        Forecast intervals in one and three days are that many times as wide as the network's.
    """

    scaling: Scaling
    seen: Seen
    calibration: Calibration
    widening: DoubleArray = field(repr=False)


class ChartNetwork:
    """The network of a bundle, shared by risks and forecasts.

    Parameters
    ----------
    bundle
        Of task "prognosis".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task(TASK).need_input(CHART_INPUT)
        self.content = read_content(bundle.folder)
        self._network = Network(bundle, needs=OUTPUTS, threads=threads)

    def run(
        self, charts: Sequence[Chart], landmarks: Sequence[Landmark], outputs: tuple[str, ...]
    ) -> Iterator[tuple[FloatArray, Mapping[str, FloatArray]]]:
        """Yield what is shown and the named outputs, batch by batch; of no landmarks nothing."""
        for at in range(0, len(landmarks), BATCH):
            shown = sequences(charts, landmarks[at : at + BATCH], scaling=self.content.scaling)
            packed = shown.packed()
            yield packed, self._network.run(packed, outputs=outputs)


def write_content(content: NetworkContent, folder: Path) -> None:
    """Write what a network for charts needs beside its weights into a bundle's folder."""
    scaling = content.scaling
    rows = [
        {
            "name": VARIABLES[place].name,
            "is_log": bool(scaling.is_log[number]),
            "floor": float(scaling.floor[number]),
            "mean": float(scaling.mean[number]),
            "sd": float(scaling.sd[number]),
            "seen_low": float(content.seen.low[number]),
            "seen_high": float(content.seen.high[number]),
            "patients_share": float(content.seen.patients_share[number]),
        }
        for number, place in enumerate(scaling.places.tolist())
    ]
    table = {
        "days": DAYS,
        "variables": rows,
        "slopes": content.calibration.slopes.tolist(),
        "intercepts": content.calibration.intercepts.tolist(),
        "widening": content.widening.tolist(),
    }
    write_atomically(folder / CONTENT, (json.dumps(table, indent=1) + "\n").encode("utf-8"))


def read_content(folder: Path) -> NetworkContent:
    """Read what a network for charts needs beside its weights.

    Parameters
    ----------
    folder
        Of a bundle whose digests hold.

    Returns
    -------
    NetworkContent
        As `write_content` wrote it.

    Raises
    ------
    BundleError
        It is for a variable that this version does not know.
    CorruptBundleError
        The file is missing or lacks something.
    """
    try:
        table = json.loads((folder / CONTENT).read_bytes())
        return NetworkContent(
            scaling=_scaling(table["variables"]),
            seen=_seen(table["variables"]),
            calibration=Calibration(
                slopes=_at_both_ends(table["slopes"], ()),
                intercepts=_at_both_ends(table["intercepts"], (len(HORIZONS),)),
            ),
            widening=np.array(table["widening"], np.float64),
        )
    except ChartError as error:
        raise BundleError(
            f"found a bundle in {folder} for a variable that this version does not know "
            f"({error.text}) – expected variables of this version. Install a newer Thoracle.",
            code="bundle-variable",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptBundleError(
            folder, f"no readable {CONTENT} ({error})", expected="variables and their scales"
        ) from error


def _at_both_ends(rows: Any, shape: tuple[int, ...]) -> DoubleArray:
    found = np.array(rows, np.float64)
    if found.shape != (2, *shape):
        raise ValueError(f"{found.shape} numbers of calibration, not {(2, *shape)}")
    return found


def _scaling(rows: Sequence[Mapping[str, Any]]) -> Scaling:
    numbers = {name: _column(rows, name) for name in ("floor", "mean", "sd")}
    return Scaling(
        places=np.array([place_of(one["name"]) for one in rows], np.int64),
        is_log=np.array([one["is_log"] for one in rows], np.bool_),
        **numbers,
    )


def _seen(rows: Sequence[Mapping[str, Any]]) -> Seen:
    return Seen(
        low=_column(rows, "seen_low"),
        high=_column(rows, "seen_high"),
        patients_share=_column(rows, "patients_share"),
    )


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> DoubleArray:
    return np.array([one[name] for one in rows], np.float64)
