"""Commands that open a CT series ask for what a user answers for in the same words."""

import pytest
import typer.main
from click import Command

from thoracle.cli.ct import ct_app


def _commands() -> dict[str, Command]:
    group = typer.main.get_command(ct_app)
    return dict(group.commands)  # type: ignore[attr-defined]  # a click group's


@pytest.mark.parametrize("name", ["check", "quantify", "compare"])
def test_a_series_is_trusted_by_the_same_options(name: str) -> None:
    given = {one for option in _commands()[name].params for one in option.opts}
    assert {"--assume-window", "--grey-range", "--slice-spacing"} <= given


@pytest.mark.parametrize("name", ["check", "quantify"])
def test_the_option_that_a_refusal_of_several_series_names_is_there(name: str) -> None:
    given = {one for option in _commands()[name].params for one in option.opts}
    assert "--series" in given
