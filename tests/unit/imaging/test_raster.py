"""Pictures of every format and depth, each with a known answer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from thoracle.core.errors import ImageError
from thoracle.imaging.decode import decode
from thoracle.imaging.limits import DecodeLimits
from thoracle.imaging.raster import from_image
from thoracle.imaging.types import FilmFacts, Radiograph

Encode = Callable[..., bytes]
LIMITS = DecodeLimits(pixels_max=1_000_000)


def read(content: bytes) -> Radiograph:
    return decode(content, limits=LIMITS)


def shown(film: Radiograph, peak: int = 255) -> NDArray[Any]:
    whole: NDArray[Any] = np.rint(film.pixels.astype(float) * peak).astype(int)
    return whole


@pytest.mark.parametrize(
    ("depth", "scanline", "answer"),
    [
        (1, b"\xa0", [1, 0, 1, 0]),
        (2, b"\x1b", [0, 1, 2, 3]),
        (4, b"\x0f\x5a", [0, 15, 5, 10]),
        (8, bytes([0, 255, 17, 3]), [0, 255, 17, 3]),
        (16, bytes([0, 0, 255, 255, 1, 0, 0, 1]), [0, 65535, 256, 1]),
    ],
)
def test_a_grey_png_of_any_depth_keeps_its_values(
    depth: int, scanline: bytes, answer: list[int], make_png: Encode
) -> None:
    film = read(make_png([scanline], columns=4, depth=depth, color=0))
    np.testing.assert_allclose(film.pixels, [np.array(answer) / (2**depth - 1)], atol=1e-7)
    assert (film.format, film.bits, film.is_color) == ("PNG", depth, False)


def test_a_grey_palette_png_is_grey_and_a_colored_one_has_luma(make_png: Encode) -> None:
    palette = bytes([0, 0, 0, 200, 200, 200, 255, 0, 0])
    film = read(
        make_png([bytes([0, 1, 2])], columns=3, depth=8, color=3, extra=((b"PLTE", palette),))
    )
    assert shown(film).tolist() == [[0, 200, 76]]
    assert film.is_color
    assert film.color_share == pytest.approx(1 / 3)
    assert film.bits == 8


def test_transparency_is_composited_on_black_in_every_form(make_png: Encode) -> None:
    palette = bytes([200, 200, 200, 100, 100, 100])
    forms = {
        "palette": make_png(
            [bytes([0, 1])],
            columns=2,
            depth=8,
            color=3,
            extra=((b"PLTE", palette), (b"tRNS", bytes([0, 255]))),
        ),
        "grey key": make_png(
            [bytes([200, 100])], columns=2, depth=8, color=0, extra=((b"tRNS", bytes([0, 200])),)
        ),
        "color key": make_png(
            [bytes([200] * 3 + [100] * 3)],
            columns=2,
            depth=8,
            color=2,
            extra=((b"tRNS", bytes([0, 200] * 3)),),
        ),
        "grey alpha": make_png([bytes([200, 0, 100, 255])], columns=2, depth=8, color=4),
        "rgba": make_png([bytes([200] * 3 + [0] + [100] * 3 + [255])], columns=2, depth=8, color=6),
    }
    answers = {name: shown(read(content)).tolist() for name, content in forms.items()}
    assert answers == {name: [[0, 100]] for name in forms}


def test_a_half_transparent_pixel_is_half_as_bright(make_png: Encode) -> None:
    film = read(make_png([bytes([200, 200, 200, 128])], columns=1, depth=8, color=6))
    assert shown(film).tolist() == [[100]]


def test_an_opaque_rgba_film_equals_its_grey_twin(grey8: NDArray[np.uint8], save: Encode) -> None:
    opaque = np.full_like(grey8, 255)
    rgba = save(np.dstack([grey8, grey8, grey8, opaque]), "PNG")
    grey_alpha = save(Image.merge("LA", [Image.fromarray(each) for each in (grey8, opaque)]), "PNG")
    for content in (rgba, grey_alpha):
        np.testing.assert_array_equal(read(content).pixels, read(save(grey8, "PNG")).pixels)
    assert not read(rgba).is_color


def test_the_transparent_key_of_a_16_bit_png_is_black(make_png: Encode) -> None:
    scanline = bytes([0x12, 0x34, 0x80, 0x00])
    film = read(make_png([scanline], columns=2, depth=16, color=0, extra=((b"tRNS", b"\x12\x34"),)))
    assert shown(film, 65535).tolist() == [[0, 0x8000]]


def test_color_of_16_bits_is_read_at_its_high_byte(make_png: Encode) -> None:
    film = read(make_png([b"\x80\xff" * 3], columns=1, depth=16, color=2))
    assert shown(film).tolist() == [[0x80]]
    assert film.bits == 16


@pytest.mark.parametrize("name", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_keep_every_grey(
    name: str, grey8: NDArray[np.uint8], save: Encode
) -> None:
    film = read(save(grey8, name))
    np.testing.assert_array_equal(shown(film), grey8)
    assert (film.format, film.bits) == (name, 8)


def test_lossless_webp_keeps_every_grey(grey8: NDArray[np.uint8], save: Encode) -> None:
    film = read(save(grey8, "WEBP", lossless=True))
    np.testing.assert_array_equal(shown(film), grey8)
    assert not film.is_color


def test_lossy_webp_and_webp_with_alpha_are_read(grey8: NDArray[np.uint8], save: Encode) -> None:
    smooth = np.sort(grey8, axis=None).reshape(grey8.shape)
    assert np.abs(shown(read(save(smooth, "WEBP", quality=95))) - smooth).max() < 12
    rgba = np.dstack([grey8, grey8, grey8, np.zeros_like(grey8)])
    assert shown(read(save(rgba, "WEBP", lossless=True))).max() == 0


def test_a_grey_jpeg_is_near_its_source(grey8: NDArray[np.uint8], save: Encode) -> None:
    smooth = np.sort(grey8, axis=None).reshape(grey8.shape)
    film = read(save(smooth, "JPEG", quality=95))
    assert np.abs(shown(film) - smooth).max() <= 6
    assert (film.format, film.bits, film.is_color) == ("JPEG", 8, False)


def test_an_rgb_jpeg_has_luma_and_color(save: Encode) -> None:
    film = read(save(np.full((16, 16, 3), (255, 0, 0), np.uint8), "JPEG", quality=95))
    assert np.abs(shown(film) - 76).max() <= 2
    assert film.color_share == 1.0


def test_a_cmyk_jpeg_is_not_inverted(save: Encode) -> None:
    cmyk = np.zeros((16, 16, 4), np.uint8)
    cmyk[:, 8:, 3] = 255  # Black ink on the right.
    film = read(save(Image.fromarray(cmyk, mode="CMYK"), "JPEG", quality=95))
    assert film.pixels[:, :6].min() > 0.97
    assert film.pixels[:, 10:].max() < 0.03


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_camera_orientation_is_undone(name: str, save: Encode) -> None:
    upright = np.zeros((16, 32), np.uint8)
    upright[:8, :16] = 255  # Bright top left.
    image = Image.fromarray(np.rot90(upright, 1))  # Stored turned counter-clockwise: 6 undoes it.
    exif = Image.Exif()
    exif[0x0112] = 6
    film = read(save(image, name, exif=exif))
    assert film.pixels.shape == (16, 32)
    assert film.pixels[2, 2] > 0.9
    assert film.pixels[-2, 2] < 0.1


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_an_animation_is_refused_with_its_number_of_pictures(name: str, save: Encode) -> None:
    frames = [Image.new("L", (8, 8), grey) for grey in (0, 99, 255)]
    content = save(frames[0], name, save_all=True, append_images=frames[1:], duration=50)
    with pytest.raises(ImageError, match=r"with 3 pictures .* Save the film you want") as error:
        read(content)
    assert error.value.code == "image-multi-frame"


def test_a_phone_s_jpeg_with_a_second_picture_gives_its_first(save: Encode) -> None:
    first, second = Image.new("L", (16, 16), 40), Image.new("L", (16, 16), 200)
    film = read(save(first, "MPO", save_all=True, append_images=[second]))
    assert np.abs(shown(film) - 40).max() <= 2


@pytest.mark.parametrize("mode", ["F", "I"])
def test_samples_without_a_known_range_are_refused(mode: str) -> None:
    facts = FilmFacts(format="TIFF", bits=8)
    with pytest.raises(ImageError, match="whose range it does not say – expected 8 or 16") as error:
        from_image(Image.new(mode, (4, 4)), facts=facts)
    assert error.value.code == "image-pixel-type"


def test_a_marked_synthetic_film_says_so(grey8: NDArray[np.uint8], save: Encode) -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Description", "SYNTHETIC film made by thoracle examples make")
    assert read(save(grey8, "PNG", pnginfo=notes)).is_synthetic
    assert read(save(grey8, "JPEG", comment="SYNTHETIC")).is_synthetic
    assert read(save(grey8, "TIFF", description="SYNTHETIC")).is_synthetic
    assert not read(save(grey8, "PNG")).is_synthetic


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused_and_never_padded(
    name: str, share: float, save: Encode
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64)).astype(np.uint8)
    content = save(noise, name)
    with pytest.raises(ImageError) as error:
        read(content[: int(share * len(content))])
    assert error.value.code in {"image-truncated", "image-corrupt"}


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
def test_a_declared_size_over_the_limit_is_refused_before_decoding(
    name: str, grey8: NDArray[np.uint8], save: Encode
) -> None:
    content = save(grey8, name)
    with pytest.raises(ImageError, match=f"{name} file declares 24 × 32 pixels") as error:
        decode(content, limits=DecodeLimits(pixels_max=24 * 32 - 1))
    assert error.value.code == "image-too-large"


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff\xff\x3f\xff\xff\x3f" + bytes(60),
        b"RIFF\x40\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f" + bytes(60),
        b"RIFF\x40\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(60),
    ],
)
def test_a_webp_canvas_is_checked_before_libwebp_takes_memory_for_it(content: bytes) -> None:
    with pytest.raises(ImageError, match=r"declares (16384|16383|4194304)") as error:
        read(content)
    assert error.value.code == "image-too-large"


def test_a_webp_of_its_header_only_is_truncated() -> None:
    with pytest.raises(ImageError, match="it has 16 of 72 bytes"):
        read(b"RIFF\x40\0\0\0WEBPVP8 ")


@given(st.data())
def test_any_damage_gives_a_film_or_an_image_error(data: st.DataObject) -> None:
    from io import BytesIO

    name = data.draw(st.sampled_from(["PNG", "JPEG", "TIFF", "WEBP", "BMP"]))
    stream = BytesIO()
    Image.fromarray((np.arange(400) % 256).astype(np.uint8).reshape(20, 20)).save(stream, name)
    content = bytearray(stream.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(1, len(content)))]
    try:
        film = read(bytes(content))
    except ImageError as error:
        assert error.code.startswith("image-")  # noqa: PT017
    else:
        assert 0.0 <= film.pixels.min() <= film.pixels.max() <= 1.0
