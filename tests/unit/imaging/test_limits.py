"""Declared sizes and times."""

import pytest

from thoracle.core.errors import ImageError
from thoracle.core.settings import settings
from thoracle.imaging.limits import DecodeLimits, cpu_allowed_s, wall_allowed_s


def test_as_many_pixels_as_allowed_pass_and_one_row_more_does_not() -> None:
    limits = DecodeLimits(pixels_max=1200)
    limits.check_pixels(rows=30, columns=40, format_name="PNG")
    with pytest.raises(
        ImageError, match="declares 31 × 40 pixels – expected at most 1200"
    ) as error:
        limits.check_pixels(rows=31, columns=40, format_name="PNG")
    assert error.value.code == "image-too-large"


@pytest.mark.parametrize(("rows", "columns"), [(0, 5), (5, 0), (-1, -1)])
def test_a_picture_without_pixels_is_damaged(rows: int, columns: int) -> None:
    with pytest.raises(ImageError, match=f"{rows} rows, {columns} columns") as error:
        DecodeLimits(pixels_max=9).check_pixels(rows=rows, columns=columns, format_name="DICOM")
    assert error.value.code == "image-corrupt"


def test_a_file_larger_than_any_film_within_the_limits_is_refused() -> None:
    limits = DecodeLimits(pixels_max=1000)
    limits.check_file_size(limits.file_bytes_max)
    with pytest.raises(ImageError, match="Send one film") as error:
        limits.check_file_size(limits.file_bytes_max + 1)
    assert error.value.code == "image-too-large"


def test_the_limits_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THORACLE_DECODE_PIXELS_MAX", "12345")
    settings.cache_clear()
    assert DecodeLimits.from_settings().pixels_max == 12345


def test_a_bomb_gets_less_than_two_seconds_and_a_large_film_its_time() -> None:
    assert cpu_allowed_s(572, cpu_s=10) < 1.3
    assert cpu_allowed_s(12_000_000, cpu_s=10) == pytest.approx(7.2)  # 3000 × 3000 × 16 bits
    assert cpu_allowed_s(500_000_000, cpu_s=10) == 10
    assert cpu_allowed_s(500_000_000, cpu_s=1) == 1


def test_the_clock_allows_several_times_the_cpu_time() -> None:
    assert wall_allowed_s(0, cpu_s=10) == pytest.approx(30 * 1.2)


def test_a_deflated_data_set_may_unpack_to_what_its_size_and_the_pixels_allow() -> None:
    limits = DecodeLimits(pixels_max=64_000_000)
    header = 16 * 2**20
    assert limits.inflated_bytes_max(0) == header
    assert limits.inflated_bytes_max(400_000) == header + 80_000_000
    assert limits.inflated_bytes_max(60_000_000) == header + 192_000_000


def test_a_volume_s_declared_size_is_held_against_its_file() -> None:
    limits = DecodeLimits(pixels_max=1)
    limits.check_voxels(voxels=8_000_000, voxel_bytes=2, file_bytes=1)  # small ones always pass
    limits.check_voxels(voxels=400_000_000, voxel_bytes=2, file_bytes=4_000_000)
    with pytest.raises(ImageError, match="400000001 voxels"):
        limits.check_voxels(voxels=400_000_001, voxel_bytes=1, file_bytes=10**9)
    with pytest.raises(ImageError, match="bytes of voxels"):
        limits.check_voxels(voxels=400_000_000, voxel_bytes=8, file_bytes=3_000_000)


def test_a_volume_s_file_may_be_larger_than_a_film_s() -> None:
    limits = DecodeLimits(pixels_max=1)
    limits.check_volume_size(700 * 2**20)
    with pytest.raises(ImageError, match="for one volume"):
        limits.check_volume_size(800 * 2**20)
