"""What was measured of the bundles in use, for the page that tells about them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from thoracle.core.errors import BundleError
from thoracle.inference.bundle import METRICS, find_bundle, list_bundles, open_bundle
from thoracle.jobs.analyze import ANOMALY_BUNDLE, GATE_BUNDLE, LUNG_BUNDLE, SEVERITY_BUNDLE
from thoracle.jobs.card import CARD, audit_of
from thoracle.jobs.claim import checklist_markdown, claim_checklist
from thoracle.reporting.card_texts import CARD_TEXTS
from thoracle.reporting.risk_texts import RISK_FIGURE_TEXTS
from thoracle.reporting.shortcut_markdown import verdict_cells

PERCENT: Final = "percent"
PLAIN: Final = "plain"

_NO_IMAGING: Final = ("breathing_patterns", "prognosis")  # CLAIM is a checklist for imaging
_WITHOUT: Final = "Trained without "
_TOLD: Final = ("falsely refused", "refused", "accuracy")
_OPTIONAL: Final = (ANOMALY_BUNDLE, SEVERITY_BUNDLE, "ct", "breathing", "prognosis")
"""A bundle that is missing is done without."""
_STAY: Final = RISK_FIGURE_TEXTS["stay"]
_SCORES: Final = ("Brixia", "extent", "opacity", "days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure with its 95 % interval.

    `judged` names the network that was measured where it is another than the bundle's; `what` and
    `labels` name the figure; `form` says how to print it: "percent" or "plain"; `films` counts
    those that it rests on. `low` and `high` are None where there is no interval.
    """

    evaluation: str
    what: str
    labels: tuple[str, ...]
    value: float
    low: float | None
    high: float | None
    films: int
    form: str
    judged: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutBundle:
    """One bundle: what it is for, its figures, and as Markdown its model card and checklist.

    `claim` is "" for what is no imaging; `verdicts` are rows of the shortcut laboratory, one cell
    for each of its columns.
    """

    name: str
    version: str
    task: str
    intended_use: str
    license: str
    figures: tuple[Figure, ...]
    card: str
    claim: str = ""
    verdicts: tuple[tuple[str, ...], ...] = ()


def printed(figure: Figure, *, to: str = "–") -> str:
    """Return a figure with its interval in brackets, in English.

    Parameters
    ----------
    figure
        With or without an interval.
    to
        What stands between the interval's ends.
    """
    scale, form = (100, ".1f") if figure.form == PERCENT else (1, ".3f")
    value = f"{figure.value * scale:{form}}" + (" %" if figure.form == PERCENT else "")
    if figure.low is None or figure.high is None:
        return value
    low, high = (f"{one * scale:{form}}" for one in (figure.low, figure.high))
    return f"{value} ({low}{to}{high})"


def about_bundles(classifier: str) -> tuple[AboutBundle, ...]:
    """Return the bundles in use.

    Parameters
    ----------
    classifier
        Name or folder of the classifier bundle.

    Returns
    -------
    tuple of AboutBundle
        Classifier, gate and lungs, then those of the anomaly map, of severity, of CT, of
        breathing and of prognosis, where they are.
    """
    found = {folder.name for folder in list_bundles()}
    optional = (name for name in _OPTIONAL if name in found)
    return tuple(_about(name) for name in (classifier, GATE_BUNDLE, LUNG_BUNDLE, *optional))


def about_bundle(bundles: tuple[AboutBundle, ...], name: str) -> AboutBundle:
    """Return one of the bundles by its name.

    Raises
    ------
    BundleError
        None of them has that name.
    """
    found = next((one for one in bundles if one.name == name), None)
    if found is None:
        raise BundleError(
            f"found no bundle {name} in use – expected one of "
            f"{', '.join(one.name for one in bundles)}. Take a name from the page about them.",
            code="unknown-bundle",
        )
    return found


def _about(name: str) -> AboutBundle:
    bundle, folder = open_bundle(name), find_bundle(name)
    path, card = folder / METRICS, folder / CARD
    known = json.loads(path.read_text("utf-8"))["evaluations"] if path.is_file() else {}
    read = _READERS.get(bundle.task, _classifier_figures)
    return AboutBundle(
        name=bundle.name,
        version=bundle.version,
        task=bundle.task,
        intended_use=bundle.intended_use,
        license=bundle.license,
        figures=tuple(
            replace(figure, judged=_judged(one["markdown"]))
            for evaluation, one in known.items()
            for figure in read(evaluation, one["figures"])
        ),
        card=card.read_text("utf-8") if card.is_file() else "",
        claim="" if bundle.task in _NO_IMAGING else checklist_markdown(claim_checklist(name)),
        verdicts=tuple(
            verdict_cells(one) for one in (audit_of(folder) or {"verdicts": ()})["verdicts"]
        ),
    )


