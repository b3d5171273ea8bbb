"""`thoracle data pick` copies chosen films of a manifest."""

from pathlib import Path

import numpy as np
from PIL import Image
from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, write_manifest


def test_films_of_one_label_and_view_are_copied(tmp_path: Path) -> None:
    films = []
    for number in range(6):
        path = tmp_path / "films" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((8, 8), 10 * number, np.uint8)).save(path)
        view = "PA" if number % 2 else "AP"
        films.append(
            Film(path=path.name, source="cohen", patient=f"p:{number}", label="covid-19", view=view)
        )
    manifest = tmp_path / "manifest.csv"
    write_manifest(Manifest(films=tuple(films), root=tmp_path / "films"), manifest)
    out = tmp_path / "dataset" / "covid"
    words = ["data", "pick", str(manifest), "--label", "covid-19", "--view", "PA"]
    result = CliRunner().invoke(
        app, [*words, "--source", "cohen", "--films", "3", "--out", str(out)]
    )
    assert result.exit_code == 0
    assert result.output == f"3 films copied to {out}\n"
    assert {one.name.split("_")[1] for one in out.iterdir()} == {"1.png", "3.png", "5.png"}
