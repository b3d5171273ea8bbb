"""Evidence that no synthetic film is a patient's: distances to the films it was learned from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import ThoracleError
from thoracle.datasets.lung_forms import FORMS


class PrivacyError(ThoracleError):
    """The distances cannot be computed."""

    code = "film-privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """How near films come to each other under one distance: 1 − correlation, 0 to 2.

    Attributes
    ----------
    name
        One of `FORMS`.
    synthetic : (synthetic films,) float32
        Distance of each synthetic film to the nearest training film.
    patients : (films,) float32
        Distance of each training film to the nearest film of another patient.
    """

    name: str
    synthetic: FloatArray = field(repr=False)
    patients: FloatArray = field(repr=False)

    @property
    def is_private(self) -> bool:
        """Whether no synthetic film lies nearer than the nearest two patients."""
        return bool(self.synthetic.min() >= self.patients.min())


def measure_nearness(
    synthetic: FloatArray, films: FloatArray, groups: Sequence[str]
) -> tuple[Nearness, ...]:
    """Compare synthetic films with training films, and these with each other.

    Parameters
    ----------
    synthetic : (synthetic films, 2, SIDE * SIDE) float32
        From `thoracle.datasets.lung_forms.compare_form`.
    films : (films, 2, SIDE * SIDE) float32
        From `thoracle.datasets.lung_forms.compare_form`.
    groups
        Patient, with all near-duplicates, of each training film: pairs within are not counted.

    Returns
    -------
    tuple of Nearness
        One for each of `FORMS`.

    Raises
    ------
    PrivacyError
        There is no synthetic film, or there are fewer than two patients.
    """
    if len(synthetic) == 0 or len(set(groups)) < 2 or len(groups) != len(films):
        raise PrivacyError(
            f"{len(synthetic)} synthetic films and {len(set(groups))} patients for {len(films)} "
            "films were given, expected at least one and two. Give more films."
        )
    names = np.array(groups)
    same = names[:, None] == names[None, :]
    found = []
    for k, name in enumerate(FORMS):
        between = 1 - films[:, k] @ films[:, k].T
        between[same] = np.inf
        found.append(
            Nearness(
                name=name,
                synthetic=(1 - synthetic[:, k] @ films[:, k].T).min(axis=1),
                patients=between.min(axis=1),
            )
        )
    return tuple(found)


def describe_nearness(results: Iterable[Nearness]) -> str:
    """Write distances as a table for people, one row per distance and kind of pair."""
    lines = [f"{'distance':<10}{'nearest':>24}{'minimum':>10}{'1 %':>8}{'median':>9}{'films':>8}"]
    for each in results:
        for what, values in (
            ("synthetic - training", each.synthetic),
            ("patient - patient", each.patients),
        ):
            low, middle = np.percentile(values, (1, 50))
            lines.append(
                f"{each.name:<10}{what:>24}{values.min():>10.3f}{low:>8.3f}{middle:>9.3f}"
                f"{len(values):>8}"
            )
        verdict = "no synthetic film lies" if each.is_private else "A SYNTHETIC FILM LIES"
        lines.append(f"{each.name:<10}  {verdict} nearer than the nearest two patients")
    return "\n".join(lines)