def _judged(markdown: str) -> str | None:
    """Return which other network an evaluation is of; None for the bundle's own."""
    first = markdown.split("\n", 1)[0]
    before, after = CARD_TEXTS["judged"].split("{bundle}")
    is_other = first.startswith(before) and first.endswith(after)
    return first.removeprefix(before).removesuffix(after) if is_other else None


def _classifier_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    for pair in figures["overall"]["pairs"]:
        auroc = pair["auroc_clustered"]
        if auroc["value"] is not None:
            yield Figure(
                evaluation=evaluation,
                what="auroc",
                labels=(pair["positive"], pair["negative"]),
                value=auroc["value"],
                low=auroc["low"],
                high=auroc["high"],
                films=pair["positives"] + pair["negatives"],
                form=PLAIN,
            )


def _gate_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    left_out = evaluation.removeprefix(_WITHOUT) if evaluation.startswith(_WITHOUT) else None
    for row in figures["rows"]:
        if row["wanted"] not in _TOLD or (left_out is not None and row["group"] != left_out):
            continue
        yield Figure(
            evaluation=evaluation,
            what=row["wanted"],
            labels=(row["group"],),
            value=row["value"],
            low=row["low"],
            high=row["high"],
            films=row["n"],
            form=PERCENT,
        )


def _lung_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    for group, row in figures["groups"].items():
        yield _plain(evaluation, "mean dice", group, row["mean_dice"])


def _anomaly_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    for group, row in figures["groups"].items():
        yield _plain(evaluation, "anomaly auroc", group, row["auroc_mean"])


def _severity_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    rows = {"readers": figures["readers"]} | {one: figures[f"network: {one}"] for one in _SCORES}
    for score, row in rows.items():
        yield _plain(evaluation, "mean error", score, row["mae"])
        yield _plain(evaluation, "correlation", score, row["r"])


def _ct_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield means over patients: five are too few for an interval."""
    scans = figures["scans"]
    most = max((one["learned"] for one in scans), default=0)
    widest = [one for one in scans if one["learned"] == most]
    takers: Mapping[tuple[str, str], Callable[[Any], float | None]] = {
        ("ct dice", "lungs"): lambda one: one["groups"]["lungs"]["dice"],
        ("ct dice", "infection"): lambda one: one["groups"]["infection"]["dice"],
        ("ct error", "percentage of infection"): lambda one: abs(one["poi_error"]),
    }
    for (what, label), take in takers.items():
        by_patient: dict[str, list[float]] = {}
        for one in widest:
            value = take(one)
            if value is not None:
                by_patient.setdefault(one["patient"], []).append(value)
        if by_patient:
            yield Figure(
                evaluation=evaluation,
                what=what,
                labels=(label,),
                value=float(np.mean([np.mean(own) for own in by_patient.values()])),
                low=None,
                high=None,
                films=len(by_patient),
                form=PLAIN,
            )


def _pattern_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    for one in figures["conditions"]:
        share = one["accuracy"]
        yield Figure(
            evaluation=evaluation,
            what="pattern accuracy",
            labels=(one["condition"]["name"],),
            value=share["value"],
            low=share["low"],
            high=share["high"],
            films=share["n"],
            form=PERCENT,
        )


def _risk_figures(evaluation: str, figures: Mapping[str, Any]) -> Iterator[Figure]:
    for row in figures.get("rows", ()):
        area = row["auroc"]
        if row["horizon"] == _STAY and area["value"] is not None:
            yield Figure(
                evaluation=evaluation,
                what="risk auroc",
                labels=(row["landmark"], row["shown"]),
                value=area["value"],
                low=area["low"],
                high=area["high"],
                films=row["patients"],
                form=PLAIN,
            )


def _plain(evaluation: str, what: str, label: str, row: Mapping[str, Any]) -> Figure:
    return Figure(
        evaluation=evaluation,
        what=what,
        labels=(label,),
        value=row["value"],
        low=row["low"],
        high=row["high"],
        films=row["n"],
        form=PLAIN,
    )


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Any]], Iterator[Figure]]]] = {
    "gate": _gate_figures,
    "lungs": _lung_figures,
    "anomaly": _anomaly_figures,
    "severity": _severity_figures,
    "ct_segmentation": _ct_figures,
    "breathing_patterns": _pattern_figures,
    "prognosis": _risk_figures,
}
