"""The sentences about the estimated severity of a film."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SEVERITY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "Severity, as readers would score it",
        "brixia": "Brixia score",
        "brixia_value": "{value} of 18 (interval {low} to {high})",
        "extent": "Geographic extent",
        "extent_value": "{value} of 8 (interval {low} to {high})",
        "opacity": "Degree of opacity",
        "opacity_value": "{value} of 6 (interval {low} to {high})",
        "zones": (
            "Brixia's six zones, 0 to 3 each, as on film: the patient's right lung on the left."
        ),
        "right": "Right lung",
        "left": "Left lung",
        "upper": "Upper",
        "middle": "Middle",
        "lower": "Lower",
        "interval": "The intervals cover the readers' score in about {coverage} of 100 films.",
        "estimated": (
            "Estimated on {films} films of {patients} patients by readers' scores; on patients not "
            "learned from it is off by {error} of 18 on average. Readers themselves differ by "
            "{difference}."
        ),
        "learned": (
            "Learned on films of adults with pneumonia, nearly all of them COVID-19: on other "
            "diseases the score may mean nothing, and without any it is far too high. It is left "
            "out where no finding is likeliest."
        ),
        "course": "Brixia {value}",
        "course_note": (
            "Brixia is the estimated score, 0 to 18, of what a film shows; small changes between "
            "films say nothing, for two readers of one film differ as well."
        ),
    }
)

SEVERITY_REPORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "Unseen patients",
        "about_fits": (
            "Films that readers scored, each predicted by a fit without its patient and its "
            "near-duplicates; the backbone never saw them."
        ),
        "about_days": (
            "Days are since onset or admission, as the collection gives them, of films that "
            "readers scored."
        ),
        "few_films": (
            "Few films, of one public collection: published pictures, not a hospital's archive."
        ),
        "other_source": (
            "Scored films and films without a finding come from different collections."
        ),
        "told_outcomes": (
            "Outcomes are those that authors told of published cases: they choose severe ones."
        ),
        "agreement": (
            "Patients not learned from, against the readers' mean; 95 % intervals by patient"
        ),
        "kappas": "Weighted kappa (quadratic) of each zone",
        "ranges": "Intervals and limits of agreement of the network",
        "normals": "Films without a finding: Brixia should be near 0",
        "outcomes": "Outcomes of patients whose films readers did not score",
        "who": "who",
        "score": "score",
        "films": "films",
        "mae": "mean absolute error",
        "r": "r",
        "icc": "ICC(2,1)",
        "zone": "zone",
        "two_readers": "two readers",
        "network_first": "network, first reader",
        "network_second": "network, second reader",
        "interval": "interval for {share} of films",
        "covered": "covers, of patients left out",
        "bias": "bias",
        "limits": "limits of agreement",
        "published": "published mean absolute error",
        "brixia_scale": "Brixia, 0 to 18",
        "extent_scale": "extent, 0 to 8",
        "opacity_scale": "opacity, 0 to 6",
        "network": "network",
        "mean": "mean",
        "grey_level": "grey level",
        "grey_statistics": "grey statistics",
        "brixia": "Brixia",
        "extent": "extent",
        "opacity": "opacity",
        "days": "days",
        "source": "source",
        "mean_brixia": "mean Brixia",
        "above": "films above {highest}",
        "told": "films whose score a page would tell",
        "outcome": "outcome",
        "with_it": "of them with it",
        "auroc": "AUROC of the score",
        "odds": "odds ratio of {points} points beside age, sex and view",
        "incomplete": "films left out of it, age, sex or view unknown",
        "intensive_care": "intensive care",
        "intubated": "intubated",
        "died": "died",
        "intended_use": (
            "Estimates Brixia score, geographic extent and opacity on frontal chest radiographs of "
            "adults with pneumonia. Research use, not for diagnosis."
        ),
        "task": "severity",
        "brixia_interval": "Brixia interval",
        "extent_interval": "Extent interval",
        "opacity_interval": "Opacity interval",
        "coverage": "Coverage",
        "films_number": "Films",
        "patients_number": "Patients",
        "brixia_error": "Brixia error",
        "reader_difference": "Reader difference",
    }
)
"""What the report of severity scores says, and so the bundle's card."""
