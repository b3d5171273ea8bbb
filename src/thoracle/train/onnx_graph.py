"""Write a network as ONNX, gradients included."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch._decomp import core_aten_decompositions
from torch._dynamo.source import ConstantSource
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.experimental.symbolic_shapes import DimDynamic, ShapeEnv, StatelessSymbolicContext

from thoracle.core.errors import BundleError

OPSET = 18


def write_onnx(
    network: nn.Module, path: Path, *, size: int, output_names: Sequence[str], has_gradients: bool
) -> None:
    """Write a network as one ONNX file with a free batch size.

    Parameters
    ----------
    network
        In evaluation mode; films (n, 1, size, size) in, a tensor or tuple out.
    path
        Where the file goes; it is written under another name first.
    size
        Side of the film, in pixels.
    output_names
        Names of the outputs, in order.
    has_gradients
        Whether the network calls autograd inside, as `MapNetwork` does.

    """
    example = torch.zeros(2, 1, size, size)
    module: nn.Module = traced_with_gradients(network, example) if has_gradients else network
    films = torch.export.Dim("films_count", min=1, max=1024)
    save_program(
        module,
        path,
        example=example,
        free={0: films},
        input_name="films",
        output_names=output_names,
    )


def save_program(
    network: nn.Module,
    path: Path,
    *,
    example: Tensor,
    free: Mapping[int, Any],
    input_name: str,
    output_names: Sequence[str],
) -> None:
    """Export a network of one input, and save it without paths of this machine.

    Parameters
    ----------
    network
        In evaluation mode.
    path
        Where the file goes; it is written under another name first.
    example
        What it is traced with.
    free
        By axis of the input, the `torch.export.Dim` of those whose length is free.
    input_name, output_names
        As the file calls them, outputs in order.

    Raises
    ------
    BundleError
        The exporter gave no program.
    """
    with warnings.catch_warnings():
        # The exporter's own use of an old torch name.
        warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.")
        program = torch.onnx.export(
            network,
            (example,),
            dynamo=True,
            input_names=[input_name],
            output_names=list(output_names),
            dynamic_shapes=(dict(free),),
            opset_version=OPSET,
            verbose=False,
        )
    if program is None:
        raise BundleError(
            "found no ONNX program – expected one. Check torch's and onnx's versions."
        )
    for node in program.model.graph:
        node.metadata_props.clear()  # where in the source it comes from: paths of this machine
    partial = path.with_suffix(".partial")
    program.save(str(partial), external_data=False)
    partial.replace(path)


def traced_with_gradients(network: nn.Module, example: Tensor) -> nn.Module:
    """Return the network as a graph of plain operators, backward ones written as forward ones.

    Only the number of films stays symbolic: free rows and columns would take two thirds of the
    time, and a network has one size.

    Parameters
    ----------
    network
        Calls `torch.autograd.grad` inside.
    example : (n, 1, size, size) float32
        What it is traced with, two films or more.

    Returns
    -------
    torch.fx.GraphModule
        Equal to the network.
    """
    table: dict[Any, Callable[..., Any]] = dict(core_aten_decompositions())
    table.update(
        {
            torch.ops.aten.convolution_backward.default: _convolution_backward,
            torch.ops.aten.avg_pool2d_backward.default: _avg_pool2d_backward,
        }
    )
    for parameter in network.parameters():
        parameter.requires_grad_(False)

    def run(films: Tensor) -> Any:
        return network(films.requires_grad_(True))

    graph = make_fx(
        run, decomposition_table=table, tracing_mode="symbolic", _allow_non_fake_inputs=True
    )(_any_number_of(example))
    graph.graph.eliminate_dead_code()
    graph.recompile()
    return graph.eval()


def _any_number_of(example: Tensor) -> Tensor:
    """Return a stand-in for films of the example's size, their number being a symbol."""
    mode = FakeTensorMode(allow_non_fake_inputs=True, shape_env=ShapeEnv())
    sizes = [DimDynamic.DYNAMIC, *[DimDynamic.STATIC] * (example.ndim - 1)]
    return mode.from_tensor(
        example,
        symbolic_context=StatelessSymbolicContext(dynamic_sizes=sizes),
        source=ConstantSource("films"),
    )


def _convolution_backward(
    gradient: Tensor,
    inputs: Tensor,
    weight: Tensor,
    _bias_sizes: Any,
    *rest: Any,
) -> tuple[Tensor, None, None]:
    """Return the gradient by the input only: a transposed convolution."""
    stride, padding, dilation, _transposed, _output_padding, groups, _mask = rest
    extra = []
    for axis in range(2):
        reach = dilation[axis] * (weight.shape[axis + 2] - 1) + 1
        covered = (gradient.shape[axis + 2] - 1) * stride[axis] - 2 * padding[axis] + reach
        extra.append(inputs.shape[axis + 2] - covered)
    by_input = torch.ops.aten.convolution.default(
        gradient, weight, None, list(stride), list(padding), list(dilation), True, extra, groups
    )
    return by_input, None, None


def _avg_pool2d_backward(
    gradient: Tensor, _inputs: Tensor, kernel: Sequence[int], *_rest: Any
) -> Tensor:
    """Return the gradient of an average over separate blocks: repeat and scale."""
    rows, columns = kernel
    wide = gradient.repeat_interleave(rows, dim=2).repeat_interleave(columns, dim=3)
    return wide / (rows * columns)
