"""A site says which kept bundle serves under a name; it is checked before it is believed."""

import json
import shutil
from pathlib import Path

import pytest

from thoracle.core.errors import BundleError
from thoracle.core.settings import settings
from thoracle.inference.bundle import find_bundle, list_bundles, open_bundle
from thoracle.inference.champion import (
    champion_file,
    champions,
    kept_folder,
    read_champion,
)
from thoracle.inference.description import read_description, write_description


@pytest.fixture
def site(bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site's own folder of bundles, before which nothing is searched."""
    folder = tmp_path / "home" / "bundles"
    folder.parent.mkdir()
    shutil.move(bundles, folder)
    monkeypatch.delenv("THORACLE_BUNDLES")
    monkeypatch.setenv("THORACLE_HOME", str(folder.parent))
    settings.cache_clear()
    return folder


def keep(site: Path, version: str) -> str:
    """Keep a copy of the installed classifier as another version, and return its digest."""
    made = site.parent / "made"
    shutil.copytree(site / "radiograph", made)
    table = read_description(made)
    del table["files"]
    write_description(made, table | {"version": version})
    digest = open_bundle(str(made)).digest
    kept_folder(site, "radiograph", digest).parent.mkdir(parents=True)
    made.rename(kept_folder(site, "radiograph", digest))
    return digest


def say(site: Path, digest: str) -> None:
    document = {"schema": 1, "digest": digest, "decisions": []}
    champion_file(site, "radiograph").write_text(json.dumps(document), encoding="utf-8")


def test_the_bundle_that_the_site_says_is_in_force_hides_the_installed_one(site: Path) -> None:
    installed = open_bundle("radiograph")
    digest = keep(site, "1.2.4")
    assert open_bundle("radiograph").digest == installed.digest
    say(site, digest)
    found = open_bundle("radiograph")
    assert (found.digest, found.version, found.folder.name) == (digest, "1.2.4", "radiograph")
    assert {folder.name: folder for folder in list_bundles()}["radiograph"] == found.folder
    below = {folder.name: folder for folder in list_bundles(with_champions=False)}
    assert below["radiograph"] == site / "radiograph"
    assert find_bundle("gate") == site / "gate"
    say(site, "")
    assert open_bundle("radiograph").digest == installed.digest


def test_a_kept_bundle_that_was_rewritten_with_fresh_digests_is_refused(site: Path) -> None:
    digest = keep(site, "1.2.4")
    say(site, digest)
    folder = kept_folder(site, "radiograph", digest)
    table = read_description(folder)
    del table["files"]
    (folder / "network.onnx").write_bytes(b"another network")
    write_description(folder, table)
    with pytest.raises(BundleError, match=r"rollback") as raised:
        open_bundle("radiograph")
    assert raised.value.code == "champion-altered"


def test_a_kept_bundle_that_is_gone_is_no_reason_to_take_another(site: Path) -> None:
    say(site, "a" * 64)
    with pytest.raises(BundleError, match=r"found no .*expected the bundle") as raised:
        find_bundle("radiograph")
    assert raised.value.code == "champion-lost"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": 2, "digest": "", "decisions": []}',
     '{"schema": 1, "digest": "../../x", "decisions": []}',
     '{"schema": 1, "digest": "", "decisions": {}}'],
)  # fmt: skip
def test_what_says_something_else_is_refused(site: Path, text: str) -> None:
    champion_file(site, "radiograph").write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match=r"Restore it .* or remove it") as raised:
        champions(site)
    assert raised.value.code == "champion-file"


def test_without_a_file_nothing_was_decided(tmp_path: Path) -> None:
    assert read_champion(champion_file(tmp_path, "radiograph"))["decisions"] == []
    assert champions(tmp_path / "missing") == {}
