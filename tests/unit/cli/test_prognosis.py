"""The group of commands about charts says what it is for."""

from thoracle.cli.main import app
from thoracle.cli.prognosis import prognosis_app


def test_the_group_says_what_it_is_for() -> None:
    assert "what was known at a time" in str(prognosis_app.info.help)


def test_the_group_belongs_to_the_command() -> None:
    assert "prognosis" in {one.name for one in app.registered_groups}
