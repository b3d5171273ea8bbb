"""One patient has one pseudonym here, another elsewhere, and no name anywhere."""

import threading
from pathlib import Path

import pytest

from thoracle.core.errors import StoreError
from thoracle.jobs.pseudonyms import KEY_NAME, Pseudonyms


def test_a_patient_keeps_the_pseudonym_and_another_installation_gives_another(
    tmp_path: Path,
) -> None:
    here, elsewhere = (Pseudonyms(tmp_path / name, keeps_identifiers=False) for name in ("a", "b"))
    said = here.of("Doe 12345")
    assert said is not None
    assert "12345" not in said
    assert said == Pseudonyms(tmp_path / "a", keeps_identifiers=False).of("Doe 12345")
    assert len({said, here.of("Doe 12346"), elsewhere.of("Doe 12345")}) == 3


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    Pseudonyms(tmp_path, keeps_identifiers=False).of("Doe")
    assert (tmp_path / KEY_NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_NAME]


def test_whoever_is_unnamed_has_none_and_numbers_are_kept_only_when_told(tmp_path: Path) -> None:
    assert Pseudonyms(tmp_path, keeps_identifiers=False).of(None) is None
    assert Pseudonyms(tmp_path, keeps_identifiers=False).of("") is None
    assert Pseudonyms(tmp_path, keeps_identifiers=True).of("Doe 12345") == "Doe 12345"


def test_a_damaged_key_is_an_error_and_not_a_new_one(tmp_path: Path) -> None:
    (tmp_path / KEY_NAME).write_bytes(b"short")
    with pytest.raises(StoreError, match="found 5 bytes") as caught:
        Pseudonyms(tmp_path, keeps_identifiers=False).of("Doe")
    assert caught.value.code == "damaged-key"
    assert (tmp_path / KEY_NAME).read_bytes() == b"short"


def test_several_that_begin_at_once_agree_on_the_key(tmp_path: Path) -> None:
    found: set[str | None] = set()
    barrier = threading.Barrier(4)

    def name() -> None:
        barrier.wait()
        found.add(Pseudonyms(tmp_path, keeps_identifiers=False).of("Doe"))

    threads = [threading.Thread(target=name) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
