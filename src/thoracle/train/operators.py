"""Declare torchvision's two compiled operators where its build lacks them, so that it imports.

See pytorch/vision#9085: a CPU build of torch beside a CUDA build of torchvision stops at
"operator torchvision::nms does not exist". Nothing here calls them.
"""

import importlib.util
from pathlib import Path

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_kept: list[torch.library.Library] = []


def declare_missing_operators() -> None:
    """Declare `torchvision::nms` and `qnms` unless torchvision's own load; harmless twice."""
    if _kept or _own_operators_load():
        return
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    _kept.append(library)


def _own_operators_load() -> bool:
    """Say whether torchvision is there with compiled operators that fit this torch."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    for library in Path(spec.origin).parent.glob("_C*"):
        try:
            torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
        except OSError:
            continue
        return True
    return False
