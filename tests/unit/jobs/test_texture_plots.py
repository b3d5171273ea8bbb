from pathlib import Path

import numpy as np

from thoracle.jobs.texture import MeasuredFile
from thoracle.jobs.texture_plots import draw_plots
from thoracle.radiograph.texture import RegionTexture


def _measured(seed: int) -> MeasuredFile:
    generator = np.random.default_rng(seed)
    names = ("stat_mean", "stat_var", "cm_contrast")
    regions = tuple(
        RegionTexture(
            region=name,
            pixels=9,
            unit="px",
            features={one: float(generator.random()) for one in names},
        )
        for name in ("lungs", "right_lung")
    )
    return MeasuredFile(file=f"{seed}.png", regions=regions)


def test_many_files_are_drawn_by_region_and_by_correlation(tmp_path: Path) -> None:
    written = draw_plots([_measured(seed) for seed in range(6)], tmp_path)

    assert [path.name for path in written] == ["texture-regions.svg", "texture-correlation.svg"]
    assert "right" in written[0].read_text("utf-8")
    assert "Rank correlation" in written[1].read_text("utf-8")


def test_a_few_files_have_no_correlation_and_no_file_no_plot(tmp_path: Path) -> None:
    assert [one.name for one in draw_plots([_measured(0)], tmp_path)] == ["texture-regions.svg"]
    assert draw_plots([MeasuredFile(file="x")], tmp_path) == []
