"""What a study of correction found: a table, a curve, and all numbers as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.files import write_atomically
from thoracle.jobs.ct_challenge import INFECTION, LUNGS, POI
from thoracle.reporting.svg import color_of, svg_of

Played = Mapping[str, Any]
"""A round as `thoracle.train.ct.rounds.play` yields it."""

CAUTION: Final = (
    "The reader is simulated: the reference labels, without slips or time of their own. Effort "
    "counts voxels and slices that change, not minutes. Held-out figures improve with more "
    "patients and with more steps of training alike."
)
MASKS: Final = ("own", "first", "nothing")
"""Whose mask is corrected: the network's of the round, that of round 0, and an empty one."""
EFFORTS: Final = ("volume_ml", "infection_ml", "slices")
_HEADS: Final = (
    "round", "patients learned from", "Dice lungs", "Dice infection", "POI error, points",
    "corrected, ml", "by the first network, ml", "of it infection, ml", "by the first network, ml",
    "slices redrawn", "by the first network", "from nothing",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMeans:
    """Means over the courses of a study, of one round.

    `counts` says over how many patients held out each figure is a mean, None where none has it.
    `effort` is None after the last round, where nobody is corrected any more; its keys are "own",
    "first" and "nothing", each with `volume_ml`, `infection_ml` and `slices` per scan.
    """

    number: int
    learned: float
    figures: Mapping[str, float | None]
    counts: Mapping[str, int]
    effort: Mapping[str, Mapping[str, float]] | None


def means_of(played: Sequence[Played]) -> tuple[RoundMeans, ...]:
    """Return the means of each round over all courses.

    Parameters
    ----------
    played
        Rounds of any courses.

    Returns
    -------
    tuple of RoundMeans
        Patients count alike, and the scans of one patient as one.
    """
    numbers = sorted({one["round"] for one in played})
    return tuple(_means([one for one in played if one["round"] == number]) for number in numbers)


def rounds_markdown(played: Sequence[Played]) -> str:
    """Return a study as Markdown: means of each round, then each course by itself.

    Parameters
    ----------
    played
        Rounds of complete courses.
    """
    courses = sorted({one["held_out"] for one in played})
    lines = [
        f"Courses: {len(courses)}, one patient held out in each: {', '.join(courses)}. {CAUTION}",
        "",
        *_table(_HEADS, [_cells(one) for one in means_of(played)]),
        "",
        *_table(
            ("held out", "round", "learned from", "Dice lungs", "Dice infection", "POI error",
             "next", "corrected, ml", "by the first network, ml"),
            [_course_cells(one) for one in played],
        ),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def rounds_svg(played: Sequence[Played]) -> str:
    """Draw the held-out Dice and the effort of correction by round.

    Parameters
    ----------
    played
        Rounds of complete courses.

    Returns
    -------
    str
        SVG: thin lines are courses, thick ones their means.
    """

    def draw(axes: Any) -> None:
        panels = axes.figure.subplots(1, 2)
        axes.remove()
        for index, (name, title) in enumerate(((LUNGS, "lungs"), (INFECTION, "infection"))):
            _draw_dice(panels[0], played, name, title, color_of(index))
        _draw_effort(panels[1], played)

    return svg_of(draw, width_in=8.0, height_in=3.4)


def write_rounds(played: Sequence[Played], folder: Path) -> str:
    """Write rounds.json, rounds.md and rounds.svg into a study's folder.

    Parameters
    ----------
    played
        Rounds of complete courses.
    folder
        Of the study.

    Returns
    -------
    str
        The Markdown.
    """
    text = rounds_markdown(played)
    document = json.dumps({"caution": CAUTION, "rounds": list(played)}, indent=1, allow_nan=False)
    files = {
        "rounds.json": document + "\n",
        "rounds.md": text,
        "rounds.svg": rounds_svg(played),
    }
    for name, content in files.items():
        write_atomically(folder / name, content.encode("utf-8"))
    return text


def _means(rounds: Sequence[Played]) -> RoundMeans:
    figures = {name: _known(rounds, name) for name in (LUNGS, INFECTION, POI)}
    return RoundMeans(
        number=rounds[0]["round"],
        learned=float(np.mean([len(one["learned"]) for one in rounds])),
        figures={name: float(np.mean(all_)) if all_ else None for name, all_ in figures.items()},
        counts={name: len(all_) for name, all_ in figures.items()},
        effort=_mean_effort([one["next"]["scans"] for one in rounds if one["next"] is not None]),
    )


def _mean_effort(
    corrected: Sequence[Sequence[Mapping[str, Any]]],
) -> dict[str, dict[str, float]] | None:
    """Return the mean over patients of the means over a patient's scans."""
    if not corrected:
        return None
    return {
        whose: {what: _mean_over(corrected, whose, what) for what in EFFORTS} for whose in MASKS
    }


def _mean_over(corrected: Sequence[Sequence[Mapping[str, Any]]], whose: str, what: str) -> float:
    return float(np.mean([np.mean([one[whose][what] for one in scans]) for scans in corrected]))


def _known(rounds: Sequence[Played], name: str) -> list[float]:
    return [one["figures"][name] for one in rounds if one["figures"][name] is not None]


def _cells(one: RoundMeans) -> list[str]:
    infection = f"{_said(one.figures[INFECTION], 3)} ({one.counts[INFECTION]})"
    cells = [
        str(one.number),
        f"{one.learned:g}",
        _said(one.figures[LUNGS], 3),
        infection,
        _said(one.figures[POI], 2),
    ]
    if one.effort is None:
        return cells + ["–"] * 7
    own, first, nothing = (one.effort[whose] for whose in MASKS)
    pairs = [(own[what], first[what]) for what in EFFORTS]
    return [*cells, *(_said(value, 1) for pair in pairs for value in pair),
            _said(nothing["slices"], 1)]  # fmt: skip


def _course_cells(one: Played) -> list[str]:
    figures, after = one["figures"], one["next"]
    ml = [
        "–" if after is None else _said(np.mean([s[who]["volume_ml"] for s in after["scans"]]), 1)
        for who in ("own", "first")
    ]
    return [
        one["held_out"],
        str(one["round"]),
        ", ".join(one["learned"]),
        _said(figures[LUNGS], 3),
        _said(figures[INFECTION], 3),
        _said(figures[POI], 2),
        "–" if after is None else after["patient"],
        *ml,
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _said(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _draw_dice(panel: Any, played: Sequence[Played], name: str, title: str, color: str) -> None:
    known = [one for one in played if one["figures"][name] is not None]
    if not known:  # nobody held out has enough of it
        return
    for held_out in sorted({one["held_out"] for one in known}):
        own = [one for one in known if one["held_out"] == held_out]
        line = np.array([(one["round"], one["figures"][name]) for one in own])
        panel.plot(line[:, 0], line[:, 1], color=color, linewidth=0.6, alpha=0.6)
    means = means_of(known)
    line = np.array([(one.number, one.figures[name]) for one in means])
    panel.plot(line[:, 0], line[:, 1], color=color, linewidth=2.0, marker="o", label=title)
    panel.set(xlabel="round", title="Dice on the patient held out", ylim=(0.0, 1.02))
    panel.set_xticks(line[:, 0])
    panel.legend(frameon=False, loc="lower right")


def _draw_effort(panel: Any, played: Sequence[Played]) -> None:
    means = [one for one in means_of(played) if one.effort is not None]
    labels = (("own", "network of the round"), ("first", "first network"))
    for index, (whose, label) in enumerate(labels):
        panel.plot(
            [one.number for one in means],
            [one.effort[whose]["volume_ml"] for one in means if one.effort is not None],
            color=color_of(index),
            linewidth=2.0,
            marker="o",
            label=label,
        )
    panel.set(xlabel="round", title="Corrected on the next patient, ml")
    panel.set_xticks([one.number for one in means])
    panel.set_ylim(bottom=0.0)
    panel.legend(frameon=False)
