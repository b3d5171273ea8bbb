"""The examination of an installation: well with everything there, and each fault is named."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from thoracle.core.errors import ImageError
from thoracle.core.settings import settings
from thoracle.core.version import version
from thoracle.imaging.decode import DecodeLimits, decode
from thoracle.imaging.sandbox import DecoderPool
from thoracle.inference import bundle as bundle_module
from thoracle.jobs import doctor as module
from thoracle.jobs.doctor import EXTRAS, TEST_FILM_PX, Check, examine_installation, made_up_film


def by_name(checks: Iterable[Check]) -> dict[str, Check]:
    return {one.name: one for one in checks}


@pytest.fixture
def home(tmp_path: Path, bundles: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("THORACLE_THREADS", "1")
    monkeypatch.setattr(bundle_module, "bundle_folders", lambda: (bundles,))
    settings.cache_clear()
    return tmp_path / "home"


def test_a_whole_installation_is_well(home: Path) -> None:
    checks = by_name(examine_installation())
    assert list(checks) == [
        "thoracle", "packages", "extra ct", "extra postgresql", "extra research",
            "extra train", "extra wfdb",
        "runtime", "home", "bundle gate", "bundle lungs", "bundle radiograph", "decoder",
        "self-test",
    ]  # fmt: skip
    assert {one.is_well for one in checks.values()} == {True, None}
    assert checks["thoracle"].text.startswith(f"{version()}, Python 3.")
    assert "onnxruntime " in checks["packages"].text
    assert "CPUExecutionProvider, fp32, threads: 1" in checks["runtime"].text
    assert str(home) in checks["home"].text
    assert "digest " in checks["bundle gate"].text
    assert list(home.iterdir()) == []
    assert checks["decoder"].figures["decode_ms"] > 0
    assert list(checks["self-test"].figures) == [
        "open_ms", "gate_ms", "lungs_ms", "classifier_ms", "classifier_and_maps_ms",
        "overlays_ms", "all_ms",
    ]  # fmt: skip
    assert all(ms > 0 for ms in checks["self-test"].figures.values())


def test_every_fault_is_named_and_the_rest_is_still_looked_at(
    home: Path, bundles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_arguments: object, **_options: object) -> None:
        raise ImageError("The decoder is closed – expected an open one.", code="image-decoder")

    home.write_text("a file where a folder should be", encoding="utf-8")
    (bundles / "lungs" / "network.onnx").write_bytes(b"altered")
    monkeypatch.setattr(DecoderPool, "decode", closed)
    checks = by_name(examine_installation())
    wrong = {name: one.text for name, one in checks.items() if one.is_well is False}
    assert list(wrong) == ["home", "bundle lungs", "decoder", "self-test"]
    assert "Set THORACLE_HOME" in wrong["home"]
    assert "was altered" in wrong["bundle lungs"]
    assert wrong["decoder"].endswith("[image-decoder]")
    assert wrong["self-test"].endswith("[bundle-altered]")
    assert checks["bundle gate"].is_well


def test_without_bundles_the_examination_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_module, "bundle_folders", tuple)
    checks = by_name(examine_installation())
    assert checks["bundles"].is_well is False
    assert checks["self-test"].is_well is False


def test_a_missing_extra_says_how_to_install_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EXTRAS", {"train": ("numpy", "no_such_package")})
    extra = by_name(examine_installation())["extra train"]
    assert extra.is_well is None
    assert extra.text == (
        "not installed (no no_such_package): make install (in a clone), or pip install "
        "'thoracle[train]'"
    )


def test_no_setting_for_threads_means_one_per_core(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_THREADS", "0")
    settings.cache_clear()
    assert "threads: one per core" in by_name(examine_installation())["runtime"].text


def test_the_made_up_film_is_the_same_every_time_and_decodes() -> None:
    assert made_up_film() == made_up_film()
    pixels = decode(made_up_film(), limits=DecodeLimits.from_settings()).pixels
    assert pixels.shape == TEST_FILM_PX
    assert 0.3 < float(np.mean(pixels)) < 0.7


def test_the_extras_are_those_of_the_project() -> None:
    project = Path(__file__).parents[3] / "pyproject.toml"
    declared = tomllib.loads(project.read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(EXTRAS) == set(declared) - {"dev"}
