"""What all retrainings share: early refusals, and an end that tells who is in force."""

from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from thoracle.cli.promoting import NOT_TAKEN, end, find_rivals, is_in_force, need_one_way
from thoracle.core.errors import RecipeError
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs import promotion


def test_the_champion_stays_with_an_exit_code_of_its_own() -> None:
    end(is_taken=True)
    with pytest.raises(typer.Exit) as left:
        end(is_taken=False)
    assert left.value.exit_code == NOT_TAKEN


@pytest.mark.parametrize(("run", "from_start"), [(None, False), (Path("run"), True)])
def test_a_network_goes_on_or_starts_afresh_and_not_both(
    run: Path | None, from_start: bool
) -> None:
    with pytest.raises(RecipeError) as raised:
        need_one_way(run, from_start=from_start, force=False, reason="")
    assert raised.value.code == "retrain-start"


def test_a_forced_verdict_needs_a_reason() -> None:
    need_one_way(Path("run"), from_start=False, force=True, reason="why")
    with pytest.raises(RecipeError) as raised:
        need_one_way(Path("run"), from_start=False, force=True, reason=" ")
    assert raised.value.code == "retrain-no-reason"


def test_a_bundle_is_in_force_if_it_is_the_champion_itself(
    ct_bundle: Callable[..., Path], tmp_path: Path
) -> None:
    folder = ct_bundle()
    assert is_in_force(open_bundle(str(folder)), folder)
    assert not is_in_force(open_bundle(str(folder)), tmp_path / "none")
    assert not is_in_force(open_bundle(str(folder)), ct_bundle(patients="p9", place="other"))


def test_the_bundle_that_was_first_in_force_is_a_rival_too(
    ct_bundle: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    champion = open_bundle(str(ct_bundle(place="now")))
    first = open_bundle(str(ct_bundle(patients="p1", place="first")))
    opened: list[Bundle] = []
    for former in (None, champion):
        monkeypatch.setattr(promotion, "first_in_force", lambda _name, one=former: one)
        assert [one.bundle for one in find_rivals("ct", champion, opened.append)[0]] == [champion]
    monkeypatch.setattr(promotion, "first_in_force", lambda _name: first)
    rivals, lack = find_rivals("ct", champion, opened.append)
    assert [one.name for one in rivals] == ["champion", "first bundle, 1.2.3"]
    assert (lack, opened) == ([], [first])
