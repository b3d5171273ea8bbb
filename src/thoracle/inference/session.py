"""Run a bundle's network with ONNX Runtime; no other module imports it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError
from thoracle.core.settings import settings
from thoracle.inference.bundle import Bundle

PRECISION = "fp32"
PROVIDERS = ("CPUExecutionProvider",)
_SPIN_US = "50"
_FATAL_ONLY = 4  # its errors come back as exceptions, and its warnings are for who exports


def runtime_name() -> str:
    """Return the runtime with its version, for provenance."""
    return f"onnxruntime {onnxruntime.__version__} {PROVIDERS[0]}"


class Network:
    """An opened ONNX network; safe to call from several threads.

    Parameters
    ----------
    bundle
        From `open_bundle`, which checked the digest of the file read here.
    needs
        Outputs that the caller cannot do without. A network that lacks one of them, or that
        this runtime cannot read, is a BundleError.
    threads
        How many threads one run uses; None means the setting `threads`.
    content
        ONNX bytes to run in place of the bundle's file, for instance with other weights.
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        needs: tuple[str, ...] = ("logits",),
        threads: int | None = None,
        content: bytes | None = None,
    ) -> None:
        self.bundle = bundle
        self._session = _open(bundle, threads, content)
        self._input: str = self._session.get_inputs()[0].name
        self.outputs: tuple[str, ...] = tuple(one.name for one in self._session.get_outputs())
        missing = [name for name in needs if name not in self.outputs]
        if missing:
            raise BundleError(
                f"found no output {missing[0]!r} in {bundle.network} – expected it of a bundle of "
                f"task {bundle.task!r}. Export the bundle again.",
                code="bundle-network",
            )

    def run(
        self, films: FloatArray, *, outputs: tuple[str, ...] | None = None
    ) -> Mapping[str, FloatArray]:
        """Return the named outputs for a batch.

        Parameters
        ----------
        films : (n, 1, size, size) float32
            In the range the bundle's task asks for; a CT network takes one volume, (1, 1, slices,
            rows, columns).
        outputs
            Names of the outputs wanted; None for all. Unwanted ones are not computed.

        Returns
        -------
        mapping of name to (n, …) float32
            Logits, embedding and maps, as the bundle has them.
        """
        names = self.outputs if outputs is None else outputs
        batch = np.ascontiguousarray(films, dtype=np.float32)
        values = self._session.run(list(names), {self._input: batch})
        return dict(zip(names, values, strict=True))


def run_file(path: Path, films: FloatArray) -> Mapping[str, FloatArray]:
    """Return all outputs of an ONNX file for films, one by one; used to compare it with torch.

    Parameters
    ----------
    path
        A network that has no bundle yet.
    films : (n, 1, size, size) float32
        In the network's range, at least one.

    Returns
    -------
    mapping of name to (n, …) float32
        Joined over the films.
    """
    session = onnxruntime.InferenceSession(str(path), _options(), providers=list(PROVIDERS))
    name = session.get_inputs()[0].name
    rows = [session.run(None, {name: film[None]}) for film in films]
    joined = (np.concatenate(one) for one in zip(*rows, strict=True))
    return dict(zip((one.name for one in session.get_outputs()), joined, strict=True))


def _open(bundle: Bundle, threads: int | None, content: bytes | None) -> Any:
    try:
        return onnxruntime.InferenceSession(
            str(bundle.network) if content is None else content,
            _options(threads),
            providers=list(PROVIDERS),
        )
    except _load_faults() as fault:
        raise BundleError(
            f"found a network that {runtime_name()} cannot read in {bundle.folder} "
            f"({type(fault).__name__}) – expected an ONNX file of its version. Install a newer "
            "onnxruntime, or the bundle again.",
            code="bundle-network",
        ) from fault


def _options(threads: int | None = None) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = settings().threads if threads is None else threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    # Threads spin for a moment between the parts of one run, or the next part starts late, and
    # stop when the run ends: spinning on, they take the cores from the other networks and NumPy.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_US)
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return options


def _load_faults() -> tuple[type[Exception], ...]:
    """Return what the runtime raises over a file; its classes have no public base of their own."""
    native = onnxruntime.capi.onnxruntime_pybind11_state
    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile")
    return (*(getattr(native, name) for name in names), native.NotImplemented, RuntimeError)
