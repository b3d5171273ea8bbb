"""Phrases of an evaluation's tables beyond its rates; cards hold them, so they are translated."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

JUDGING_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "family": (
            "Predictive values that hold together with {level}: {intervals} intervals of {each} "
            "(Bonferroni). Those at another share of films with the finding hold together too."
        ),
        "comparison": "Comparison",
        "finding": "Finding",
        "the_rest": "{positive} against all others",
        "value": "Value",
        "called": "Called positive",
        "rule_threshold": "from the bundle's threshold on",
        "rule_argmax": "the likeliest finding",
        "rule_likelier": "the likelier of the two",
        "measured": "As measured (Wilson)",
        "by_patient": "By patient",
        "at_share": "At {share}",
        "decisions": (
            "Probabilities at which acting on them is shown to do more good than acting on all or "
            "on no patients, at the share of findings in these films."
        ),
        "share": "Share",
        "useful": "Useful from – to",
        "nowhere": "nowhere shown",
        "sizes": (
            "How well figures are known, and what ±{half_width} points would take. Films of as "
            "many patients; the design effect says by how much several films of one are worth "
            "less. The last two columns hold for films made up like these."
        ),
        "figure": "Figure",
        "sensitivity": "Sensitivity",
        "specificity": "Specificity",
        "auroc": "AUROC",
        "reach": "±, points",
        "cases": "Films that decide it",
        "effect": "Design effect",
        "needed": "Needed (Wilson; AUROC: Hanley–McNeil)",
        "buderer": "Needed (Buderer)",
        "films_needed": "Films in all",
        "patients_needed": "Patients",
        "regression": (
            "Does being judged rightly depend on the patient? Logistic regression on {films} films "
            "of {patients} patients, {wrong} of them judged wrongly; {left_out} films that lack a "
            "factor or are of a finding judged alike are left out. An odds ratio below 1 means "
            "judged rightly less often. It describes and explains nothing: age, sex, BMI and "
            "ethnicity go with source, view and severity."
        ),
        "term": "Factor",
        "odds_ratio": "Odds ratio (by patient)",
        "profile": "Profile likelihood (films as independent)",
        "p_by_patient": "p (by patient)",
        "interactions": (
            "Does a factor matter more for one finding than for another? Test of the interaction "
            "with the reference finding."
        ),
        "degrees": "Degrees of freedom",
        "p_ratio": "p (likelihood ratio, films as independent)",
        "by_finding": "Odds ratios inside each finding (by patient)",
        "below": "below 0.001",
    }
)
"""What comparisons, decisions, sample sizes and dependence are told with."""
