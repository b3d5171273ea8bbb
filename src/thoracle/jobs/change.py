"""What has changed between two films of one patient, in numbers."""

from dataclasses import dataclass

from thoracle.core.results import FileResult


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """One finding on the earlier and on the later film; probabilities are calibrated, 0 to 1."""

    label: str
    before: float
    after: float
    was_positive: bool
    is_positive: bool

    @property
    def difference(self) -> float:
        """The later probability less the earlier one, -1 to 1."""
        return self.after - self.before


def changes(earlier: FileResult, later: FileResult) -> tuple[FindingChange, ...]:
    """Compare the findings that both results have.

    Parameters
    ----------
    earlier, later
        Analyzed; of one bundle, or the numbers do not compare (see `is_comparable`).

    Returns
    -------
    tuple of FindingChange
        In the order of the later result; empty where one of them has no findings.
    """
    before = {one.label: one for one in earlier.findings}
    return tuple(
        FindingChange(
            label=one.label,
            before=before[one.label].probability,
            after=one.probability,
            was_positive=before[one.label].is_positive,
            is_positive=one.is_positive,
        )
        for one in later.findings
        if one.label in before
    )


def is_comparable(earlier: FileResult, later: FileResult) -> bool:
    """Say whether two results were made by the same bundles."""
    if earlier.provenance is None or later.provenance is None:
        return False
    return earlier.provenance.bundles == later.provenance.bundles
