"""Fusion is judged on patients left out, by the first film and what was known with it."""

import csv
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from thoracle.core.errors import ChartError
from thoracle.jobs import prognosis_fusion_study as module
from thoracle.jobs.prognosis_fusion_study import (
    Case,
    judge_fusion,
    judge_images,
    read_cases,
)
from thoracle.jobs.prognosis_studies import Dealing

COLUMNS = (
    "patientid", "offset", "sex", "age", "finding", "survival", "went_icu", "in_icu",
    "temperature", "pO2_saturation", "view", "modality", "date", "filename",
)  # fmt: skip


def _collection(folder: Path, rows: list[dict[str, str]]) -> Path:
    (folder / "images").mkdir(parents=True)
    usual = {"finding": "COVID-19", "view": "PA", "modality": "X-ray", "sex": "M", "age": "50"}
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, COLUMNS, restval="")
        table.writeheader()
        for row in rows:
            table.writerow(usual | row)
            shade = 10 + len(list((folder / "images").iterdir()))
            Image.new("L", (8, 8), shade).save(folder / "images" / row["filename"])
    return folder


def test_the_first_film_of_each_patient_is_taken_with_its_own_row(tmp_path: Path) -> None:
    rows = [
        {
            "patientid": "1", "offset": "5", "went_icu": "Y", "temperature": "40",
            "filename": "b.png",
        },
        {
            "patientid": "1", "offset": "0", "went_icu": "Y", "temperature": "38",
            "filename": "a.png",
        },
        {"patientid": "2", "offset": "0", "went_icu": "Y", "filename": "c.png"},
        {"patientid": "3", "offset": "0", "temperature": "38", "filename": "d.png"},
        {
            "patientid": "4", "offset": "0", "went_icu": "Y", "in_icu": "Y", "survival": "N",
            "pO2_saturation": "80", "filename": "e.png",
        },
    ]  # fmt: skip
    found = {one.film.name: one for one in read_cases(_collection(tmp_path / "c", rows))}
    assert sorted(found) == ["a.png", "e.png"]
    assert found["a.png"].events == {"intensive care": True, "death": None}
    assert found["a.png"].values.tolist()[:3] == [1.0, 50.0, 38.0]
    assert found["e.png"].events == {"intensive care": None, "death": True}


def test_a_collection_without_outcomes_is_refused(tmp_path: Path) -> None:
    folder = _collection(tmp_path / "c", [{"patientid": "1", "filename": "a.png"}])
    with pytest.raises(ChartError, match="no patient in"):
        read_cases(folder)


@dataclass
class _Networks:
    """Networks that say what they are told, and find no lungs in the second film."""

    asked: list[int] = field(default_factory=list)

    def locate(self, _pixels: object) -> Any:
        self.asked.append(1)
        return SimpleNamespace(found=len(self.asked) != 2, box=None)

    def score(self, *_args: object, **_named: object) -> Any:
        return SimpleNamespace(logits=None)

    def findings(self, _logits: object) -> Any:
        return (SimpleNamespace(label="COVID-19", probability=0.7),)

    def scores(self, *_args: object) -> Any:
        return SimpleNamespace(brixia=9.0)


def test_films_without_lungs_have_no_image_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "readable_pixels", lambda _path: np.zeros((4, 4), np.float32))
    told = _Networks()
    models: Any = SimpleNamespace(lungs=told, classifier=told, severity=told)
    cases = [_case(one, 0.0, is_ill=False) for one in range(3)]
    found = judge_images(cases, models)
    np.testing.assert_array_equal(found, [[9.0, 0.7], [np.nan, np.nan], [9.0, 0.7]])


def _case(number: int, temperature: float, *, is_ill: bool) -> Case:
    return Case(
        patient=str(number),
        film=Path(f"{number}.png"),
        values=np.array([1.0, np.nan, temperature, np.nan]),
        events={"intensive care": is_ill, "death": None},
    )


def test_both_together_are_better_than_each_where_each_knows_something() -> None:
    rng = np.random.default_rng(0)
    is_ill = rng.random(160) < 0.5
    cases = [
        _case(one, 38 + ill + rng.normal(), is_ill=bool(ill)) for one, ill in enumerate(is_ill)
    ]
    images = np.stack([6 + 3 * is_ill + rng.normal(0, 3, 160), rng.random(160)], axis=1)
    icu, death = judge_fusion(cases, images, dealing=Dealing(folds=4, repeats=2, resamples=30))
    areas = [one.auroc.value or 0.0 for one in icu.figures]
    clinical, brixia, chance, both, both_chance = areas
    assert both > max(clinical, brixia)
    assert chance == pytest.approx(0.5, abs=0.15)
    assert abs(both_chance - clinical) < 0.05
    assert icu.added[0] is None
    assert icu.added[3] is not None
    assert icu.added[3].value == pytest.approx(both - clinical)
    assert death.figures[0].auroc.value is None


def test_who_is_left_out_teaches_nothing() -> None:
    values = np.random.default_rng(0).normal(size=(40, 4))
    images = np.random.default_rng(1).normal(size=(40, 2))
    event = np.arange(40) % 2 == 0
    out = np.arange(40) < 8
    told = module._told(values, images, event, out, folds=2)
    lies = np.where(out, ~event, event)
    np.testing.assert_array_equal(told, module._told(values, images, lies, out, folds=2))
