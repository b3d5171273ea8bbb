"""Sentences of the report on told risks, and of the studies beside it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PROGNOSIS_EVALUATION: Final[Mapping[str, str]] = MappingProxyType(
    {
        "name": "Risk of death",
        "external_name": "Risk of death in other patients",
        "about": (
            "{stays} stays of {patients} patients, {deaths} with death, from {cohort}. AUROC: the "
            "chance that who dies has the higher risk. 95 % intervals in brackets, by bootstrap "
            "of patients. {unseen}"
        ),
        "unseen_folds": (
            "Patients were dealt into folds {repeats} ×, figures are means; each was judged by "
            "models that learned from other patients alone."
        ),
        "unseen_bundle": "The bundle learned from other patients.",
        "by_clinician": (
            "{setting}: AUROC at landmarks after admission, which is what a clinician has"
        ),
        "by_outcome": (
            "{setting}: AUROC of death in the stay at landmarks so many days before the outcome. "
            "Anchored on the end, as in the papers: nobody knows it in advance"
        ),
        "precision": "{setting}: average precision (AUPRC) at landmarks after admission",
        "calibration": (
            "{setting}: calibration and skill at landmarks after admission. Skill: 1 perfect, 0 no "
            "better than the share of deaths in this sample; slope 1 and level 0 are calibrated"
        ),
        "benefit": (
            "{setting}: net benefit of acting on a risk of death in the stay, in true positives "
            "per patient, a day after admission"
        ),
        "over_rule": (
            "{setting}: AUROC of death in the stay less that of the three-marker rule, in patients "
            "whom both answer"
        ),
        "over_boosting": (
            "{setting}: AUROC of death in the stay less that of gradient boosting, in patients "
            "whom both answer"
        ),
        "concordance": "{setting}: Harrell's C of death in the stay",
        "last_day": (
            "{setting}: what seeing the last days gives away. AUROC with all that was known at the "
            "outcome, and with what was known before, in the same patients"
        ),
        "subgroups": "{setting}: death in the stay, a day after admission, by age and sex: AUROC",
        "rule": "What the three-marker rule answers",
        "learning_curve": (
            "Learning curve: AUROC of death in the stay, a day after admission, by the share of "
            "patients learned from"
        ),
        "reliability": ("{model}: told and observed death within 7 days, a day after admission"),
        "literature": "Beside the literature",
        "all_variables": "All variables",
        "three_markers": "Only LDH, hs-CRP and lymphocyte share",
        "temporal": "Later patients, learned from earlier ones",
        "limit_one_hospital": (
            "The Wuhan set is one hospital at the start of the pandemic, with nearly half of the "
            "patients dying: elsewhere risks are lower, and probabilities must be calibrated anew."
        ),
        "limit_anchored": (
            "Figures anchored on the outcome say how well the end is told from its own last "
            "measurements; a clinician has the figures after admission."
        ),
        "limit_rule": (
            "A rule has one threshold, so that its AUROC is the mean of its sensitivity and "
            "specificity; models of the three markers alone are the fairer comparison."
        ),
        "limit_measured": (
            "What is measured, and when, depends on how ill doctors believed a patient to be: "
            "models see that too."
        ),
        "limit_alive": (
            "Who was discharged alive counts as not dead within the horizons after it; deaths at "
            "home are unknown."
        ),
        "limit_news2": ("None of the vital signs of NEWS2 is known here, so that it has no score."),
        "limit_only": (
            "Judged were patients of a list that is said to have been left out of the training."
        ),
        "limit_learned": (
            "Patients of this cohort were learned from: these figures say nothing about others."
        ),
        "yan": "Yan et al. 2020: the three-marker rule on other patients of the same hospital",
        "dutch": "The same rule, replicated in the Netherlands",
        "accuracy_two": "accuracy, its two figures",
        "rule_here": "The rule here, a day after admission: right where it says survival, death",
        "rule_here_end": "The rule here, at the outcome: right where it says survival, death",
        "landmark": "landmark",
        "horizon": "horizon",
        "with_death": "patients (deaths)",
        "model": "model",
        "sensitivity": "sensitivity",
        "specificity": "specificity",
        "ppv": "right where it says death",
        "npv": "right where it says survival",
        "skill": "Brier skill",
        "slope": "slope",
        "level": "level",
        "ece": "calibration error",
        "sd": "standard deviation over repeats",
        "everybody": "acting on everybody",
        "at_risk": "from a risk of {risk}",
        "days_before": "days before",
        "at_outcome": "at the outcome",
        "earlier": "before it",
        "gain": "difference",
        "group": "group",
        "share": "share",
        "patients": "patients",
        "source": "source",
        "told_risk": "told",
        "observed": "observed",
        "study_folds": (
            "Patients left out: {folds} folds, dealt {repeats} ×, means; numbers that are tried "
            "are chosen inside the learning part"
        ),
        "study_temporal": (
            "Later visits ({date} and after), judged by models that learned from earlier ones; "
            "without a date and left out: {undated}"
        ),
        "study_counts": "{n} of {set}, {events} with the event ({event}). 95 % intervals.",
        "sirio_name": "Intensive care from the first two hours",
        "sirio_about": (
            "Sírio-Libanês: who was not in intensive care in the first two hours after arrival, "
            "judged by values of those two hours alone."
        ),
        "sirio_scaled": (
            "Values were scaled over the whole set by its publishers: no model of them can be used "
            "elsewhere, and their scale has seen the patients left out."
        ),
        "sirio_one": "One hospital, few hundred patients: intervals are wide.",
        "carbon_name": "Swab result from vital signs and symptoms",
        "carbon_about": (
            "Carbon Health: result of the swab from age, vital signs, symptoms and known diseases."
        ),
        "carbon_weak": (
            "As expected, vital signs and symptoms say little of the swab: the best AUROC is "
            "{auroc}. It cannot stand for a test."
        ),
        "carbon_strong": (
            "The best AUROC is {auroc}: higher than vital signs and symptoms should allow. Look "
            "for a leak before it is believed."
        ),
        "carbon_visits": (
            "The set names no patients: who came twice may be on both sides, which makes figures "
            "better than they are."
        ),
        "fusion_name": "Films and clinical values together",
        "fusion_about": (
            "Published cases of Cohen et al.: each patient's first frontal film with its row. "
            "{cases} patients have an outcome and a temperature or a saturation. Fusion is late: "
            "two risks weighed on the log-odds."
        ),
        "fusion_caption": (
            "{outcome}: patients left out, {folds} folds, dealt {repeats} ×, means; added: "
            "AUROC less that of clinical values alone"
        ),
        "fusion_few": (
            "Few patients, chosen by authors who publish severe cases: these figures show that the "
            "parts fit together, not how well they would do in a hospital."
        ),
        "fusion_learned": (
            "The networks that judge films learned from films of this collection, though not from "
            "outcomes: what images add may look better than it is."
        ),
        "fusion_saturation": (
            "The column of saturation mixes percent with pressures, as values above 100 show; it "
            "is taken as a number."
        ),
        "added": "added",
        "precision_head": "AUPRC",
        "few": "too few ({events} of {patients})",
    }
)
