"""What Thoracle is for and not for, and what was measured."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ABOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "about_title": "About Thoracle",
        "about_for": "What it is for",
        "about_for_text": (
            "Research on how programs read chest radiographs of adults with a suspected "
            "respiratory infection: it says what it sees, how sure it is, why, and when not to "
            "trust it."
        ),
        "about_not": "What it is not for",
        "about_not_text": (
            "It is not a medical device. It has not been tested in a clinic and must not "
            "decide about anybody’s care. A normal answer rules nothing out, and COVID-19 "
            "cannot be told from a radiograph alone."
        ),
        "about_method": "How it works",
        "about_method_text": (
            "A gate refuses what is no upright frontal chest film. A second network finds the "
            "lungs and cuts the film to them. A third, a DenseNet-121 with three findings, "
            "gives scores, which a calibration turns into probabilities. Maps show where a "
            "score comes from. Two more networks stand beside it: one draws each film as a "
            "normal one and marks the difference, one scores how severe it looks. Films are "
            "not sent anywhere."
        ),
        "about_data": "What it learned from",
        "about_data_text": (
            "Public collections of films: Cohen, COVID-CXNet, Figure1, Kermany (children, in "
            "the first stage of training only) and NIH ChestX-ray14. In them, what a film "
            "shows and which hospital it comes from are nearly the same thing; so the figures "
            "on collections that were left out of training count most."
        ),
        "about_figures": "What was measured",
        "about_caption": (
            "Each figure with its 95 % interval, on films of patients that were not trained on."
        ),
        "about_what": "Figure",
        "about_value": "Value",
        "about_films": "Cases",
        "about_of": "{name} {version}",
        "about_card": "Model card",
        "about_claim": "CLAIM 2024 checklist",
        "about_license": "License of the weights: {license}",
        "about_judged": "{title} (another network: {network})",
        "about_audit": "Shortcut laboratory",
        "about_audit_text": (
            "Does it use what it should not, does it bear what hospitals do to films, and can its "
            "maps be believed? A pass is no proof: it says that the test found nothing."
        ),
        "about_verdicts": "All verdicts",
        "about_test": "Test",
        "about_verdict": "Verdict",
        "about_cite": "How to cite",
        "about_cite_text": (
            "The Thoracle authors. Thoracle, version {version}, with the name and digest of "
            "the bundle, which stand in every result under Provenance."
        ),
        "about_auroc": "AUROC, {first} against {second}",
        "about_refused": "Refused: {group}",
        "about_falsely": "Falsely refused: {group}",
        "about_accuracy": "Accuracy: {group}",
        "about_dice": "Mean Dice of the lungs: {group}",
        "about_anomaly": "AUROC of the anomaly inside the lungs, a finding against none: {group}",
        "about_mean_error": "Mean absolute error: {score}",
        "about_correlation": "Correlation: {score}",
        "about_ct_dice": "Mean Dice over patients: {part}",
        "about_ct_error": "Mean absolute error over patients: {part}",
        "about_ct_lungs": "lungs on CT",
        "about_ct_infection": "infection on CT",
        "about_ct_poi": "percentage of infection, in points",
        "about_patterns": "Breathing pattern right: {group}",
        "about_risk": "AUROC, death in the stay, {landmark}, from {shown}",
        "about_readers": "two readers, Brixia score (0–18)",
        "about_brixia": "Brixia score (0–18)",
        "about_extent": "geographic extent (0–8)",
        "about_opacity": "degree of opacity (0–6)",
        "about_days": "days since onset or admission",
        "group_frontal": "frontal films",
        "group_ct": "CT",
        "group_lateral": "lateral chest films",
        "group_other": "other radiographs",
        "group_not": "pictures that are no radiographs",
        "group_all": "all",
    }
)
