"""An anomaly bundle is judged by how it tells films with a finding from normal ones."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import EvaluationError
from thoracle.datasets.film import Film, Population
from thoracle.datasets.manifest import Manifest
from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.evaluate_anomaly import anomaly_scores, evaluate_anomaly
from thoracle.jobs.evaluation_scope import EvaluationScope

FILMS = 40


@pytest.fixture
def anomaly(bundles: Path, tiny: SimpleNamespace) -> Bundle:
    return open_bundle(str(tiny.write_bundle(bundles / "anomaly", "anomaly")))


@pytest.fixture
def manifest(
    tmp_path: Path, draw: Callable[..., FloatArray], as_png: Callable[[FloatArray], bytes]
) -> Manifest:
    """Films whose lungs, the dark half, hold a bright spot: larger ones are more often findings.

    The tiny auto-encoder calls what is bright unlike normal films.
    """
    rng, films = np.random.default_rng(7), []
    for number in range(FILMS):
        is_finding = number % 2 == 1
        side = int(rng.integers(8, 28)) + (12 if is_finding else 0)
        pixels = draw()
        pixels[150 : 150 + side, 60 : 60 + side] = 0.75
        path = f"{number:02d}.png"
        (tmp_path / path).write_bytes(as_png(pixels))
        films.append(
            Film(
                path=path,
                source="here",
                label="bacterial" if is_finding else "normal",
                view="PA",
                patient=str(number),
                population=Population.ADULT,
            )
        )
    return Manifest(films=tuple(films), root=tmp_path)


def test_the_auroc_is_the_share_of_pairs_in_order(anomaly: Bundle, manifest: Manifest) -> None:
    scope = EvaluationScope(name="x", manifest=manifest)
    scores = anomaly_scores(anomaly, scope)
    assert len(scores.films) == FILMS
    up, down = scores.mean[scores.has_finding], scores.mean[~scores.has_finding]
    expected = mannwhitneyu(up, down).statistic / (len(up) * len(down))
    content = json.loads(evaluate_anomaly(anomaly, scope).json)
    figures = content["groups"]["adults"]
    assert 0.6 < expected < 1.0
    assert figures["auroc_mean"]["value"] == pytest.approx(expected)
    assert figures["auroc_mean"]["low"] < expected < figures["auroc_mean"]["high"]
    assert figures["mean_finding"]["value"] == pytest.approx(up.mean())
    assert figures["mean_normal"]["value"] == pytest.approx(down.mean())
    assert list(content["groups"]) == ["adults", "adults inside here"]


def test_markdown_and_page_name_the_groups(anomaly: Bundle, manifest: Manifest) -> None:
    report = evaluate_anomaly(anomaly, EvaluationScope(name="x", manifest=manifest))
    assert "| adults inside here | 40 |" in report.markdown
    assert report.html is not None
    assert "in spreads of normal films" in report.html


def test_films_of_undecided_label_are_not_judged_and_unreadable_ones_are_named(
    anomaly: Bundle, manifest: Manifest
) -> None:
    films = list(manifest.films)
    films[0] = replace(films[0], label="")
    manifest.resolve(films[1]).write_bytes(b"no picture")
    scores = anomaly_scores(anomaly, EvaluationScope(name="x", manifest=manifest.select(films)))
    assert [one.path for one in scores.films] == [one.path for one in films[2:]]
    assert scores.left_out == ("01.png",)


def test_a_film_without_lungs_is_left_out(
    anomaly: Bundle, manifest: Manifest, as_png: Callable[[FloatArray], bytes]
) -> None:
    manifest.resolve(manifest.films[3]).write_bytes(as_png(np.ones((64, 64), np.float32)))
    scores = anomaly_scores(anomaly, EvaluationScope(name="x", manifest=manifest))
    assert scores.left_out == ("03.png",)


def test_without_any_film_there_is_nothing_to_judge(anomaly: Bundle, manifest: Manifest) -> None:
    scope = EvaluationScope(name="x", manifest=manifest, sources=("elsewhere",))
    with pytest.raises(EvaluationError, match="found no film"):
        evaluate_anomaly(anomaly, scope)
