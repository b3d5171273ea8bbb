"""What the report of an anomaly bundle says, and so its card, kept for both languages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ANOMALY_REPORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "about": (
            "How well the anomaly inside the lungs tells films with a finding from normal ones."
        ),
        "caption": (
            "Anomaly inside the lungs, in spreads of normal films; 95 % intervals by patient"
        ),
        "films": "films",
        "auroc_mean": "AUROC of the mean",
        "auroc_high": "AUROC of the 95th percentile",
        "mean_normal": "mean of normal films",
        "mean_finding": "mean of films with a finding",
        "share_normal": "lung share, normal",
        "share_finding": "lung share, finding",
        "adults": "adults",
        "children": "children",
        "adults_inside": "adults inside {source}",
        "children_inside": "children inside {source}",
        "task": "anomaly",
        "intended_use": (
            "Shows where a frontal chest radiograph is unlike normal films, without naming any "
            "finding. Research use, not for diagnosis."
        ),
        "intended_feup": "FEUP's own auto-encoder, to compare the shipped one with.",
        "held_out_adults": "Held-out adults",
        "held_out_children": "Held-out children",
        "feup": "FEUP's plain auto-encoder, the same adults",
    }
)
"""What recipes and evaluations add to a card is here too; tests hold it to what they say."""
