"""Whether maps lie in the lungs, and whether the score rests on what they point at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy

from thoracle.core.arrays import BoolArray, DoubleArray, FloatArray
from thoracle.core.progress import Progress
from thoracle.evaluation.bootstrap import PatientResamples
from thoracle.evaluation.faithfulness import (
    FaithfulnessCurves,
    cell_order,
    curves_of,
    random_order,
)
from thoracle.evaluation.survival import mean_estimate
from thoracle.evaluation.verdicts import Verdict, verdict
from thoracle.jobs.audit.films import AuditFilms, judged
from thoracle.jobs.audit.options import AuditOptions
from thoracle.radiograph.explain import mask_in_box
from thoracle.radiograph.explainers import Explainer, in_box
from thoracle.radiograph.model import Classifier
from thoracle.radiograph.types import Lungs
from thoracle.reporting.shortcut_report import (
    AuditChart,
    AuditCurve,
    AuditSection,
    AuditTable,
    Cell,
)

RANDOM, CENTER = "random order", "middle of the lungs first"
_QUARTILES = (25, 50, 75)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFigures:
    """What was measured of one explainer's maps, or of an order without a map.

    `shares` is (films,) of the map's positive part inside the lungs, NaN where there is none;
    `curves` has one entry per film.
    """

    shares: DoubleArray = field(repr=False)
    curves: tuple[FaithfulnessCurves, ...] = field(repr=False)

    @property
    def gains(self) -> DoubleArray:
        """Insertion minus deletion area of each film: the higher, the more faithful."""
        return np.array([one.insertion_area - one.deletion_area for one in self.curves])


def audit_maps(
    films: AuditFilms,
    classifier: Classifier,
    explainers: Sequence[Explainer],
    options: AuditOptions,
    on_progress: Progress,
) -> AuditSection:
    """Ask each explainer where it points, and take that away.

    The finding explained is each film's likeliest.

    Parameters
    ----------
    films
        Judged untouched; those without lungs or that cannot be read are left out.
    classifier
        The one that is explained.
    explainers
        Each a map in the film's frame.
    options
        Resamples, batch and seed.
    on_progress
        Told of each film.

    Returns
    -------
    AuditSection
        Three verdicts per explainer.
    """
    measured: list[dict[str, _Measured]] = []
    kept, areas = [], []
    for place, pixels in films.pixels("explain", on_progress):
        lungs = films.lungs[place]
        if not lungs.found:
            continue
        film = _Explained(films, place, pixels, lungs=lungs, classifier=classifier)
        kept.append(place)
        areas.append(float(film.inside.mean()))
        generator = np.random.default_rng((options.seed, place))
        measured.append(film.measured(explainers, generator, options))
    if not kept:
        return AuditSection(key="maps", verdicts=())
    resamples = films.select(kept).answers(options).resamples
    return _section(_joined(measured), np.array(areas), resamples)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """What was measured of one film's map, or of an order without a map, which has no share."""

    curves: FaithfulnessCurves
    share: float | None = None


def _joined(measured: Sequence[Mapping[str, _Measured]]) -> dict[str, MapFigures]:
    figures = {}
    for name in measured[0]:
        each = [one[name] for one in measured]
        shares = [one.share for one in each if one.share is not None]
        figures[name] = MapFigures(
            shares=np.array(shares, np.float64), curves=tuple(one.curves for one in each)
        )
    return figures


