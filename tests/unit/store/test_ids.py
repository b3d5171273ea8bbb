"""Identifiers: UUID version 7, sorted by time, safe in a path."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.errors import StoreError
from thoracle.store.ids import ENTROPY_BYTES, checked_id, new_id

NOW = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_the_example_of_the_standard_is_reproduced() -> None:
    # RFC 9562, A.6: 2022-02-22 14:22:22 GMT-05:00, rand_a 0xCC3, rand_b 0b01, 0x8C4DC0C0C07398F.
    bits = (0xCC3 << 68) | 0x18C4DC0C0C07398F
    entropy = bits.to_bytes(ENTROPY_BYTES, "big")
    assert new_id(NOW, entropy) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


@given(
    first=st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES),
    second=st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES),
    step_ms=st.integers(min_value=1, max_value=10**12),
)
def test_a_later_time_sorts_after_whatever_the_chance(
    first: bytes, second: bytes, step_ms: int
) -> None:
    later = NOW + timedelta(milliseconds=step_ms)
    assert new_id(NOW, first) < new_id(later, second)


@given(entropy=st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES))
def test_every_id_is_a_version_7_uuid_and_passes_its_own_check(entropy: bytes) -> None:
    made = new_id(NOW, entropy)
    assert UUID(made).version == 7
    assert UUID(made).variant == "specified in RFC 4122"
    assert checked_id(made) == made


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "../../etc/passwd",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f/..",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e2-79b0-4cc3-98c4-dc0c0c07398f",
    ],
)
def test_what_is_no_id_never_becomes_a_path(text: str) -> None:
    with pytest.raises(StoreError, match="expected a result's id") as caught:
        checked_id(text)
    assert caught.value.code == "unknown-result"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        new_id(NOW.replace(tzinfo=None), bytes(ENTROPY_BYTES))


def test_entropy_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="9 bytes of entropy – expected 10"):
        new_id(NOW, bytes(9))
