"""Anomaly map, Grad-CAM, Grad-CAM++ and occlusion side by side, in one frame."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.files import write_atomically
from thoracle.core.progress import counted
from thoracle.datasets.film import Film
from thoracle.datasets.gate_films import is_frontal
from thoracle.datasets.labels import FINDINGS, OTHER_LUNG_OPACITY
from thoracle.datasets.outlines import Outline, read_outlines, region_of
from thoracle.evaluation.bootstrap import resample_patients
from thoracle.evaluation.estimate import Estimate
from thoracle.evaluation.localization import localization
from thoracle.evaluation.survival import mean_estimate
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.audit.films import known_films, look_at
from thoracle.jobs.audit.maps import audit_maps
from thoracle.jobs.audit.models import AuditModels, classifier_explainers, open_models
from thoracle.jobs.audit.options import AuditOptions
from thoracle.jobs.evaluation_scope import EvaluationScope, provenance
from thoracle.jobs.scoring import readable_pixels
from thoracle.radiograph.anomaly import AnomalyExplainer, AnomalyFinder
from thoracle.radiograph.explainers import Explainer
from thoracle.reporting.colormaps import colormap_table
from thoracle.reporting.evaluation_html import FigureTable, tables_html
from thoracle.reporting.figures_markdown import number_text
from thoracle.reporting.map_sheet import MappedFilm, map_sheet_html
from thoracle.reporting.shortcut_report import AuditTable

UNSEEN = ("test", "calibrate")
"""Parts of a split from which the classifier learned nothing but its thresholds."""
CHANCE = "chance"
_FIGURES = ("hit", "auroc", "average_precision")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapComparison:
    """Tables as JSON, HTML and Markdown; `films_html` shows films and is kept like films."""

    json: bytes = field(repr=False)
    html: str = field(repr=False)
    markdown: str = field(repr=False)
    films_html: str | None = field(default=None, repr=False)

    def write(self, folder: Path) -> None:
        """Write maps.json, maps.md, maps.html and, with films, maps-films.html into a folder."""
        write_atomically(folder / "maps.json", self.json)
        write_atomically(folder / "maps.md", self.markdown.encode("utf-8"))
        write_atomically(folder / "maps.html", self.html.encode("utf-8"))
        if self.films_html is not None:
            write_atomically(folder / "maps-films.html", self.films_html.encode("utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MapBundles:
    """Names or folders of the classifier that is explained and of anomaly bundles."""

    classifier: str
    anomaly: tuple[str, ...]


def compare_maps(
    bundles: MapBundles,
    scope: EvaluationScope,
    options: AuditOptions,
    *,
    boxes: Path | None,
    colormap: str | None = None,
) -> MapComparison:
    """Ask every map the same questions.

    Parameters
    ----------
    bundles
        What makes the maps.
    scope
        Some of its frontal films of known finding are asked for lung share, deletion and insertion.
    options
        How many of each finding, and the seed.
    boxes
        NIH's table of boxes; all boxed films of the manifest are judged against it, and once more
        those of the split's parts that the classifier did not learn from. None leaves them out.
    colormap
        Colors of the films with boxes; None makes no page with films.

    Returns
    -------
    MapComparison
        Intervals by patient.
    """
    if colormap is not None:
        colormap_table(colormap)  # refuses an unknown name
    outlines = None if boxes is None else read_outlines(boxes)
    models = open_models(open_bundle(bundles.classifier))
    finders = [AnomalyFinder(open_bundle(one)) for one in bundles.anomaly]
    explainers: tuple[Explainer, ...] = (
        *classifier_explainers(models.classifier),
        *(AnomalyExplainer(one, findings=len(FINDINGS)) for one in finders),
    )
    chosen = known_films(scope.films(is_frontal), options.explained_per_finding, seed=options.seed)
    scope.need_some(chosen)
    films = look_at(
        scope.manifest,
        chosen,
        lungs=models.lungs,
        classifier=models.classifier,
        on_progress=scope.on_progress,
    )
    section = audit_maps(films, models.classifier, explainers, options, scope.on_progress)
    tables = [_as_figures(one) for one in section.tables]
    boxed = [] if outlines is None else _boxed(models, explainers, scope, outlines)
    tables += _box_tables(boxed, scope, options)
    facts = provenance(models.classifier.bundle, scope, films=len(films.films)) | {
        **{f"digest of {one.bundle.name}": one.bundle.digest for one in finders},
        "seed": str(options.seed),
    }
    return _comparison(tables, boxed, facts, colormap=colormap)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Boxed:
    """One film with boxes: figures (explainers and chance, 3), and its maps over the whole film."""

    film: Film
    figures: Mapping[str, tuple[float, ...]]
    mapped: MappedFilm


def _boxed(
    models: AuditModels,
    explainers: Sequence[Explainer],
    scope: EvaluationScope,
    outlines: Mapping[str, tuple[Outline, ...]],
) -> list[_Boxed]:
    films = [
        film
        for film in scope.manifest.films
        if film.source == "nih" and Path(film.path).stem in outlines
    ]
    found = (
        _judged(models, explainers, scope, film, outlines[Path(film.path).stem])
        for film in counted(films, "compare with boxes", scope.on_progress)
    )
    return [one for one in found if one is not None]


def _judged(
    models: AuditModels,
    explainers: Sequence[Explainer],
    scope: EvaluationScope,
    film: Film,
    outlines: tuple[Outline, ...],
) -> _Boxed | None:
    """Compare every map of a film with its boxes, inside the lungs' box, where all maps look."""
    pixels = readable_pixels(scope.manifest.resolve(film))
    lungs = None if pixels is None else models.lungs.locate(pixels)
    if pixels is None or lungs is None or not lungs.found:
        return None
    rows, columns = pixels.shape
    region = region_of(outlines, rows=rows, columns=columns)
    top, left, bottom, right = lungs.box
    inner = (slice(max(top, 0), min(bottom, rows)), slice(max(left, 0), min(right, columns)))
    place = FINDINGS.index(OTHER_LUNG_OPACITY)
    maps = {one.name: one.explain(pixels, lungs)[place] for one in explainers}
    figures = {name: _three(values[inner], region[inner]) for name, values in maps.items()}
    share = float(region[inner].mean())
    figures[CHANCE] = (share, 0.5, share)
    mapped = MappedFilm(name=Path(film.path).stem, pixels=pixels, region=region, maps=maps)
    return _Boxed(film=film, figures=figures, mapped=mapped)


