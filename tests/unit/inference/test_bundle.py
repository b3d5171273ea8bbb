"""Bundles: found by name, opened only when every digest holds."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.core.errors import BundleError
from thoracle.core.files import sha256_of_file
from thoracle.core.settings import settings
from thoracle.inference import bundle as module
from thoracle.inference.bundle import (
    CorruptBundleError,
    bundle_folders,
    find_bundle,
    list_bundles,
    open_bundle,
)

Change = Callable[[str], str]


@pytest.fixture
def rewrite(bundles: Path) -> Callable[[str, Change], Path]:
    """Change the text of a bundle's description."""

    def change(name: str, how: Change) -> Path:
        path = bundles / name / "bundle.toml"
        path.write_text(how(path.read_text("utf-8")), encoding="utf-8")
        return path

    return change


def test_a_bundle_opens_with_what_its_description_says(bundles: Path) -> None:
    bundle = open_bundle("radiograph")
    assert (bundle.name, bundle.version, bundle.task) == ("radiograph", "1.2.3", "classifier")
    assert [one.name for one in bundle.labels] == ["No finding", "Other lung opacity", "COVID-19"]
    assert [one.threshold for one in bundle.labels] == [0.5, 0.4, 0.3]
    assert bundle.labels[2].color == "#c0392b"
    assert bundle.labels[0].threshold_target == "90 %"
    assert (bundle.input_size, bundle.temperature) == (32, 2.0)
    assert bundle.map_layers == ("last", "early")
    assert bundle.map_scale["early/gradcam++"] == 1.5
    assert bundle.training == {"films": "7"}
    assert bundle.license == "CC BY-NC-SA 4.0"
    assert bundle.network == bundles / "radiograph" / "network.onnx"


def test_a_label_without_a_threshold_has_none(bundles: Path) -> None:
    assert {one.threshold for one in open_bundle("gate").labels} == {None}


def test_the_digest_is_that_of_the_description_and_stands_in_the_reference(bundles: Path) -> None:
    bundle = open_bundle("gate")
    assert bundle.digest == sha256_of_file(bundles / "gate" / "bundle.toml")
    assert bundle.reference.digest == bundle.digest
    assert (bundle.reference.name, bundle.reference.version) == ("gate", "1.2.3")


@pytest.mark.parametrize("name", ["network.onnx", "parity.npz", "MODEL_CARD.md"])
def test_an_altered_file_is_refused(bundles: Path, name: str) -> None:
    path = bundles / "gate" / name
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(BundleError, match=f"{name} .*The bundle was altered") as caught:
        open_bundle("gate")
    assert caught.value.code == "bundle-altered"


def test_a_missing_file_is_refused(bundles: Path) -> None:
    (bundles / "gate" / "parity.npz").unlink()
    with pytest.raises(BundleError, match="found no file for") as caught:
        open_bundle("gate")
    assert caught.value.code == "bundle-altered"


def test_a_description_without_the_networks_digest_is_refused(
    rewrite: Callable[[str, Change], Path],
) -> None:
    rewrite("gate", lambda text: re.sub(r'"network.onnx" = .*\n', "", text))
    with pytest.raises(CorruptBundleError, match=r"no digest of network\.onnx"):
        open_bundle("gate")


def test_a_digest_of_a_file_elsewhere_is_refused(rewrite: Callable[[str, Change], Path]) -> None:
    rewrite("gate", lambda text: text.replace('"parity.npz"', '"../lungs/parity.npz"'))
    with pytest.raises(CorruptBundleError, match=r"'\.\./lungs/parity\.npz'"):
        open_bundle("gate")


