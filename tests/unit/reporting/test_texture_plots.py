import numpy as np

from thoracle.reporting.texture_plots import SHOWN, correlation_svg, regions_svg


def test_each_feature_has_a_panel_with_its_title_and_regions() -> None:
    values = {name: {"lungs": [1.0, 2.0, np.nan], "left_lung": [3.0]} for name in SHOWN[:4]}
    picture = regions_svg(values, {SHOWN[0]: "Mean of grey"})

    assert "Mean of grey" in picture
    assert SHOWN[1] in picture
    assert "left" in picture


def test_features_that_say_the_same_stand_under_their_families() -> None:
    one = np.random.default_rng(0).random(20)
    picture = correlation_svg(
        np.stack([one, -one, np.zeros(20)], axis=1), ["stat_a", "cm_b", "cm_c"]
    )

    assert picture.count(">stat<") == picture.count(">cm<") == 2


def test_the_same_figures_give_the_same_picture() -> None:
    table = np.random.default_rng(1).random((9, 3))

    assert correlation_svg(table, ["a_b", "a_c", "d_e"]) == correlation_svg(
        table, ["a_b", "a_c", "d_e"]
    )
