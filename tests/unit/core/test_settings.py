"""Settings come from the environment, have one table, and refuse what they cannot take."""

from pathlib import Path

import pytest

from thoracle.core.errors import SettingError
from thoracle.core.settings import SettingRow, Settings, settings, settings_table


def test_the_web_app_listens_on_this_machine_only_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("THORACLE_HOST", raising=False)
    monkeypatch.delenv("THORACLE_PORT", raising=False)
    assert (settings().host, settings().port) == ("127.0.0.1", 8000)


def test_results_stay_in_the_users_data_folder_unless_a_home_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("THORACLE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert settings().home == tmp_path / "thoracle"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THORACLE_PORT", "9000")
    assert settings().port == 9000


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THORACLE_DATA", "")
    assert settings().data is None


def test_a_tilde_means_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("THORACLE_BUNDLES", "~/bundles")
    assert settings().bundles == Path("/somewhere/bundles")


def test_the_bundle_is_the_shipped_classifier_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("THORACLE_BUNDLE", raising=False)
    assert settings().bundle == "radiograph"
    monkeypatch.setenv("HOME", "/somewhere")
    for given, found in (
        ("radiograph-site", "radiograph-site"),
        ("~/mine", "/somewhere/mine"),
        ("./mine", "./mine"),
    ):
        settings.cache_clear()
        monkeypatch.setenv("THORACLE_BUNDLE", given)
        assert settings().bundle == found


def test_a_value_out_of_range_says_which_variable_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("THORACLE_PORT", "70000")
    with pytest.raises(SettingError, match=r"THORACLE_PORT is '70000', but .* 65535\. Correct it"):
        settings()


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings()
    monkeypatch.setenv("THORACLE_PORT", "9000")
    assert settings() is first


@pytest.mark.parametrize("row", settings_table(), ids=lambda row: row.name)
def test_every_setting_has_a_variable_and_a_sentence(row: SettingRow) -> None:
    assert row.variable == f"THORACLE_{row.name.upper()}"
    assert row.help.endswith(".")
    assert row.default


def test_the_table_lists_every_setting_with_its_unit() -> None:
    rows = {row.name: row for row in settings_table()}
    assert list(rows) == list(Settings.model_fields)
    assert rows["home"].default == "the user's data folder"
    assert rows["data"].default == "unset"
    assert rows["port"].default == "8000"
    assert rows["bundle"].default == "radiograph"
    assert rows["port"].unit == ""
    assert rows["decode_memory_mb"].unit == "MB"
    assert rows["decode_cpu_s"].unit == "s"
    assert rows["decode_pixels_max"].unit == "pixels"
