"""Judge a bundle on films it was not trained on; the bundle's task decides which figures."""

from thoracle.core.errors import EvaluationError
from thoracle.ct.model import TASK as CT_TASK
from thoracle.inference.bundle import open_bundle
from thoracle.jobs.evaluate_anomaly import evaluate_anomaly
from thoracle.jobs.evaluate_findings import evaluate_findings
from thoracle.jobs.evaluate_gate import evaluate_gate
from thoracle.jobs.evaluate_lungs import evaluate_lungs
from thoracle.jobs.evaluation_scope import EvaluationScope, Report


def evaluate_bundle(bundle: str, scope: EvaluationScope, *, with_films: bool) -> Report:
    """Judge any bundle.

    Parameters
    ----------
    bundle
        Name or folder.
    scope
        Which films.
    with_films
        Whether the report shows misclassified films; such a report must be kept like the films.

    Returns
    -------
    Report
        Figures with intervals. A site of which the manifest has no film is an EvaluationError.

    Raises
    ------
    EvaluationError
        The bundle reads no films.
    """
    scope.need_sites()
    opened = open_bundle(bundle)
    if opened.task == CT_TASK:
        raise EvaluationError(
            f"found bundle {opened.name!r}, which reads chest CT – expected one that reads films. "
            "Judge it with thoracle evaluate-ct.",
            code="evaluation-ct-bundle",
        )
    if opened.task == "gate":
        return evaluate_gate(opened, scope)
    if opened.task == "lungs":
        return evaluate_lungs(opened, scope)
    if opened.task == "anomaly":
        return evaluate_anomaly(opened, scope)
    return evaluate_findings(opened, scope, with_films=with_films)
