"""Sentences of the reports and the card of the breathing-pattern network."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PATTERN_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "intended": (
            "Names the breathing pattern of a window of 60 seconds. Learned from simulated "
            "breathing alone. Research use, not for diagnosis."
        ),
        "intended_published": (
            "Shows what each part of the network adds on windows as published. Not for use on "
            "patients."
        ),
        "evaluation": "Fresh simulated windows",
        "about": (
            "{windows} fresh windows of 60 s for each condition, a seventh of each class, from "
            "seeds that nothing was learned from; the rule is judged on {rule} of them. 95 % "
            "intervals (Wilson)."
        ),
        "not_published_test": (
            "The published figures are of real depth-camera signals, these of simulated ones, "
            "drawn by the very model that was learned from: not the same test."
        ),
        "no_real_patterns": (
            "No real recording of Biot's or Cheyne–Stokes breathing or of central apnea is at "
            "hand: how well these are told in patients is untested."
        ),
        "limit_simulated": (
            "All breathing that it learned from is simulated. On patients only rates were judged; "
            "real Biot's and Cheyne–Stokes breathing and central apnea are untested."
        ),
        "limit_window": (
            "A window of 60 s may hold less than a cycle of Cheyne–Stokes breathing, and then no "
            "pause: it looks like another pattern."
        ),
        "limit_direction": (
            "Which way inspiration goes must be known: a signal upside down is another one."
        ),
        "by_condition": "What windows are like",
        "condition": "condition",
        "accuracy": "likeliest class right, of all windows",
        "answered": "a pattern told, of windows of one",
        "accuracy_answered": "right, of those told",
        "noise_refused": "nothing told, of noise",
        "rule": "rule on rate and pauses, right of all",
        "condition_published": "as published: 10 Hz, 20 dB",
        "condition_slips": "as the authors' script: bradypnea nearly noise-free",
        "condition_noise_free": "noise-free",
        "condition_10_db": "10 dB",
        "condition_5_hz": "5 Hz",
        "condition_25_hz": "25 Hz",
        "condition_5_hz_noise_free": "5 Hz, noise-free",
        "condition_25_hz_10_db": "25 Hz, 10 dB",
        "condition_drift": "drift of up to one height",
        "condition_missing": "5 % of the samples missing",
        "condition_held": "5 % hold the value before",
        "condition_zero": "5 % are zero",
        "condition_gone": "5 % are gone without a trace",
        "condition_physiological": "physiological breathing",
        "by_class": "Each class against the rest, {condition}",
        "class": "class",
        "accuracy_one": "accuracy",
        "precision": "precision",
        "recall": "recall",
        "f1": "F1",
        "published": "published, all six patterns, depth camera",
        "matrix": "Simulated (rows) and likeliest (columns), {condition}",
        "simulated": "simulated",
    }
)

PATTERN_TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "eupnea": "eupnea (usual breathing)",
        "bradypnea": "bradypnea (slow)",
        "tachypnea": "tachypnea (fast)",
        "biot": "Biot’s breathing",
        "cheyne_stokes": "Cheyne–Stokes breathing",
        "central_apnea": "central apnea",
        "noise": "noise (no breathing)",
    }
)
