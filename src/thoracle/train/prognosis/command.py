"""Train on a part of a cohort and pack what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from thoracle.core.errors import ChartError
from thoracle.datasets.prognosis.cohort import Cohort, read_cohort
from thoracle.prognosis.types import Chart
from thoracle.train.export import Parity
from thoracle.train.prognosis.ensemble import fit_ensemble
from thoracle.train.prognosis.folds import events_of
from thoracle.train.prognosis.packing import pack_risks
from thoracle.train.prognosis.recipe import read_risk_recipe
from thoracle.train.prognosis.run import begin_run, is_finished, save_ensemble


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPart:
    """Which of a cohort's charts are learned from.

    Attributes
    ----------
    leave_out
        A file with a pseudonym on each line, of patients that nothing is learned from.
    before
        ISO 8601 date: only stays admitted before it.
    """

    leave_out: Path | None = None
    before: str | None = None

    def of(self, cohort: Cohort) -> tuple[Chart, ...]:
        """Return the charts that may be learned from: with an outcome, and not kept out."""
        left_out = self._left_out(cohort)
        before = self._before()
        return tuple(
            one
            for one in cohort.charts
            if one.outcome is not None
            and one.patient not in left_out
            and (before is None or "" < one.admitted_at[:10] < before)
        )

    def _left_out(self, cohort: Cohort) -> set[str]:
        if self.leave_out is None:
            return set()
        try:
            lines = self.leave_out.read_text(encoding="utf-8").split("\n")
        except OSError as fault:
            raise ChartError(
                f"found no file {self.leave_out} that can be read ({fault.strerror}) – expected "
                "one pseudonym a line. Correct the path.",
                code="chart-left-out",
            ) from fault
        named = {one.strip() for one in lines} - {""}
        unknown = sorted(named - {one.patient for one in cohort.charts})
        if unknown:
            raise ChartError(
                f"found the patient {unknown[0]!r} in {self.leave_out}, and none in the cohort – "
                "expected pseudonyms of the cohort, one a line. Correct the file.",
                code="chart-left-out",
            )
        return named

    def _before(self) -> str | None:
        if self.before is None:
            return None
        try:
            return date.fromisoformat(self.before).isoformat()
        except ValueError as fault:
            raise ChartError(
                f"found the date {self.before!r} – expected one as 2020-02-10 (ISO 8601). Correct "
                "it.",
                code="chart-date",
            ) from fault


def train_risks(
    recipe: Path, cohort: Path, folder: Path, part: TrainingPart, *, told: Callable[[str], None]
) -> Parity:
    """Train an ensemble and pack it; a finished run is packed again.

    Parameters
    ----------
    recipe
        A TOML file.
    cohort
        Folder of a cohort.
    folder
        Of the run; the bundle goes into it.
    part
        What is learned from.
    told
        Told of trials and losses.

    Returns
    -------
    Parity
        Of the bundle with torch.
    """
    read, whole = read_risk_recipe(recipe), read_cohort(cohort)
    charts = part.of(whole)
    patients = tuple(sorted({one.patient for one in charts}))
    facts = {
        "cohort": whole.name,
        "sources_sha256": " ".join(one.sha256 for one in whole.sources if one.sha256),
        "patients": len(patients),
        "patients_with_the_event": int(events_of(charts, patients, event=read.event).sum()),
        "left_out": len({one.patient for one in whole.charts}) - len(patients),
        "before": part.before or "",
    }
    begin_run(folder, read, facts)
    if not is_finished(folder):
        save_ensemble(fit_ensemble(charts, read, told=told), folder)
    return pack_risks(folder, folder / "bundle")
