"""Making examples writes the right files twice alike; fit and audit read a manifest of films."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.datasets import film_fit
from thoracle.datasets.film import Film, Population
from thoracle.datasets.film_model import FilmModelError, shipped_model
from thoracle.datasets.film_render import FilmRequest, draw_film
from thoracle.datasets.labels import FINDINGS
from thoracle.datasets.manifest import Manifest
from thoracle.imaging.faults import SyntheticFilmError
from thoracle.imaging.resample import to_bytes
from thoracle.jobs.examples import (
    ExamplesError,
    ExamplesRequest,
    FilmChoice,
    Format,
    audit_examples,
    fit_film_model,
    make_examples,
)

SMALL = ExamplesRequest(count=2, seed=1, size=128)
LABELS = dict(zip(FINDINGS, ("normal", "other", "covid-19"), strict=True))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_identical_bytes(tmp_path: Path) -> None:
    request = ExamplesRequest(count=2, seed=1, size=128, format=Format.BOTH, with_opacity=True)
    make_examples(request, tmp_path / "one")
    make_examples(request, tmp_path / "two")
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_a_film_does_not_depend_on_how_many_are_made(tmp_path: Path) -> None:
    make_examples(SMALL, tmp_path / "two")
    make_examples(ExamplesRequest(count=1, seed=1, size=128), tmp_path / "one")
    assert _bytes(tmp_path / "one").items() <= _bytes(tmp_path / "two").items()


@pytest.mark.parametrize(
    ("wanted", "suffixes"),
    [
        (Format.PNG, {".png", ".json"}),
        (Format.DICOM, {".dcm", ".json"}),
        (Format.BOTH, {".png", ".dcm", ".json"}),
    ],
)
def test_the_files_are_those_of_the_format(
    tmp_path: Path, wanted: Format, suffixes: set[str]
) -> None:
    written = make_examples(ExamplesRequest(count=1, seed=4, size=128, format=wanted), tmp_path)
    assert {path.name for path in written} == {f"synthetic-4-000{suffix}" for suffix in suffixes}
    assert set(written) == set(tmp_path.iterdir())


def test_findings_take_turns_unless_one_is_named(tmp_path: Path) -> None:
    def drawn(**changes: object) -> list[str]:
        values = {"count": 3, "seed": 1, "size": 128} | changes
        written = make_examples(ExamplesRequest(**values), tmp_path)  # type: ignore[arg-type]
        return [json.loads(p.read_text())["finding"] for p in written if p.suffix == ".json"]

    assert drawn() == list(FINDINGS)
    assert drawn(finding="COVID-19") == ["COVID-19"] * 3
    assert drawn(with_opacity=True) == ["No finding"] * 3


def test_an_opacity_is_written_beside_the_film(tmp_path: Path) -> None:
    request = ExamplesRequest(count=1, seed=1, size=128, with_opacity=True)
    make_examples(request, tmp_path)
    facts = json.loads((tmp_path / "synthetic-1-000.json").read_text())
    with Image.open(tmp_path / facts["opacity"]["mask"]) as mask:
        assert np.asarray(mask).sum() == facts["opacity"]["area_px"] > 0


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_an_odd_number_of_films_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(ExamplesError, match=f"{count} films were asked for, expected 1 to 10000"):
        make_examples(ExamplesRequest(count=count, seed=1, size=128), tmp_path)


def test_an_unknown_finding_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(FilmModelError, match="expected one of No finding"):
        make_examples(ExamplesRequest(count=1, seed=1, size=128, finding="flu"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def choice(tmp_path_factory: pytest.TempPathFactory) -> FilmChoice:
    """Return a manifest of films that the shipped model drew, one without a human mask."""
    root = tmp_path_factory.mktemp("films")
    films = []
    for number in range(9):
        finding = FINDINGS[number % 3]
        request = FilmRequest(finding=finding, seed=99, number=number, size=128)
        drawn = draw_film(shipped_model(), request)
        Image.fromarray(to_bytes(drawn.pixels)).save(root / f"{number}.png")
        Image.fromarray(drawn.lungs).save(root / f"{number}-mask.png")
        films.append(
            Film(
                path=f"{number}.png",
                source="drawn",
                patient=f"drawn:{number}",
                view="PA",
                label=LABELS[finding],
                population=Population.ADULT,
                mask_path=f"{number}-mask.png" if number else None,
            )
        )
    return FilmChoice(manifest=Manifest(films=tuple(films), root=root))


def test_films_without_a_human_mask_have_their_lungs_found(
    choice: FilmChoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[FloatArray] = []

    def find_lungs(pixels: FloatArray) -> BoolArray:
        asked.append(pixels)
        return np.zeros((4, 4), bool)

    for name, value in {
        "FILMS_MIN": 2,
        "OUTLINE_PARTS": 3,
        "PICTURE_PARTS": 3,
        "TONE_PARTS": 2,
        "_DRAWN": 2,
    }.items():
        monkeypatch.setattr(film_fit, name, value)
    steps: list[str] = []
    model = fit_film_model(choice, find_lungs=find_lungs, on_step=steps.append)
    assert len(asked) == 1
    assert 0 <= float(asked[0].min()) < float(asked[0].max()) <= 1
    assert model.findings == FINDINGS
    assert model.films == (2, 3, 3)  # the film without lungs is left out
    assert steps[:2] == ["lungs", "alignment of 8 films"]


def test_the_model_is_never_fitted_to_synthetic_films(tmp_path: Path) -> None:
    make_examples(ExamplesRequest(count=1, seed=1, size=128), tmp_path)
    film = Film(
        path="synthetic-1-000.png",
        source="x",
        view="PA",
        label="normal",
        population=Population.ADULT,
    )
    choice = FilmChoice(manifest=Manifest(films=(film,), root=tmp_path))
    with pytest.raises(SyntheticFilmError, match=r"synthetic-1-000\.png"):
        fit_film_model(choice, find_lungs=lambda _: pytest.fail("went on"), on_step=print)


def test_an_audit_compares_with_every_film_that_has_lungs(choice: FilmChoice) -> None:
    results = audit_examples(
        choice, count=4, find_lungs=lambda _: np.zeros((4, 4), bool), model=shipped_model()
    )
    for each in results:
        assert (len(each.synthetic), len(each.patients)) == (4, 8)
        assert each.synthetic.min() > 0.01


def test_an_audit_finds_films_that_stand_in_the_manifest(choice: FilmChoice) -> None:
    # Seed 99 drew the manifest's films, at another size.
    same = FilmChoice(manifest=choice.manifest, seed=99)
    results = audit_examples(same, count=9, find_lungs=lambda _: np.zeros((4, 4), bool))
    assert not all(each.is_private for each in results)
