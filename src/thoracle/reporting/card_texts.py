"""Every phrase that a model card holds: what cards are written with, and shown in Portuguese by."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CARD_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "facts": "What it is",
        "task": "Task",
        "made_for": "Made for",
        "license": "License of the weights",
        "input": "Input",
        "input_signal": "{samples} samples: {form}",
        "input_form": "{size} grey: {form}",
        "temperature": "Temperature",
        "threshold_of": "Threshold, {label}",
        "films_in_manifest": "Films in the manifest",
        "split_sha256": "Split SHA-256",
        "parity": "Largest difference from torch on real films",
        "parity_value": "{difference} in a logit",
        "parity_film": "{difference} of the reconstruction’s range of 2",
        "judged": "Judged here: {bundle}, not this bundle.",
        "former": (
            "Measured with calibration {former}, not with {name}, which is in force: temperature "
            "and thresholds, and all that rests on them, are others here. Ranking (AUROC, average "
            "precision) changes little."
        ),
        "uncalibrated": (
            "Measured before any calibration, not with {name}, which is in force: temperature and "
            "thresholds, and all that rests on them, are others here. Ranking (AUROC, average "
            "precision) changes little."
        ),
        "calibrations": "Calibrations",
        "in_force": "In force: {name}, the last.",
        "calibration": "calibration",
        "films": "films",
        "temperature_column": "temperature",
        "thresholds": "thresholds",
        "notes": "notes",
        "limits": "What it cannot do",
        "limit_collections": (
            "Class is nearly the same as collection in the data at hand: normal adults come from "
            "one hospital, COVID-19 films were gathered from publications and the web. Figures "
            "inside one collection say more than pooled ones, and a hospital that is in none of "
            "them says most."
        ),
        "limit_labels": "Labels of the NIH films were mined from reports and are noisy.",
        "limit_calibration": (
            "Refit temperature and thresholds to your own films (`thoracle calibrate`) before you "
            "trust a probability; predictive values depend on how common the disease is where you "
            "are."
        ),
        "limit_children": "Children are not among the films that set the findings apart.",
        "limit_anomaly": (
            "It marks what differs from normal films of adults of few hospitals: tubes, posture, "
            "age and another tone as well as disease. It names no finding, and no score comes from "
            "it."
        ),
        "limit_anomaly_misses": (
            "What normal films also show somewhere, such as a faint or even veil, it gives back "
            "and does not mark."
        ),
        "limit_severity": (
            "Scores were learned on few published films of adults, nearly all with COVID-19, from "
            "two readers (Brixia) and three (extent, opacity): large errors are common."
        ),
        "limit_severity_normal": (
            "A score of a film without pneumonia means nothing and is far above 0; films whose "
            "likeliest finding is none get none."
        ),
        "limit_knees": "All radiographs of other body parts it was trained on are knees.",
        "limit_laterals": "Laterals are few; a film it accepts may still be of poor quality.",
        "limit_masks": (
            "Most reference masks are of children aged 1 to 5; adults' are of one collection."
        ),
        "limit_outline": (
            "The outline follows the human masks, which include the part behind the heart."
        ),
        "limit_ct_patients": (
            "It learned from very few patients with COVID-19 of one collection, in grey of one "
            "lung window and slices of 4.5 to 6 mm: expect errors on other hospitals' scans."
        ),
        "limit_ct_diseases": (
            "Fluid around a lung, collapse, tumors, fibrosis and children were not learned from; "
            "a lung without any air may not be found."
        ),
        "limit_ct_kinds": (
            "Readers differ in what they call ground glass and consolidation; the sum of both is "
            "surer than either."
        ),
    }
)
"""What a card itself says of its bundle."""

FIGURE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "about": "{films} films of {patients} patients; {level} intervals.",
        "against_all": "Finding against all others",
        "with": "With",
        "without": "Without",
        "auroc": "AUROC (DeLong)",
        "auroc_by_patient": "AUROC (by patient)",
        "average_precision": "Average precision (by patient)",
        "brier": "Brier",
        "ece": "ECE",
        "rule_argmax": "Rule: Highest probability",
        "rule_threshold": "Rule: Threshold",
        "threshold": "Threshold",
        "support": "Support",
        "sensitivity": "Sensitivity (Wilson)",
        "specificity": "Specificity (Wilson)",
        "ppv": "PPV (Wilson)",
        "npv": "NPV (Wilson)",
        "f1": "F1 (by patient)",
        "pair": "Pair",
        "films": "Films",
        "pair_of": "{positive} against {negative}",
        "all_sources": "all sources",
        "inside": "inside {source}",
        "calibration": (
            "Calibration of the predicted finding on {films} films: ECE {ece}, before calibration "
            "{before}, by chance alone {chance}; Brier (0 to 2) {brier}. Accuracy {accuracy}."
        ),
    }
)
"""What the figures of a classifier are introduced by."""

SCOPE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "scope": "Scope: {parts}.",
        "sources": "sources {names}",
        "sites": "sites {names}",
        "populations": "populations {names}",
    }
)
"""Which films were judged: a list whose parts are known each by itself."""

KNOWN_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intended_gate": (
            "Decides whether a picture is an upright frontal chest radiograph that may be judged "
            "at all. Research use."
        ),
        "intended_lungs": (
            "Finds the lungs on frontal chest radiographs, to place the crop and to say where "
            "maps lie. Research use."
        ),
        "intended_radiograph": (
            "No finding, other lung opacity or COVID-19 on frontal chest radiographs of adults. "
            "Research use, not for diagnosis."
        ),
        "intended_small": "For studies that train many networks; the shipped bundle is better.",
        "intended_puc": (
            "PUC-RIO's protocol with its own make-up of films, for comparison with the published "
            "figures. Not for use."
        ),
        "task_gate": "gate",
        "task_lungs": "lungs",
        "task_classifier": "classifier",
        "for_adults": "adults",
        "for_everybody": "children and adults",
        "form_gate": (
            "whole film squeezed to a square, triangle filter, {low}-{high} percentiles to 0-1"
        ),
        "form_lungs": "whole film squeezed to a square, triangle filter, ranked",
        "form_classifier": (
            "lung box with {margin} on each side, mirrored past the film, squeezed to a square, "
            "triangle filter, {low}-{high} percentiles to 0-1 over {more} more on each side"
        ),
        "accept": "Accept probability",
        "distance": "Distance limit",
        "calibration_films": "Calibration films",
        "calibration_windows": "Calibration windows",
        "windows": "Windows",
        "data": "Data",
        "abstain_below": "Abstain below",
        "left_out_row": "Left out",
        "slice_mm": "Slice mm",
        "row_mm": "Row mm",
        "column_mm": "Column mm",
        "task_breathing_patterns": "breathing patterns",
        "task_ct_segmentation": "CT segmentation",
        "task_ct_case": "CT case",
        "manifest": "Manifest digest",
        "software": "Software version",
        "lungs_digest": "Lungs digest",
        "lungs_network": "Lungs network",
        "retrained_from": "Retrained from",
        "films_of_readers": "Films of readers",
        "form": "Form",
        "shipped": "shipped",
        "target": "{share} sensitivity on calibration {name}",
        "threshold": "{threshold} ({share} sensitivity on calibration {name})",
        "threshold_kept": "{threshold} (kept: too few {label} films in calibration {name})",
        "threshold_carried": (
            "{threshold} ({target}, chosen at the former temperature {former} and carried over: "
            "too few {label} films in calibration {name})"
        ),
        "note_carried": (
            "{label}: the threshold {chosen} was chosen at the former temperature {former}; at "
            "{temperature} it becomes {threshold}: every film that was positive stays so, and some "
            "that were not may become it."
        ),
        "note_too_few": (
            "{label}: {positives} positives, at least {needed} are needed to choose a threshold. "
            "Keep the bundle's."
        ),
        "note_few": (
            "{label}: the threshold rests on {positives} positives; {advised} or more are advised."
        ),
        "note_temperature": (
            "The temperature ran to {temperature}, the end of its range: the calibration films "
            "are sorted without an error, or carry no information."
        ),
        "unread_one": "1 film could not be read and is left out.",
        "unread": "{films} films could not be read and are left out.",
        "unread_one_named": "1 film could not be read and is left out: {name}.",
        "unread_named": "{films} films could not be read and are left out: {names}.",
        "unread_many": "{films} films could not be read and are left out: {names} and {more} more.",
        "adults": "Adults, held-out patients",
        "held_out": "Held-out patients",
        "held_out_pictures": "Held-out patients and pictures",
        "children_to_adults": "Trained on children, tested on adults",
        "without": "Trained without {kind}",
        "left_out": "{name} left out of training",
        "left_out_two": "COVID-CXNet and Figure1",
        "puc": "PUC-RIO's make-up, all ages",
        "all_films": "all films",
        "all_ages": "all ages",
        "wilson": "95 % Wilson intervals",
        "test_part_too": "of the collections the test part",
        "split_train": "train split",
        "split_tune": "tune split",
        "split_calibrate": "calibrate split",
        "split_test": "test split",
        "split_external": "external split",
        "adult": "adult",
        "child": "child",
        "germany": "Germany",
        "italy": "Italy",
        "spain": "Spain",
        "united_kingdom": "United Kingdom",
        "pictures": "pictures",
        "figure": "figure",
        "value": "value",
        "refused": "refused",
        "falsely_refused": "falsely refused",
        "named": "kind or angle named",
        "accuracy": "accuracy",
        "frontal": "frontal",
        "frontal_of": "frontal, {source}",
        "frontal_turned": "frontal turned by {degrees}°",
        "frontal_inverted": "frontal, grey inverted",
        "frontal_photographed": "frontal, photographed screen",
        "ct": "ct",
        "lateral_chest": "lateral_chest",
        "other_radiograph": "other_radiograph",
        "not_radiograph": "not_radiograph",
        "puc_pictures": (
            "PUC-RIO's make-up ({valid} valid, {turned} turned, {other} other radiograph, "
            "{none} not a radiograph)"
        ),
        "dice": "Dice against human masks.",
        "mean_dice": "mean Dice",
        "low_dice": "5th percentile",
        "all": "all",
    }
)
"""What recipes, calibrations and evaluations add to a card; tests hold it to what they say."""

CT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intended": (
            "Outlines the lungs on chest CT, and ground glass and consolidation inside them. "
            "Research use, not for diagnosis."
        ),
        "intended_quick": (
            "Shows how correction and retraining go together. Not for use on patients."
        ),
        "task": "ct_segmentation",
        "form": "lung window -1350 to 150 HU, -1 to 1, on a grid of its own, triangle filter",
        "left_out": (
            "Leave one patient out: each scan is judged by a bundle of the same recipe that "
            "learned from {learned} other patients and never saw this one; nothing was chosen on "
            "it."
        ),
        "minimum": "Dice only where the reference has {minimum} ml.",
        "range": "For {patients} patients no interval is worth printing: the range is.",
        "no_reference": "Scans without a reference.",
        "few_patients": (
            "So few patients show that the method works on such scans, not how well it does on "
            "the next hospital's."
        ),
        "one_window": (
            "The labeled scans are grey of one lung window at 4.5 to 6 mm from one collection; "
            "scans in HU and thin slices have no reference here."
        ),
        "overlap": "Dice (HD95 in mm)",
        "volume": "Volume in ml (found less reference)",
        "poi": "Percentage of infection",
        "curve": "Learning curve: mean Dice of held-out patients (range)",
        "unlabeled": "Scans in HU without a reference, by the bundle of {patients}",
        "scan": "scan",
        "patient": "patient",
        "lungs": "lungs",
        "infection": "infection",
        "ground_glass": "ground glass",
        "consolidation": "consolidation",
        "reference": "reference",
        "found": "found",
        "poi_error": "absolute error, points",
        "curve_poi_error": "POI absolute error, points",
        "learned": "patients learned from",
        "lung_parts": "parts of lung",
        "lungs_ml": "lungs, ml",
        "ground_glass_ml": "ground glass, ml",
        "consolidation_ml": "consolidation, ml",
        "poi_short": "POI",
        "mean": "mean of patients (range)",
        "always_zero": "always zero, mean of patients (range)",
        "noise": "reference against itself, {patient}",
        "published": "published, 249 training scans",
    }
)
"""What the evaluation of a CT bundle adds to a card."""
