"""Learning curves become pictures beside their data."""

from pathlib import Path

from thoracle.train.curves import plot_curves

CURVE = "epoch,score,train_loss\n0.0,0.5,1.2\n1.0,0.75,0.9\n"


def test_every_stage_gets_a_picture_with_one_panel_per_figure(tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.csv").write_text(CURVE, encoding="utf-8")
    made = plot_curves(tmp_path)
    assert [path.name for path in made] == ["first.svg", "second.svg"]
    text = made[0].read_text(encoding="utf-8")
    assert text.lstrip().startswith("<?xml")
    assert all(f">{word}<" in text for word in ("score", "train_loss", "epoch"))


def test_the_same_curve_gives_a_picture_without_a_date(tmp_path: Path) -> None:
    (tmp_path / "only.csv").write_text(CURVE, encoding="utf-8")
    (made,) = plot_curves(tmp_path)
    assert "dc:date" not in made.read_text(encoding="utf-8")


def test_a_folder_without_curves_gives_no_picture(tmp_path: Path) -> None:
    assert plot_curves(tmp_path) == ()
