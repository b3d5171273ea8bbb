"""Random weights in the shipped graph: forward and gradient stay one network."""

import numpy as np
import pytest

from thoracle.core.arrays import FloatArray
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.inference.session import Network
from thoracle.inference.weights import randomized, read_weights


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return open_bundle("radiograph")


@pytest.fixture(scope="module")
def films(bundle: Bundle) -> FloatArray:
    side = bundle.input_size
    return np.random.default_rng(0).uniform(-1, 1, (2, 1, side, side)).astype(np.float32)


def biases(network: Network, films: FloatArray) -> dict[int, float]:
    """Return logit minus mean map of the last layer, where no part of the map was cut off at 0.

    With pooling and one linear layer that is the layer's bias, if the map's gradient is that of
    the very weights that gave the logit.
    """
    last = network.bundle.map_layers[0]
    found = network.run(films, outputs=("logits", f"{last}/gradcam"))
    maps = found[f"{last}/gradcam"]
    return {
        finding: float(found["logits"][film, finding] - maps[film, finding].mean())
        for film in range(len(films))
        for finding in range(maps.shape[1])
        if maps[film, finding].min() > 0
    }


def test_maps_stay_the_gradient_of_the_random_network(bundle: Bundle, films: FloatArray) -> None:
    content = bundle.network.read_bytes()
    weights = read_weights(content)
    head = [one for one in weights if one.layer == weights[-1].layer]
    assert len(head) > 1  # the gradient has copies of its own
    seen: dict[int, list[float]] = {}
    for seed in range(3):
        network = Network(bundle, content=randomized(content, weights, seed=seed))
        for finding, bias in biases(network, films).items():
            seen.setdefault(finding, []).append(bias)
    known = [values for values in seen.values() if len(values) > 1]
    assert known
    for values in known:  # the bias itself is not randomized
        np.testing.assert_allclose(values, values[0], atol=1e-4)