@pytest.mark.parametrize(
    ("how", "found"),
    [
        (lambda text: text.replace('task = "gate"', ""), "no 'task'"),
        (lambda text: text.replace("size = 32", 'size = "wide"'), "value of the wrong type"),
        (lambda text: text.replace("[numbers]", "[other]") + "\n[[numbers]]\n", "wrong type"),
        (lambda text: text + "[unfinished", "no TOML"),
        (lambda text: re.sub(r"\[files\](.|\n)*", "", text) .replace("schema", "files = 3\nschema"),
         "no digest"),
    ],
)  # fmt: skip
def test_a_description_that_lacks_something_says_what(
    rewrite: Callable[[str, Change], Path], how: Change, found: str
) -> None:
    path = rewrite("gate", how)
    with pytest.raises(CorruptBundleError, match=found) as caught:
        open_bundle("gate")
    assert caught.value.code == "bundle-corrupt"
    assert str(path) in caught.value.text


def test_another_schema_is_refused(rewrite: Callable[[str, Change], Path]) -> None:
    rewrite("gate", lambda text: text.replace("schema = 1", "schema = 2"))
    with pytest.raises(BundleError, match=r"found bundle schema 2 .* expected 1") as caught:
        open_bundle("gate")
    assert caught.value.code == "bundle-schema"


def test_an_unknown_name_lists_the_known_ones(bundles: Path) -> None:
    with pytest.raises(BundleError, match=r"no bundle 'gat' .*: gate, lungs, radiograph") as caught:
        find_bundle("gat")
    assert caught.value.code == "bundle-missing"


def test_without_any_bundle_the_error_says_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "bundle_folders", tuple)
    with pytest.raises(BundleError, match="or one of: none"):
        find_bundle("gate")


def test_a_folder_is_found_by_its_path_and_an_installed_name_comes_first(
    bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "mine" / "gate"
    mine.mkdir(parents=True)
    (mine / "bundle.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(mine.parent)
    assert find_bundle(str(mine)) == mine
    assert find_bundle("./gate") == Path("gate")
    assert find_bundle("gate") == bundles / "gate"


def test_the_settings_folder_hides_the_homes_which_hides_the_packages(
    bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    for name in ("gate", "hospital"):
        folder = tmp_path / "home" / "bundles" / name
        folder.mkdir(parents=True)
        (folder / "bundle.toml").write_text("", encoding="utf-8")
    assert find_bundle("gate") == bundles / "gate"
    assert find_bundle("hospital") == tmp_path / "home" / "bundles" / "hospital"
    assert bundle_folders() == (bundles, tmp_path / "home" / "bundles", module.SHIPPED)
    monkeypatch.delenv("THORACLE_BUNDLES")
    settings.cache_clear()
    assert bundle_folders() == (tmp_path / "home" / "bundles", module.SHIPPED)


def test_the_shipped_bundles_lie_in_the_package() -> None:
    assert Path(module.__file__).parent.parent / "bundles" == module.SHIPPED


def test_a_folder_that_is_still_being_written_is_not_listed(bundles: Path) -> None:
    (bundles / "lungs").rename(bundles / ".lungs.partial")
    names = [one.name for one in list_bundles()]
    assert names[:2] == ["gate", "radiograph"]
    assert ".lungs.partial" not in names


def test_a_bundle_of_another_task_is_refused_by_name(bundles: Path) -> None:
    bundle = open_bundle("lungs")
    assert bundle.need_task("lungs") is bundle
    with pytest.raises(BundleError, match=r"'lungs' of task 'lungs' .* task 'gate'") as caught:
        bundle.need_task("gate")
    assert caught.value.code == "bundle-task"


def test_a_bundle_trained_on_another_form_of_film_is_refused(bundles: Path) -> None:
    bundle = open_bundle("lungs")
    assert bundle.need_input(bundle.input_form) is bundle
    with pytest.raises(BundleError, match=r"'lungs' 1.2.3 trained on .* – expected 'x'") as caught:
        bundle.need_input("x")
    assert caught.value.code == "bundle-input"


def test_a_missing_number_is_named(bundles: Path) -> None:
    bundle = open_bundle("gate")
    assert bundle.number("accept_probability") == 0.9
    with pytest.raises(CorruptBundleError, match="no number 'distance_limit'"):
        bundle.number("distance_limit")