def _three(values: FloatArray, region: BoolArray) -> tuple[float, ...]:
    found = localization(values, region)
    return found.hit, found.auroc, found.average_precision


def _box_tables(
    boxed: Sequence[_Boxed], scope: EvaluationScope, options: AuditOptions
) -> list[FigureTable]:
    splits = scope.splits or {}
    groups = {
        "Boxes of readers, all": list(boxed),
        "Boxes of readers, on films that the classifier did not learn from": [
            one for one in boxed if splits.get(one.film.path) in UNSEEN
        ],
    }
    return [
        _box_table(f"{title} ({len(chosen)} films)", chosen, options)
        for title, chosen in groups.items()
        if chosen
    ]


def _box_table(caption: str, boxed: Sequence[_Boxed], options: AuditOptions) -> FigureTable:
    resamples = resample_patients(
        [one.film.patient or one.film.path for one in boxed],
        resamples=options.resamples,
        generator=np.random.default_rng(options.seed),
    )

    def row(name: str) -> tuple[str, ...]:
        values: DoubleArray = np.array([one.figures[name] for one in boxed], np.float64)
        return (name, *(number_text(mean_estimate(column, resamples)) for column in values.T))

    return FigureTable(
        caption=caption,
        head=("map", "highest place in a box", "AUROC of pixels", "average precision of pixels"),
        rows=tuple(row(name) for name in boxed[0].figures),
    )


def _as_figures(table: AuditTable) -> FigureTable:
    rows = tuple(tuple(_text(cell) for cell in row) for row in table.rows)
    return FigureTable(caption=table.title, head=tuple(table.columns), rows=rows)


def _text(cell: str | int | float | Estimate | None) -> str:
    if isinstance(cell, Estimate):
        return number_text(cell)
    if cell is None:
        return "–"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _comparison(
    tables: Sequence[FigureTable],
    boxed: Sequence[_Boxed],
    facts: Mapping[str, str],
    *,
    colormap: str | None,
) -> MapComparison:
    about = (
        "All maps are asked of the same films in the frame of the film. Contribution maps are of "
        "the likeliest finding, against boxes of other lung opacity; the anomaly map is of none."
    )
    parts = [about, *(f"**{one.caption}**\n\n{one.markdown}" for one in tables)]
    content = {
        "schema": "thoracle maps 1",
        "provenance": dict(facts),
        "tables": [asdict(one) for one in tables],
    }
    sheet = None
    if colormap is not None:
        sheet = map_sheet_html([one.mapped for one in boxed], colormap=colormap)
    return MapComparison(
        json=(json.dumps(content, indent=1) + "\n").encode("utf-8"),
        html=tables_html(
            tables, title="Maps compared", subtitle=about, cautions=(), provenance=facts
        ),
        markdown="\n\n".join(parts) + "\n",
        films_html=sheet,
    )
