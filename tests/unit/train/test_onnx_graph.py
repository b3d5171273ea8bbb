"""A network with gradients inside becomes plain operators of any number of films."""

from pathlib import Path

import onnx
import pytest
import torch
from torch import Tensor, nn

from thoracle.core.errors import BundleError
from thoracle.inference.session import run_file
from thoracle.train.graph import MapNetwork
from thoracle.train.networks import PooledClassifier
from thoracle.train.onnx_graph import traced_with_gradients, write_onnx


class WithGradients(nn.Module):
    """A network and the gradient of its output's sum by its input."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, films: Tensor) -> tuple[Tensor, Tensor]:
        output = self.network(films)
        (gradient,) = torch.autograd.grad((output**2).sum(), films)
        return output, gradient


LAYERS = {
    "a plain convolution": nn.Conv2d(1, 2, 3, padding=1),
    "a strided one that leaves a rest": nn.Conv2d(1, 2, 3, stride=2),
    "a dilated one": nn.Conv2d(1, 2, 3, padding=2, dilation=2),
    "a depthwise one": nn.Sequential(nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 3, groups=4, stride=2)),
    "an average over blocks": nn.Sequential(nn.Conv2d(1, 2, 1), nn.AvgPool2d(2)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_traced_gradient_equals_autograd(name: str) -> None:
    network = WithGradients(LAYERS[name]).eval()
    graph = traced_with_gradients(network, torch.zeros(2, 1, 10, 10))
    for count in (1, 3):
        films = torch.randn(count, 1, 10, 10)
        expected = network(films.clone().requires_grad_(True))
        for found, wanted in zip(graph(films), expected, strict=True):
            torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-5)


def test_no_backward_operator_is_left(small_network: PooledClassifier) -> None:
    graph = traced_with_gradients(MapNetwork(small_network, ("2",)), torch.zeros(2, 1, 32, 32))
    assert isinstance(graph, torch.fx.GraphModule)
    names = [str(node.target) for node in graph.graph.nodes]
    assert names
    assert not [name for name in names if "backward" in name]


def test_a_file_without_gradients_equals_torch_for_any_number_of_films(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    network = nn.Sequential(nn.Conv2d(1, 2, 3, stride=2), nn.ReLU(), nn.Flatten()).eval()
    write_onnx(network, path, size=8, output_names=["logits"], has_gradients=False)
    films = torch.randn(3, 1, 8, 8)
    with torch.no_grad():
        expected = network(films)
    found = torch.from_numpy(run_file(path, films.numpy())["logits"])
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-5)
    (films_input,) = onnx.load(path).graph.input
    sizes = films_input.type.tensor_type.shape.dim
    assert (films_input.name, sizes[0].dim_param) == ("films", "films_count")
    assert [one.dim_value for one in sizes[1:]] == [1, 8, 8]
    assert [file.name for file in tmp_path.iterdir()] == ["network.onnx"]


def test_a_file_does_not_tell_where_on_a_machine_its_network_was_written(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()).eval()
    write_onnx(network, path, size=8, output_names=["logits"], has_gradients=False)
    assert str(Path(__file__).parents[3]).encode() not in path.read_bytes()
    assert b"site-packages" not in path.read_bytes()


def test_an_exporter_without_a_program_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.onnx, "export", lambda *_args, **_options: None)
    with pytest.raises(BundleError, match="found no ONNX program"):
        write_onnx(nn.ReLU(), tmp_path / "n.onnx", size=8, output_names=["x"], has_gradients=False)
