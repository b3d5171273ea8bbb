"""Bundles listed, shown and verified: altered ones and other answers are found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from thoracle.core.errors import BundleError
from thoracle.core.files import sha256_of_file
from thoracle.inference import bundle as bundle_module
from thoracle.inference.description import read_description, write_description
from thoracle.inference.parity import LOGIT_TOLERANCE
from thoracle.jobs.bundles import (
    bundle_document,
    bundle_lines,
    verify_bundle,
    verify_bundles,
)

Change = Callable[[dict[str, np.ndarray]], Any]


@pytest.fixture(autouse=True)
def _only_the_tiny_ones(bundles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_module, "bundle_folders", lambda: (bundles,))


@pytest.fixture
def rewrite_parity(bundles: Path) -> Callable[[str, Change], None]:
    """Change the kept films or answers of a bundle, with honest digests."""

    def change(name: str, how: Change) -> None:
        path = bundles / name / "parity.npz"
        with np.load(path) as arrays:
            kept = dict(arrays)
        how(kept)
        np.savez(path, **kept)
        write_description(path.parent, read_description(path.parent))

    return change


def test_a_bundle_trained_on_another_form_of_film_does_not_verify(bundles: Path) -> None:
    table = read_description(bundles / "gate")
    table["input"]["resize"] = "as it was once"
    write_description(bundles / "gate", table)
    with pytest.raises(BundleError, match="trained on 'as it was once'"):
        verify_bundle("gate")


def test_every_bundle_is_listed_with_its_size_and_digest(bundles: Path) -> None:
    lines = bundle_lines()
    assert [one.name for one in lines] == ["gate", "lungs", "radiograph"]
    for line in lines:
        folder = bundles / line.name
        assert line.folder == folder
        assert line.problem is None
        assert line.bundle is not None
        assert line.bundle.digest == sha256_of_file(folder / "bundle.toml")
        assert line.size_mb == sum(one.stat().st_size for one in folder.iterdir()) / 1e6


def test_a_broken_bundle_is_listed_with_what_is_wrong(bundles: Path) -> None:
    (bundles / "lungs" / "network.onnx").write_bytes(b"altered")
    problems = {one.name: one.problem for one in bundle_lines()}
    assert problems["gate"] is None
    assert problems["lungs"] is not None
    assert problems["lungs"].code == "bundle-altered"


@pytest.mark.parametrize(
    ("name", "has_maps"), [("gate", False), ("lungs", False), ("radiograph", True)]
)
def test_a_whole_bundle_gives_the_answers_kept_with_it(name: str, has_maps: bool) -> None:
    check = verify_bundle(name)
    assert check.problem is None
    assert check.films == 2
    assert check.logit_difference is not None
    assert check.logit_difference <= 1e-5
    assert (check.map_difference is not None) is has_maps


def test_a_folder_is_verified_by_its_path(bundles: Path) -> None:
    assert verify_bundle(str(bundles / "gate")).problem is None


def test_logits_just_within_the_tolerance_pass(
    rewrite_parity: Callable[[str, Change], None],
) -> None:
    rewrite_parity("gate", lambda kept: kept["logits"].__iadd__(0.9 * LOGIT_TOLERANCE))
    found = verify_bundle("gate").logit_difference
    assert found == pytest.approx(0.9 * LOGIT_TOLERANCE, rel=0.1)


@pytest.mark.parametrize(
    "how",
    [
        lambda kept: kept["logits"].__iadd__(1.3 * LOGIT_TOLERANCE),
        lambda kept: kept["logits"].__imul__(np.nan),
        lambda kept: kept.update(logits=kept["logits"][:, :-1]),
        lambda kept: kept.pop("logits"),
    ],
    ids=["too far", "not a number", "another shape", "missing"],
)
def test_other_logits_are_found(rewrite_parity: Callable[[str, Change], None], how: Change) -> None:
    rewrite_parity("gate", how)
    with pytest.raises(BundleError, match="expected at most 1e-04") as caught:
        verify_bundle("gate")
    assert caught.value.code == "bundle-parity"


def test_the_difference_of_maps_is_told_as_a_share_of_their_maximum(
    rewrite_parity: Callable[[str, Change], None],
) -> None:
    def shift(kept: dict[str, np.ndarray]) -> None:
        one = kept["early|gradcam++"]
        one += 0.0005 * one.max(axis=(-2, -1), keepdims=True)

    rewrite_parity("radiograph", shift)
    assert verify_bundle("radiograph").map_difference == pytest.approx(0.0005, rel=0.05)


def test_an_output_that_the_network_lacks_is_found_beside_equal_logits(
    rewrite_parity: Callable[[str, Change], None],
) -> None:
    rewrite_parity("radiograph", lambda kept: kept.update({"other|gradcam": kept["films"]}))
    with pytest.raises(BundleError, match="maps that differ by inf of their maximum"):
        verify_bundle("radiograph")


def test_other_maps_are_found_beside_equal_logits(
    rewrite_parity: Callable[[str, Change], None],
) -> None:
    rewrite_parity("radiograph", lambda kept: kept["early|gradcam"].__imul__(1.002))
    with pytest.raises(BundleError, match=r"maps that differ by 2.0e-03 .* and 1e-03") as caught:
        verify_bundle("radiograph")
    assert caught.value.code == "bundle-parity"


@pytest.mark.parametrize("content", [None, b"no archive", b"PK\x03\x04 torn"])
def test_a_bundle_without_its_films_cannot_be_verified(
    bundles: Path, content: bytes | None
) -> None:
    folder = bundles / "gate"
    if content is None:
        (folder / "parity.npz").unlink()
    else:
        (folder / "parity.npz").write_bytes(content)
    write_description(folder, read_description(folder))
    with pytest.raises(BundleError, match="found no films") as caught:
        verify_bundle("gate")
    assert caught.value.code == "bundle-no-parity"


def test_parity_without_any_film_proves_nothing(
    rewrite_parity: Callable[[str, Change], None],
) -> None:
    rewrite_parity("gate", lambda kept: kept.update(films=kept["films"][:0]))
    with pytest.raises(BundleError, match="found no films"):
        verify_bundle("gate")


def test_all_are_verified_and_a_broken_one_does_not_stop_the_others(bundles: Path) -> None:
    (bundles / "gate" / "MODEL_CARD.md").unlink()
    checks = verify_bundles()
    assert [one.name for one in checks] == ["gate", "lungs", "radiograph"]
    assert [one.problem is None for one in checks] == [False, True, True]
    assert checks[0].logit_difference is None
    (missing,) = verify_bundles(("nothing",))
    assert missing.problem is not None
    assert missing.problem.code == "bundle-missing"


def test_a_bundle_is_shown_as_it_describes_itself(bundles: Path) -> None:
    document = bundle_document("radiograph")
    assert document["folder"] == str(bundles / "radiograph")
    assert document["digest"] == sha256_of_file(bundles / "radiograph" / "bundle.toml")
    assert document["temperature"] == 2.0
    assert document["labels"][2]["threshold"] == 0.3
    assert "network.onnx" in document["files"]


def test_an_altered_bundle_is_not_shown(bundles: Path) -> None:
    (bundles / "gate" / "network.onnx").write_bytes(b"altered")
    with pytest.raises(BundleError, match="altered"):
        bundle_document("gate")


def test_an_auto_encoders_bundle_is_proven_by_its_reconstruction(bundles: Path, tiny: Any) -> None:
    folder = tiny.write_bundle(bundles / "anomaly", "anomaly")
    assert verify_bundle("anomaly").problem is None
    arrays = dict(np.load(folder / "parity.npz"))
    np.savez(folder / "parity.npz", **arrays | {"reconstruction": arrays["reconstruction"] + 0.01})
    table = read_description(folder)
    table.pop("files")
    write_description(folder, table)
    with pytest.raises(BundleError, match=r"differ by 1\.0e-02"):
        verify_bundle("anomaly")
