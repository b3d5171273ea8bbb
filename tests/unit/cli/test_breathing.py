"""The group of breathing commands says what it is for."""

from thoracle.cli.breathing import breathing_app


def test_the_group_says_what_it_is_for() -> None:
    assert "pauses and patterns" in str(breathing_app.info.help)
