"""What a gate bundle would refuse in a collection, without classifying anything."""

from collections.abc import Callable
from pathlib import Path

from thoracle.core.results import GateDecision
from thoracle.imaging.decode import decode_trusted_file
from thoracle.inference.bundle import open_bundle
from thoracle.radiograph.gate import Gate


def gate_decider(bundle: str) -> Callable[[Path], GateDecision]:
    """Open a gate bundle and return a function from a trusted local file to its decision.

    Parameters
    ----------
    bundle
        Name or folder of a gate bundle.

    Returns
    -------
    callable
        Raises ImageError for a file that cannot be decoded.
    """
    gate = Gate(open_bundle(bundle))

    def decide(path: Path) -> GateDecision:
        return gate.examine(decode_trusted_file(path)).decision

    return decide
