"""Random weights in an ONNX file, without the package `onnx`: bytes are overwritten in place.

Only what is needed of the format is read: which nodes multiply by which weights, and where in the
file each weight's numbers lie. The gradient inside a graph has copies of the weights, transposed,
or scaled row by row by a folded batch normalization. So a weight is not drawn anew: each of its
rows (a filter, a row of a linear layer) is turned by a random rotation that depends on the row's
length only. Rotation is linear, so copies stay copies; and it keeps a row's norm.

References
----------
ONNX IR specification, onnx.proto: ModelProto.graph 7; GraphProto.node 1, .initializer 5;
NodeProto.input 1, .op_type 4; TensorProto.dims 1, .data_type 2, .name 8, .raw_data 9.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import scipy

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import BundleError

_FLOAT = 1  # TensorProto.DataType
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers
_MULTIPLIERS = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
_PARALLEL = 0.9999  # cosine of two rows from which one is a copy of the other.


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A float tensor that a network multiplies by.

    `start` and `stop` say where its numbers lie in the file, as little-endian float32 in C order;
    `layer` counts layers from the input, copies in the gradient having their original's.
    """

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int
    layer: int

    @property
    def row_axis(self) -> int:
        """Axis that counts rows: the first; of a matrix the shorter, however it is stored."""
        return 1 if len(self.shape) == 2 and self.shape[0] > self.shape[1] else 0

    @property
    def row_length(self) -> int:
        """How many numbers a row has."""
        return int(np.prod(self.shape)) // self.shape[self.row_axis]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tensor:
    """What the file says of an initializer."""

    name: str
    shape: tuple[int, ...]
    kind: int
    span: tuple[int, int] | None = field(repr=False)


def read_weights(content: bytes) -> tuple[Weight, ...]:
    """Find the weights of convolutions and linear layers.

    Parameters
    ----------
    content
        An ONNX file that holds its own numbers.

    Returns
    -------
    tuple of Weight
        From the input to the output, copies beside their originals.

    Raises
    ------
    BundleError
        The bytes are no ONNX file, or hold no weights of their own.
    """
    try:
        graph = next(span for number, span in _fields(content, (0, len(content))) if number == 7)
        nodes = [span for number, span in _fields(content, graph) if number == 1]
        tensors = [
            _tensor(content, span) for number, span in _fields(content, graph) if number == 5
        ]
        uses = _first_uses(content, nodes)
    except (StopIteration, IndexError, UnicodeDecodeError) as fault:
        raise BundleError(
            "found a network that is no ONNX file – expected one. Install the bundle again.",
            code="bundle-network",
        ) from fault
    found = sorted(
        (one for one in tensors if _is_weight(one, uses)), key=lambda one: uses[one.name]
    )
    if not found:
        raise BundleError(
            "found no float weights inside the network's file – expected those of convolutions or "
            "linear layers. Export the bundle in one file.",
            code="bundle-network",
        )
    return _in_layers(content, found)


def randomized(content: bytes, weights: tuple[Weight, ...], *, seed: int) -> bytes:
    """Return a network's file with some of its weights made random.

    Parameters
    ----------
    content
        The file that `weights` were read from.
    weights
        Those to randomize.
    seed
        The same seed gives the same file.

    Returns
    -------
    bytes
        Of the same length; all other bytes are the same.
    """
    made = bytearray(content)
    for weight in weights:
        rows = _rows(content, weight)
        turned = np.moveaxis(
            rotated(rows, seed=seed).reshape(_rows_first(weight)), 0, weight.row_axis
        )
        made[weight.start : weight.stop] = np.ascontiguousarray(turned, "<f4").tobytes()
    return bytes(made)


def rotated(rows: DoubleArray, *, seed: int) -> DoubleArray:
    """Turn rows by one random rotation of their length's own.

    Parameters
    ----------
    rows : (rows, length) float64
        Any numbers.
    seed
        With the length it decides the rotation.

    Returns
    -------
    (rows, length) float64
        Every row with its norm; rows keep their angles among each other.
    """
    length = rows.shape[1]
    generator = np.random.default_rng((seed, length))
    for _ in range(3):  # after three rounds of signs, cosine transform and order, all is mixed
        signs = generator.choice((-1.0, 1.0), length)
        mixed = scipy.fft.dct(rows * signs, axis=1, norm="ortho")
        rows = np.asarray(mixed[:, generator.permutation(length)], dtype=np.float64)
    return rows


