"""How much an audit looks at: every choice that costs time, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOptions:
    """Caps of films per finding, and repeats; the same options and films give the same figures.

    Attributes
    ----------
    films_per_finding
        Of all tests, and of probes and sources, where each film is judged once; None for all.
    changed_per_finding
        Of changed films, where each is judged a dozen times.
    disturbed_per_finding
        Of robustness, where each film is judged at forty strengths.
    explained_per_finding
        Of lung share, deletion and insertion, where each map needs fourteen films.
    randomized_per_finding
        Of the check with random weights.
    shuffles
        Of the attribute in each probe.
    resamples
        Of patients.
    batch
        Films in one run of the network.
    seed
        Of every choice.
    """

    films_per_finding: int | None = None
    changed_per_finding: int = 60
    disturbed_per_finding: int = 25
    explained_per_finding: int = 10
    randomized_per_finding: int = 4
    shuffles: int = 40
    resamples: int = 2000
    batch: int = 16
    seed: int = 0


QUICK = AuditOptions(
    films_per_finding=12,
    changed_per_finding=12,
    disturbed_per_finding=6,
    explained_per_finding=4,
    randomized_per_finding=4,
    shuffles=5,
    resamples=500,
)
"""A look in a minute or two: most tests then cannot tell, and say so."""
