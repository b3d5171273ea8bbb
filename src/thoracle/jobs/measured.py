"""What was measured of the bundle in use, for the page of a result."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thoracle.evaluation.confusion import BinaryCounts
from thoracle.inference.bundle import METRICS, NETWORK, Bundle
from thoracle.inference.description import read_description
from thoracle.jobs.calibrations import SHIPPED, calibration_in_force, name_in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A bundle, the calibration in force, and its two-by-two tables by finding.

    `counts` is empty where nothing was measured with this network and this calibration;
    `films` is how many films they rest on.
    """

    name: str
    version: str
    digest: str
    calibration: str
    calibration_films: int
    films: int
    counts: Mapping[str, BinaryCounts]

    @property
    def is_of_site(self) -> bool:
        """Whether the calibration was fitted to a site's own films."""
        return self.calibration != SHIPPED


def measured(bundle: Bundle) -> Measured:
    """Read what was measured of a bundle, with the calibration that is in force.

    Parameters
    ----------
    bundle
        Opened.

    Returns
    -------
    Measured
        Of the first evaluation of this very network and calibration.
    """
    described = read_description(bundle.folder)
    calibration = name_in_force(described)
    own = (described["files"][NETWORK], calibration)
    path = bundle.folder / METRICS
    known = json.loads(path.read_text("utf-8"))["evaluations"] if path.is_file() else {}
    fitting = (
        one["figures"]["overall"]
        for one in known.values()
        if (one.get("network_digest"), one.get("calibration")) == own
    )
    overall: Mapping[str, Any] = next(fitting, {"films": 0, "threshold": []})
    return Measured(
        name=bundle.name,
        version=bundle.version,
        digest=bundle.digest,
        calibration=calibration,
        calibration_films=int((calibration_in_force(described) or {}).get("films", 0)),
        films=overall["films"],
        counts={
            one["label"]: BinaryCounts(tp=one["tp"], fp=one["fp"], fn=one["fn"], tn=one["tn"])
            for one in overall["threshold"]
        },
    )
