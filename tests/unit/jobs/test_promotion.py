"""What is in force changes in one moment, with a reason that stays, and can be changed back."""

import json
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from thoracle.core.errors import BundleError
from thoracle.core.settings import settings
from thoracle.inference.bundle import open_bundle
from thoracle.inference.champion import champion_file, kept_folder
from thoracle.inference.description import read_description, write_description
from thoracle.jobs import promotion
from thoracle.jobs.analyze import load_models
from thoracle.jobs.promotion import (
    Action,
    Signed,
    first_in_force,
    history,
    need_in_force,
    promote,
    refuse,
    rollback,
    site_folder,
)

NAME = "radiograph"
JUDGED = {"outcome": "not-worse", "words": "Shown."}
START = datetime(2026, 11, 21, tzinfo=UTC)


def signed(reason: str = "", *, hours: int = 0) -> Signed:
    return Signed(by="Dr. Who", now=START + timedelta(hours=hours), reason=reason)


@pytest.fixture
def installed(bundles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the tiny bundles be those of the package, and return the classifier's digest."""
    monkeypatch.delenv("THORACLE_BUNDLES")
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    monkeypatch.setattr(
        "thoracle.inference.bundle.bundle_folders", lambda: (site_folder(), bundles)
    )
    return open_bundle(NAME).digest


def version(number: str, bundles: Path, folder: Path) -> Path:
    """Write the tiny classifier as another version."""
    made = folder / f"made-{number}"
    shutil.copytree(bundles / NAME, made)
    table = read_description(made)
    del table["files"]
    write_description(made, table | {"version": number})
    return made


def test_a_promoted_challenger_serves_and_the_installed_bundle_stays_as_it_was(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    challenger = version("2", bundles, tmp_path)
    decision = promote(NAME, challenger, JUDGED, signed("better"), champion_digest=installed)
    served = load_models(NAME).classifier.bundle
    assert (served.version, served.digest) == ("2", open_bundle(str(challenger)).digest)
    assert open_bundle(str(bundles / NAME)).digest == installed
    told = history(NAME)
    assert told.in_force == served.digest
    assert told.decisions == (decision,)
    assert (decision.action, decision.by, decision.reason) == (
        Action.PROMOTED, "Dr. Who", "better",
    )  # fmt: skip
    assert decision.at == "2026-11-21T00:00:00+00:00"
    assert decision.champion["digest"] == installed
    assert decision.judged == JUDGED
    shutil.rmtree(challenger)
    assert load_models(NAME).classifier.bundle.version == "2"


def test_a_refusal_is_kept_and_changes_nothing(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    refuse(NAME, version("2", bundles, tmp_path), {"outcome": "worse"}, signed())
    assert open_bundle(NAME).digest == installed
    (told,) = history(NAME).decisions
    assert (told.action, told.judged["outcome"]) == (Action.REFUSED, "worse")
    assert not (site_folder() / ".kept").exists()


def test_the_way_back_leads_to_the_former_digest_and_the_service_uses_it(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    digests = [installed]
    for number in ("2", "3"):
        folder = version(number, bundles, tmp_path)
        promote(NAME, folder, JUDGED, signed(), champion_digest=digests[-1])
        digests.append(open_bundle(NAME).digest)
    rollback(NAME, signed("films came out wrong", hours=1))
    assert load_models(NAME).classifier.bundle.digest == digests[1]
    rollback(NAME, signed(hours=2), to=installed[:8])
    assert open_bundle(NAME).folder == bundles / NAME
    assert json.loads(champion_file(site_folder(), NAME).read_text())["digest"] == ""
    assert history(NAME).in_force == installed
    rollback(NAME, signed(hours=3), to=digests[2])
    assert load_models(NAME).classifier.bundle.version == "3"
    told = history(NAME).decisions
    assert [one.action for one in told] == [Action.PROMOTED] * 2 + [Action.ROLLED_BACK] * 3
    assert told[2].reason == "films came out wrong"
    assert [one.champion["version"] for one in told[2:]] == ["3", "2", "1.2.3"]
    assert [one.challenger["version"] for one in told[2:]] == ["2", "1.2.3", "3"]


def test_a_package_whose_own_bundle_is_gone_can_still_be_gone_back_to(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    promote(NAME, version("2", bundles, tmp_path), JUDGED, signed(), champion_digest=installed)
    shutil.rmtree(bundles / NAME)
    shutil.move(version_elsewhere(tmp_path), bundles / NAME)
    rollback(NAME, signed())
    assert open_bundle(NAME).digest == installed
    assert open_bundle(NAME).folder == kept_folder(site_folder(), NAME, installed)


def test_the_first_bundle_stays_known_however_many_follow(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    assert first_in_force(NAME) is None
    second = version("2", bundles, tmp_path)
    refuse(NAME, second, JUDGED, signed())
    assert first_in_force(NAME) is None
    digest = installed
    for number in ("2", "3"):
        folder = second if number == "2" else version(number, bundles, tmp_path)
        kept = promote(NAME, folder, JUDGED, signed(), champion_digest=digest)
        digest = kept.challenger["digest"]
    rollback(NAME, signed())
    first = first_in_force(NAME)
    assert first is not None
    assert first.digest == installed
    shutil.rmtree(bundles / NAME)  # another package; the copy is kept
    again = first_in_force(NAME)
    assert again is not None
    assert again.folder == kept_folder(site_folder(), NAME, installed)
    shutil.rmtree(again.folder)
    with pytest.raises(BundleError):
        first_in_force(NAME)


def version_elsewhere(folder: Path) -> Path:
    return folder / "made-2"


@pytest.mark.parametrize("to", ["", "ffff"])
def test_nothing_to_go_back_to_is_said(installed: str, to: str) -> None:
    with pytest.raises(BundleError, match="bundles history") as raised:
        rollback(NAME, signed(), to=to)
    assert raised.value.code == "rollback-none"


def test_a_verdict_is_only_forced_for_a_reason_which_is_kept(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    challenger = version("2", bundles, tmp_path)
    worse = {"outcome": "worse"}
    for reason in ("", "  "):
        with pytest.raises(BundleError, match="--reason") as raised:
            promote(
                NAME, challenger, worse, signed(reason), champion_digest=installed, is_forced=True
            )
        assert raised.value.code == "promotion-no-reason"
    assert history(NAME).decisions == ()
    promote(NAME, challenger, worse, signed("a study"), champion_digest=installed, is_forced=True)
    (told,) = history(NAME).decisions
    assert (told.is_forced, told.reason, told.judged) == (True, "a study", worse)


def test_a_challenger_of_another_champion_is_refused(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    promote(NAME, version("2", bundles, tmp_path), JUDGED, signed(), champion_digest=installed)
    with pytest.raises(BundleError, match="Retrain from the bundle") as raised:
        promote(NAME, version("3", bundles, tmp_path), JUDGED, signed(), champion_digest=installed)
    assert raised.value.code == "champion-changed"
    assert open_bundle(NAME).version == "2"


def test_a_tampered_champion_or_challenger_is_not_put_in_force(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    challenger = version("2", bundles, tmp_path)
    (challenger / "network.onnx").write_bytes(b"another network")
    with pytest.raises(BundleError) as raised:
        promote(NAME, challenger, JUDGED, signed(), champion_digest=installed)
    assert raised.value.code == "bundle-altered"
    (bundles / NAME / "network.onnx").write_bytes(b"another network")
    with pytest.raises(BundleError) as raised:
        need_in_force(NAME)
    assert raised.value.code == "bundle-altered"
    assert history("gate").decisions == ()


def test_a_folder_that_hides_the_sites_bundles_is_named(
    bundles: Path, installed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_BUNDLES", str(bundles))
    settings.cache_clear()
    with pytest.raises(BundleError, match="Unset THORACLE_BUNDLES") as raised:
        need_in_force(NAME)
    assert raised.value.code == "champion-hidden"


def test_an_unknown_name_is_no_champion(installed: str) -> None:
    with pytest.raises(BundleError, match="no installed bundle 'x'") as raised:
        need_in_force("x")
    assert raised.value.code == "bundle-missing"
    assert history("x").in_force == ""


class StoppedError(Exception):
    """What stops a promotion in these tests."""


@pytest.mark.parametrize("at", ["copytree", "write_atomically"])
def test_a_promotion_that_is_interrupted_leaves_the_champion_and_can_be_repeated(
    bundles: Path, tmp_path: Path, installed: str, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    challenger = version("2", bundles, tmp_path)
    with monkeypatch.context() as patch:

        def stop(*_: object) -> None:
            raise StoppedError

        def half(source: Path, target: Path) -> None:
            target.mkdir()
            shutil.copy(source / "bundle.toml", target)
            raise StoppedError

        where, what = (shutil, half) if at == "copytree" else (promotion, stop)
        patch.setattr(where, at, what)
        with pytest.raises(StoppedError):
            promote(NAME, challenger, JUDGED, signed(), champion_digest=installed)
    assert open_bundle(NAME).digest == installed
    assert history(NAME).decisions == ()
    promote(NAME, challenger, JUDGED, signed(), champion_digest=installed)
    assert open_bundle(NAME).version == "2"
    assert not list(site_folder().rglob("*.partial"))


def test_of_two_who_promote_at_once_one_is_told(
    bundles: Path, tmp_path: Path, installed: str
) -> None:
    told: list[str] = []

    def go(number: str) -> None:
        try:
            folder = version(number, bundles, tmp_path)
            promote(NAME, folder, JUDGED, signed(), champion_digest=installed)
        except BundleError as error:
            told.append(error.code)

    threads = [threading.Thread(target=go, args=(number,)) for number in ("2", "3")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert told == ["champion-changed"]
    assert len(history(NAME).decisions) == 1
