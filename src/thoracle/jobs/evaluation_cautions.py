"""What the choice of films means for the figures: films that the bundle has seen flatter it."""

from collections.abc import Iterator

from thoracle.core.results import Reason
from thoracle.datasets.split import CALIBRATE, TRAIN, TUNE
from thoracle.inference.bundle import Bundle
from thoracle.inference.description import read_description
from thoracle.jobs.calibrations import SHIPPED, calibration_in_force
from thoracle.jobs.evaluation_scope import EvaluationScope


def scope_cautions(bundle: Bundle, scope: EvaluationScope) -> tuple[Reason, ...]:
    """List what a reader must know of the films in scope before using the figures.

    Parameters
    ----------
    bundle
        The one that is judged.
    scope
        What it is judged on.

    Returns
    -------
    tuple of Reason
        Empty where nothing is known against the films.
    """
    return (*_about_training(bundle, scope), *_about_calibration(bundle, scope))


def _about_training(bundle: Bundle, scope: EvaluationScope) -> Iterator[Reason]:
    if scope.manifest.digest != bundle.training.get("manifest_digest"):
        return
    if scope.splits is None:
        text = (
            "The bundle was trained on films of this very manifest, and no split was given: films "
            "that it has seen are judged too, so the figures are too good. Give the split."
        )
        yield Reason(code="training-films", text=text)
    elif scope.part in {TRAIN, TUNE, CALIBRATE}:
        text = (
            f"The bundle has seen films of the {scope.part} part, so the figures are too good. "
            "Judge the test part."
        )
        yield Reason(code="training-films", text=text)
    elif scope.split_sha256 not in {None, bundle.training.get("split_sha256")}:
        text = (
            "The split is not the one that the bundle was trained with: it may have seen films "
            f"of this split's {scope.part} part. Judge it by its own split."
        )
        yield Reason(code="other-split", text=text)


def _about_calibration(bundle: Bundle, scope: EvaluationScope) -> Iterator[Reason]:
    """Yield a caution where a site's calibration, which takes every film, saw this manifest."""
    in_force = calibration_in_force(read_description(bundle.folder))
    if (
        in_force is not None
        and in_force["name"] != SHIPPED
        and in_force.get("manifest_digest") == scope.manifest.digest
    ):
        text = (
            f"Temperature and thresholds were fitted to these very films (calibration "
            f"{in_force['name']}): calibration, sensitivity and specificity look better than on "
            "new ones. Judge other films."
        )
        yield Reason(code="calibration-films", text=text)