class _Explained:
    """One film, the finding that is explained, and what the network sees of it."""

    def __init__(
        self,
        films: AuditFilms,
        place: int,
        pixels: FloatArray,
        *,
        lungs: Lungs,
        classifier: Classifier,
    ) -> None:
        self._films = films
        self._label = int(films.logits[place].argmax())
        self._pixels = pixels
        self._lungs = lungs
        self._classifier = classifier
        self._seen = classifier.input_of(pixels, lungs.box)
        self._size = self._seen.shape[0]
        self.inside: BoolArray = mask_in_box(lungs, rows=self._size, columns=self._size)

    def measured(
        self, explainers: Sequence[Explainer], generator: np.random.Generator, options: AuditOptions
    ) -> dict[str, _Measured]:
        """Return what each explainer's map is worth, and what two orders without a map are."""
        found = {}
        for explainer in explainers:
            values = self.map_of(explainer)
            order = cell_order(values, generator=generator)
            curves = self.curves(order, options)
            found[explainer.name] = _Measured(curves=curves, share=self.share_of(values))
        center = cell_order(self.depth(), generator=generator)
        found[RANDOM] = _Measured(curves=self.curves(random_order(generator), options))
        found[CENTER] = _Measured(curves=self.curves(center, options))
        return found

    def map_of(self, explainer: Explainer) -> FloatArray:
        """Return the explained finding's map over what the network sees."""
        whole = explainer.explain(self._pixels, self._lungs)[self._label]
        return in_box(whole, self._lungs.box, rows=self._size, columns=self._size)

    def share_of(self, values: FloatArray) -> float:
        """Return how much of a map's positive part lies in the lungs, NaN without one."""
        positive = np.maximum(values, 0.0)
        whole = float(positive.sum())
        return float(positive[self.inside].sum()) / whole if whole > 0.0 else np.nan

    def depth(self) -> FloatArray:
        """Return how deep in the lungs each place is, in pixels; below 0 outside them."""
        within = scipy.ndimage.distance_transform_edt(self.inside)
        without = scipy.ndimage.distance_transform_edt(~self.inside)
        return np.asarray(within - without, dtype=np.float32)

    def curves(self, order: np.ndarray, options: AuditOptions) -> FaithfulnessCurves:
        """Take cells away in an order, and put them back."""
        return curves_of(self._seen, order, lambda inputs: self._scores(inputs, options.batch))

    def _scores(self, inputs: FloatArray, batch: int) -> DoubleArray:
        logits = judged(self._classifier, list(inputs), batch=batch)
        return self._films.probabilities(logits)[:, self._label]


def _section(
    figures: Mapping[str, MapFigures], areas: DoubleArray, resamples: PatientResamples
) -> AuditSection:
    verdicts: list[Verdict] = []
    share_rows: list[tuple[Cell, ...]] = []
    rows: list[tuple[Cell, ...]] = []
    for name, one in figures.items():
        gain = mean_estimate(one.gains, resamples)
        over = {
            key: mean_estimate(one.gains - figures[base].gains, resamples)
            for key, base in (("beats_random", RANDOM), ("beats_center", CENTER))
        }
        deletion = mean_estimate(np.array([c.deletion_area for c in one.curves]), resamples)
        insertion = mean_estimate(np.array([c.insertion_area for c in one.curves]), resamples)
        rows.append((name, deletion, insertion, gain, *over.values()))
        if name in {RANDOM, CENTER}:
            continue
        beyond = mean_estimate(one.shares - areas, resamples)
        share_rows.append(_share_row(name, one.shares, areas, resamples))
        verdicts.append(verdict("lung_share", name, beyond))
        verdicts += [verdict(key, name, estimate) for key, estimate in over.items()]
    return AuditSection(
        key="maps",
        verdicts=tuple(sorted(verdicts, key=lambda one: _ORDER.index(one.test))),
        tables=(
            AuditTable(
                title="Share of maps inside the lungs", columns=_SHARES, rows=tuple(share_rows)
            ),
            AuditTable(title="Deletion and insertion", columns=_AREAS, rows=tuple(rows)),
        ),
        charts=tuple(_chart(figures, kind, resamples) for kind in ("deletion", "insertion")),
    )


_ORDER = ("lung_share", "beats_random", "beats_center")
_SHARES = (
    "explainer", "films", "empty maps", "mean share", "lungs' share of the area", "difference",
    "lower quartile", "median", "upper quartile",
)  # fmt: skip
_AREAS = (
    "order of", "deletion area", "insertion area", "insertion minus deletion",
    "less random order", "less middle of the lungs first",
)  # fmt: skip


def _share_row(
    name: str, shares: DoubleArray, areas: DoubleArray, resamples: PatientResamples
) -> tuple[Cell, ...]:
    known = shares[np.isfinite(shares)]
    quartiles = np.percentile(known, _QUARTILES).tolist() if known.size else [None] * 3
    return (
        name,
        int(shares.size),
        int(shares.size - known.size),
        mean_estimate(shares, resamples),
        mean_estimate(areas, resamples),
        mean_estimate(shares - areas, resamples),
        *quartiles,
    )


def _chart(figures: Mapping[str, MapFigures], kind: str, resamples: PatientResamples) -> AuditChart:
    made = []
    for name, one in figures.items():
        scores = np.array([getattr(curve, kind) for curve in one.curves])
        made.append(
            AuditCurve(
                name=name,
                places=tuple(float(share) for share in one.curves[0].shares),
                figures=tuple(mean_estimate(column, resamples) for column in scores.T),
            )
        )
    verb = "taken away" if kind == "deletion" else "put in"
    return AuditChart(
        title=kind.capitalize(),
        x=f"share of the film {verb}",
        y="probability of the finding",
        curves=tuple(made),
    )
