"""What the figures at hand cannot show, said from the data themselves."""

from thoracle.core.results import Reason
from thoracle.evaluation.description import DataFigures
from thoracle.evaluation.film_set import SetFigures
from thoracle.evaluation.options import EvaluationOptions

SOURCE_ACCURACY_HIGH = 0.8  # Above it, four of five films are told by their source alone.
FEW_POSITIVES = 50  # 45 of 50 found: the 95 % interval of sensitivity is still 17 points wide.


def cautions(
    data: DataFigures, figures: SetFigures, *, labels: tuple[str, ...], options: EvaluationOptions
) -> tuple[Reason, ...]:
    """List what a reader must know before using the figures."""
    found = [
        *_about_sources(data, figures),
        *_about_films(data),
        *_about_support(data, labels),
        *_about_calibration(figures),
        Reason(
            code="prevalence",
            text="PPV, NPV, precision, F1 and accuracy hold at the share of findings in these "
            "films only; at another, see the table of predictive values.",
        ),
        Reason(
            code="sampling-only",
            text=f"A {100 * options.confidence:g} % interval covers the chance of drawing these "
            "patients from ones like them. It does not cover another hospital, scanner or year.",
        ),
        Reason(
            code="many-figures",
            text="Intervals are not corrected for their number: of many slices some differ by "
            "chance.",
        ),
    ]
    return tuple(found)


def _about_sources(data: DataFigures, figures: SetFigures) -> list[Reason]:
    if data.source_only_accuracy is None:
        text = "The sources are not known: whether findings follow the source cannot be told."
        return [Reason(code="no-source", text=text)]
    if len(data.by_source) == 1:
        text = "All films are of one source: nothing is shown about other hospitals."
        return [Reason(code="one-source", text=text)]
    share = 100.0 * data.source_only_accuracy
    reached = 100.0 * (figures.accuracy.value or 0.0)
    if data.source_only_accuracy < SOURCE_ACCURACY_HIGH:
        return []
    text = (
        f"The finding is nearly the source: a rule that knows only where a film comes from would "
        f"be right on {share:.1f} % (this model: {reached:.1f} %). Figures over all sources prove "
        "nothing about disease; look at those inside one source."
    )
    return [Reason(code="finding-is-source", text=text)]


def _about_films(data: DataFigures) -> list[Reason]:
    found = []
    if data.films > data.patients:
        text = (
            f"{data.films} films are of {data.patients} patients (up to "
            f"{data.films_per_patient_max} of one): Wilson's and DeLong's intervals are too "
            "narrow; use those by patient."
        )
        found.append(Reason(code="repeated-patients", text=text))
    if data.films_unknown_reference:
        text = f"{data.films_unknown_reference} films of unknown finding are left out."
        found.append(Reason(code="unknown-reference", text=text))
    if 0 < data.age.under_18 < data.age.known:
        text = (
            f"{data.age.under_18} of {data.age.known} films of known age are of people under 18: "
            "children and adults differ in more than disease."
        )
        found.append(Reason(code="ages-mixed", text=text))
    return found


def _about_support(data: DataFigures, labels: tuple[str, ...]) -> list[Reason]:
    few = [
        f"{label} ({count})"
        for label, count in zip(labels, data.support, strict=True)
        if count < FEW_POSITIVES
    ]
    if not few:
        return []
    text = f"Few films of: {', '.join(few)}. Read the interval, not the value."
    return [Reason(code="few-positives", text=text)]


def _about_calibration(figures: SetFigures) -> list[Reason]:
    error, floor = figures.calibration.ece.value, figures.calibration.ece_if_calibrated
    if error is None or floor.value is None or floor.high is None or error > floor.high:
        return []
    text = (
        f"The calibration error of {error:.3f} is within what perfect probabilities would show by "
        f"chance on {floor.n} films (mean {floor.value:.3f}): it neither proves nor disproves "
        "calibration."
    )
    return [Reason(code="ece-within-chance", text=text)]
