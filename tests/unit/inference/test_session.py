"""The runtime: known answers of tiny networks, and files that it cannot read."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime
import pytest

from thoracle.core.errors import BundleError
from thoracle.inference.bundle import open_bundle
from thoracle.inference.description import read_description, write_description
from thoracle.inference.session import Network, run_file, runtime_name


@pytest.fixture
def films() -> np.ndarray:
    return np.random.default_rng(3).uniform(-1, 1, (3, 1, 32, 32)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "task"), [("gate", "gate"), ("lungs", "lungs"), ("radiograph", "classifier")]
)
def test_a_network_gives_the_answers_worked_out_by_hand(
    bundles: Path, tiny: SimpleNamespace, films: np.ndarray, name: str, task: str
) -> None:
    found = Network(open_bundle(name)).run(films)
    expected = tiny.answers[task](films)
    assert found.keys() == expected.keys()
    for output, values in expected.items():
        assert found[output].dtype == np.float32
        np.testing.assert_allclose(found[output], values, atol=1e-5)


def test_only_the_outputs_asked_for_are_given(bundles: Path, films: np.ndarray) -> None:
    network = Network(open_bundle("radiograph"))
    assert list(network.run(films, outputs=("embedding",))) == ["embedding"]
    assert network.outputs[:2] == ("logits", "embedding")


def test_bytes_run_in_place_of_the_bundle_s_file(bundles: Path, films: np.ndarray) -> None:
    bundle = open_bundle("lungs")
    content = bundle.network.read_bytes()
    factor = np.float32(-10).tobytes()
    assert content.count(factor) == 1
    other = Network(bundle, content=content.replace(factor, np.float32(4).tobytes()))
    np.testing.assert_allclose(other.run(films)["logits"], 4 * films, rtol=1e-6)
    np.testing.assert_allclose(Network(bundle).run(films)["logits"], -10 * films, rtol=1e-6)


def test_arrays_of_another_type_or_order_are_taken(bundles: Path, films: np.ndarray) -> None:
    network = Network(open_bundle("lungs"))
    turned: Any = films.astype(np.float64)[..., ::-1]
    found: Any = network.run(turned)["logits"]
    np.testing.assert_allclose(found, -10 * turned, rtol=1e-6)


def test_several_threads_may_use_one_network(bundles: Path, films: np.ndarray) -> None:
    network = Network(open_bundle("lungs"))

    def logits(factor: float) -> Iterable[float]:
        return (network.run(films * np.float32(factor))["logits"] / -10).ravel()

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(logits, range(1, 20)))
    for factor, values in enumerate(found, start=1):
        np.testing.assert_allclose(np.asarray(values), factor * films.ravel(), rtol=1e-5)


def test_one_thread_gives_the_same_numbers_to_the_last_bit(
    bundles: Path, films: np.ndarray
) -> None:
    one, two = (Network(open_bundle("radiograph"), threads=threads) for threads in (1, 2))
    assert one._session.get_session_options().intra_op_num_threads == 1
    assert two._session.get_session_options().intra_op_num_threads == 2
    for output, values in one.run(films).items():
        np.testing.assert_array_equal(two.run(films)[output], values)


def test_run_file_runs_film_by_film_and_joins(
    bundles: Path, tiny: SimpleNamespace, films: np.ndarray
) -> None:
    found = run_file(bundles / "radiograph" / "network.onnx", films)
    for output, values in tiny.answers["classifier"](films).items():
        np.testing.assert_allclose(found[output], values, atol=1e-5)


def test_a_network_without_a_needed_output_is_refused(bundles: Path) -> None:
    with pytest.raises(BundleError, match=r"no output 'embedding' .* task 'lungs'") as caught:
        Network(open_bundle("lungs"), needs=("logits", "embedding"))
    assert caught.value.code == "bundle-network"


def test_a_file_that_is_no_network_is_one_clear_error(bundles: Path) -> None:
    folder = bundles / "lungs"
    (folder / "network.onnx").write_bytes(b"not a network")
    write_description(folder, read_description(folder))
    with pytest.raises(BundleError, match=r"cannot read .*Install a newer") as caught:
        Network(open_bundle("lungs"))
    assert caught.value.code == "bundle-network"


def test_the_runtime_says_its_version_and_provider() -> None:
    assert runtime_name() == f"onnxruntime {onnxruntime.__version__} CPUExecutionProvider"