def _is_weight(tensor: _Tensor, uses: dict[str, int]) -> bool:
    """Say whether a tensor is a float weight with rows of two numbers at least."""
    sides = [side for side in tensor.shape if side > 1]
    return (
        tensor.kind == _FLOAT
        and tensor.span is not None
        and tensor.name in uses
        and len(tensor.shape) > 1
        and len(sides) > 1
    )


def _in_layers(content: bytes, tensors: list[_Tensor]) -> tuple[Weight, ...]:
    """Count layers by first use; a tensor whose first row is parallel to an earlier's joins it."""
    layers: list[DoubleArray] = []
    made = []
    for tensor in tensors:
        start, stop = tensor.span or (0, 0)
        weight = Weight(name=tensor.name, shape=tensor.shape, start=start, stop=stop, layer=0)
        first = _rows(content, weight)[0]
        direction = first / (float(np.linalg.norm(first)) or 1.0)
        layer = next(
            (
                place
                for place, known in enumerate(layers)
                if known.size == direction.size and abs(float(known @ direction)) > _PARALLEL
            ),
            len(layers),
        )
        if layer == len(layers):
            layers.append(direction)
        made.append(replace(weight, layer=layer))
    return tuple(sorted(made, key=lambda one: one.layer))


def _rows(content: bytes, weight: Weight) -> DoubleArray:
    values = np.frombuffer(content, "<f4", offset=weight.start, count=int(np.prod(weight.shape)))
    turned = np.moveaxis(values.reshape(weight.shape), weight.row_axis, 0)
    return turned.reshape(turned.shape[0], -1).astype(np.float64)


def _rows_first(weight: Weight) -> tuple[int, ...]:
    rest = [side for axis, side in enumerate(weight.shape) if axis != weight.row_axis]
    return (weight.shape[weight.row_axis], *rest)


def _first_uses(content: bytes, nodes: list[tuple[int, int]]) -> dict[str, int]:
    """Return which node first multiplies by each named tensor."""
    uses: dict[str, int] = {}
    for place, span in enumerate(nodes):
        parts = list(_fields(content, span))
        operator = next((_text(content, one) for number, one in parts if number == 4), "")
        if operator in _MULTIPLIERS:
            for number, one in parts:
                if number == 1:
                    uses.setdefault(_text(content, one), place)
    return uses


def _tensor(content: bytes, span: tuple[int, int]) -> _Tensor:
    shape: list[int] = []
    name, kind, raw = "", 0, None
    for number, (start, stop) in _fields(content, span):
        if number == 1:
            shape.extend(_packed(content, start, stop))
        elif number == 2:
            kind = _varint(content, start)[0]
        elif number == 8:
            name = _text(content, (start, stop))
        elif number == 9:
            raw = (start, stop)
    is_whole = raw is not None and raw[1] - raw[0] == 4 * int(np.prod(shape))
    return _Tensor(name=name, shape=tuple(shape), kind=kind, span=raw if is_whole else None)


def _packed(content: bytes, start: int, stop: int) -> Iterator[int]:
    while start < stop:
        value, start = _varint(content, start)
        yield value


def _text(content: bytes, span: tuple[int, int]) -> str:
    return content[span[0] : span[1]].decode("utf-8")


def _fields(content: bytes, span: tuple[int, int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the number of each field of a message, and where its value lies.

    Raises
    ------
    IndexError
        A value reaches past its message.
    """
    place, end = span
    while place < end:
        key, place = _varint(content, place)
        number, wire = key >> 3, key & 7
        if wire == _BYTES:
            size, place = _varint(content, place)
        else:
            size = {_VARINT: _varint(content, place)[1] - place, _FIXED64: 8, _FIXED32: 4}.get(
                wire, end + 1
            )
        if place + size > end:
            raise IndexError(place)
        yield number, (place, place + size)
        place += size


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
