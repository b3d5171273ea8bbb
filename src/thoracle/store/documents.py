"""A result as the store keeps it: the JSON of `thoracle analyze`, and its maps as plain arrays."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import numpy as np

from thoracle.core.errors import StoreError
from thoracle.core.results import (
    AnomalyMap,
    BundleReference,
    ContributionMap,
    FileResult,
    FilmMap,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Score,
    Severity,
    Status,
)

Map = TypeVar("Map", bound=FilmMap)

_EMPTY_MAP: Final = np.zeros((0, 0), np.float32)
_NO_BOX: Final = (0, 0, 0, 0)


def maps_npz(maps: Sequence[FilmMap]) -> bytes:
    """Write values, scales and boxes of maps as an NPZ file without pickles.

    Parameters
    ----------
    maps
        Those of the JSON document in its order, and then the anomaly map.

    Returns
    -------
    bytes
        Arrays `values_0`, `values_1` ..., `scale_max` (maps,) and `boxes` (maps, 4).
    """
    arrays: dict[str, Any] = {f"values_{i}": one.values for i, one in enumerate(maps)}
    arrays["scale_max"] = np.array([one.scale_max for one in maps], np.float64)
    arrays["boxes"] = np.array([one.box for one in maps], np.int64).reshape(-1, 4)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def with_map_values(result: FileResult, content: bytes) -> FileResult:
    """Put the values from `maps_npz` back into a result read from JSON.

    Parameters
    ----------
    result
        From `result_from_json`: its maps have no values yet.
    content
        From `maps_npz`, of the same maps in the same order.

    Returns
    -------
    FileResult
        With the values, scales and boxes of its maps.

    Raises
    ------
    StoreError
        The bytes are damaged, or belong to another number of maps.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            maps = tuple(_with_values(one, arrays, i) for i, one in enumerate(result.maps))
            anomaly = result.anomaly and _with_values(result.anomaly, arrays, len(maps))
    except (OSError, EOFError, ValueError, LookupError, zipfile.BadZipFile) as error:
        raise StoreError(
            f"found damaged contribution maps ({type(error).__name__}) – expected what was saved. "
            "Analyze the file again.",
            code="damaged-result",
        ) from error
    return replace(result, maps=maps, anomaly=anomaly)


def result_from_json(document: Mapping[str, Any]) -> FileResult:
    """Read a result back from the JSON that `thoracle.core.results.to_json` wrote.

    Parameters
    ----------
    document
        One object of the array that `thoracle analyze --json` prints.

    Returns
    -------
    FileResult
        Equal to the one written, but for the values of its maps, which JSON does not hold.

    Raises
    ------
    StoreError
        The document lacks a field or holds an unknown status or kind.
    """
    try:
        return FileResult(
            file=document["file"],
            sha256=document["sha256"],
            status=Status(document["status"]),
            gate=_gate(document["gate"]),
            findings=tuple(Finding(**finding) for finding in document["findings"]),
            anomaly=_anomaly(document.get("anomaly")),
            maps=tuple(_map(one) for one in document["maps"]),
            warnings=_reasons(document["warnings"]),
            provenance=_provenance(document["provenance"]),
            error=None if document["error"] is None else Reason(**document["error"]),
            severity=_severity(document.get("severity")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"found a stored result that cannot be read ({type(error).__name__}: {error}) – "
            "expected the JSON of thoracle analyze. Analyze the file again.",
            code="damaged-result",
        ) from error


def _with_values(one: Map, arrays: Mapping[str, Any], place: int) -> Map:
    return replace(
        one,
        values=np.asarray(arrays[f"values_{place}"], np.float32),
        scale_max=float(arrays["scale_max"][place]),
        box=_box(arrays["boxes"][place]),
    )


def _box(row: Any) -> tuple[int, int, int, int]:
    top, left, bottom, right = (int(side) for side in row)
    return top, left, bottom, right


def _map(one: Mapping[str, Any]) -> ContributionMap:
    return ContributionMap(values=_EMPTY_MAP, scale_max=1.0, box=_NO_BOX, **one)


def _anomaly(one: Mapping[str, Any] | None) -> AnomalyMap | None:
    """Read the anomaly map but for its values; results of earlier versions have none."""
    if one is None:
        return None
    return AnomalyMap(values=_EMPTY_MAP, scale_max=1.0, box=_NO_BOX, **one)


def _reasons(reasons: Sequence[Mapping[str, Any]]) -> tuple[Reason, ...]:
    return tuple(Reason(**reason) for reason in reasons)


def _severity(severity: Mapping[str, Any] | None) -> Severity | None:
    """Read severity scores; results of earlier versions have none."""
    if severity is None:
        return None
    scores = {name: Score(**severity[name]) for name in ("brixia", "extent", "opacity")}
    return Severity(**{**severity, **scores, "zones": tuple(severity["zones"])})


def _gate(gate: Mapping[str, Any] | None) -> GateDecision | None:
    if gate is None:
        return None
    return GateDecision(
        accepted=gate["accepted"],
        kind=GateKind(gate["kind"]),
        probability=gate["probability"],
        rotation_degrees=gate["rotation_degrees"],
        reasons=_reasons(gate["reasons"]),
    )


def _provenance(provenance: Mapping[str, Any] | None) -> Provenance | None:
    if provenance is None:
        return None
    return Provenance(
        sha256=provenance["sha256"],
        software_version=provenance["software_version"],
        bundles=tuple(BundleReference(**bundle) for bundle in provenance["bundles"]),
        runtime=provenance["runtime"],
        precision=provenance["precision"],
        gate_overridden=provenance["gate_overridden"],
    )
