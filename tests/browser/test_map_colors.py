"""What the viewer draws is what its color bar and the printed overlay say, pixel by pixel."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from thoracle.core.results import AnomalyMap, ContributionMap, FilmMap
from thoracle.reporting.colormaps import colormap_table
from thoracle.reporting.overlay import DEFAULT_OPACITY, backdrop, paint
from thoracle.store.results import ResultStore
from thoracle.store.types import NewResult

pytestmark = pytest.mark.browser

SHARES = (0.0, 0.05, 0.3, 0.6, 1.0, 2.5)
"""Of the scale's top: a column of the map each."""
SCALE = 2.0
NEAR = 4  # of 255: rounding, and the film between its pixels
VIEWER = "document.querySelector('[data-viewer]').viewer"


def _columns(rows: int, columns: int) -> tuple[ContributionMap, AnomalyMap]:
    values = np.repeat(np.array([SHARES], np.float32) * SCALE, 4, axis=0)
    box = (0, 0, rows, columns)
    contribution = ContributionMap(
        label="COVID-19", layer="features", method="gradcam", values=values, scale_max=SCALE,
        box=box, lung_share=0.5,
    )  # fmt: skip
    anomaly = AnomalyMap(values=values, scale_max=SCALE, box=box, lung_share=0.5, lung_mean=1.0)
    return contribution, anomaly


@pytest.fixture
def columns(page: Page, address: str, store: ResultStore, tmp_path: Path) -> dict[str, FilmMap]:
    """Open a result whose maps hold known values side by side."""
    film = tmp_path / "film.png"
    film.write_bytes(b"film")
    page.goto(address)
    page.set_input_files("#files", [film])
    page.get_by_role("button", name="Analyze", exact=True).click()
    expect(page.locator(".viewer.ready")).to_be_visible()
    first = store.load(page.url.rsplit("/", 1)[-1])
    contribution, anomaly = _columns(96, 80)
    result = replace(first.result, maps=(contribution,), anomaly=anomaly)
    pictures = {name: store.picture(first.summary.id, name) for name in first.picture_names}
    kept = store.save(
        NewResult(result=result, pictures=pictures), now=datetime(2026, 3, 1, tzinfo=UTC)
    )
    page.goto(page.url.replace(first.summary.id, kept))
    expect(page.locator(".viewer.ready")).to_be_visible()
    return {"gradcam": contribution, "anomaly": anomaly}


MIDDLES = tuple((place + 0.5) / len(SHARES) for place in range(len(SHARES)))


def _seen(page: Page, across: Sequence[float] = MIDDLES) -> NDArray[np.int64]:
    """Return the colors of the viewer's canvas halfway down, in each column's middle: (n, 3)."""
    page.evaluate(f"{VIEWER}.changes")
    points = [[x, 0.5] for x in across]
    seen = page.evaluate(
        f"""(points) => {{
          const viewer = {VIEWER};
          viewer.nv.drawScene();
          const gl = viewer.nv.gl;
          const ratio = viewer.canvas.width / viewer.canvas.getBoundingClientRect().width;
          return points.map((point) => {{
            const [x, y] = viewer.stagePoint(point);
            const color = new Uint8Array(4);
            const row = viewer.canvas.height - Math.round(y * ratio);
            gl.readPixels(Math.round(x * ratio), row, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, color);
            return [...color.slice(0, 3)];
          }});
        }}""",
        points,
    )
    return np.array(seen)


def _printed(one: FilmMap) -> NDArray[np.int64]:
    """Return what the printed overlay shows at the same places."""
    grey = np.linspace(0, 1, 96 * 80, dtype=np.float32).reshape(96, 80)  # the fake film
    painted = paint(backdrop(grey), one, colormap="inferno", opacity=DEFAULT_OPACITY)
    places = [int(80 * (place + 0.5) / len(SHARES)) for place in range(len(SHARES))]
    return painted[48, places].astype(np.int64)


@pytest.mark.parametrize("method", ["gradcam", "anomaly"])
def test_the_viewer_shows_each_value_in_the_color_of_the_printed_overlay(
    page: Page, columns: dict[str, FilmMap], method: str
) -> None:
    page.locator("[data-part='method']").select_option(method)
    np.testing.assert_allclose(_seen(page), _printed(columns[method]), atol=NEAR)


def test_a_faint_value_has_the_color_of_the_color_bar_and_zero_has_none(
    page: Page, columns: dict[str, FilmMap]
) -> None:
    colored = _seen(page)
    page.get_by_role("switch", name="Map").uncheck()
    plain = _seen(page)
    assert np.ptp(plain, axis=1).max() <= 2  # the film is grey
    np.testing.assert_allclose(colored[0], plain[0], atol=2)
    table = colormap_table("inferno")
    for place, share in list(enumerate(SHARES))[2:]:
        color = table[round(min(share, 1) * 255)]
        weight = DEFAULT_OPACITY * min(share / 0.5, 1)  # rises up to half of the scale
        said = plain[place] * (1 - weight) + color * weight
        np.testing.assert_allclose(colored[place], said, atol=NEAR, err_msg=f"at {share}")


def test_the_rim_of_the_lungs_lies_on_top_of_the_map(
    page: Page, columns: dict[str, FilmMap]
) -> None:
    (rim,) = _seen(page, [70 / 80])  # at the right border of the fake lungs, where the map is full
    under = _printed(columns["gradcam"])[-1]
    np.testing.assert_allclose(rim, 0.2 * under + 0.8 * np.array([90, 190, 255]), atol=12)


def test_the_opacity_is_that_of_the_slider_at_every_value(
    page: Page, columns: dict[str, FilmMap]
) -> None:
    page.get_by_role("slider", name="Opacity").fill("100")
    opaque = _seen(page)
    np.testing.assert_allclose(opaque[3:], colormap_table("inferno")[[153, 255, 255]], atol=NEAR)
    page.get_by_role("slider", name="Opacity").fill("0")
    page.get_by_role("switch", name="Map").check()
    assert np.ptp(_seen(page), axis=1).max() <= 2
