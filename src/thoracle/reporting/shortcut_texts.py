"""What the shortcut laboratory says: tests, subjects, outcomes, and the reason for each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SHORTCUT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "Shortcut laboratory",
        "summary": (
            "{passes} tests pass, {fails} fail, {untold} cannot tell. A pass is no proof: it says "
            "that this test found nothing on these films."
        ),
        "films": "{films} films of {patients} patients; 95 % intervals by patient.",
        "column_test": "Test",
        "column_subject": "On",
        "column_figure": "Figure",
        "column_limit": "Limit",
        "column_verdict": "Verdict",
        "column_why": "Why",
        "at_most": "at most {limit}",
        "at_least": "at least {limit}",
        "passes": "passes",
        "fails": "fails",
        "cannot tell": "cannot tell",
        "more_films": "The limit lies inside the interval: more films are needed.",
        "few_films": "{films} films; {needed} or more are needed.",
        "no_left_out": (
            "No bundle trained without a source was given. Train one, and give it with --without."
        ),
        "lost_lungs": (
            "Of {films} films no lungs were found: they are left out of changed films and of maps."
        ),
        "other_recipe": (
            "{bundle} was trained without {source} by another recipe than this bundle: part of the "
            "difference is the recipe's."
        ),
        "unchecked_source": (
            "Not checked that {source} was left out: give the split with --without-split."
        ),
        "shuffled": "Labels shuffled among patients reach a skill of {skill}: too few films.",
        "one_value": "Fewer than two values have enough films.",
        "undefined": "The films leave the figure undefined.",
        "test_probe": "Told from the embedding",
        "test_without_lungs": "Skill left without lungs",
        "test_blurred_lungs": "Skill left with blurred lungs",
        "test_change": "Change of AUROC",
        "test_marker": "Change of AUROC by a marker on one finding only",
        "test_unseen_source": "Change of accuracy where the source was left out of training",
        "test_lung_share": "Map inside the lungs, beyond their share of the area",
        "test_beats_random": "Map against a random order",
        "test_beats_center": "Map against the middle of the lungs first",
        "test_random_weights": "Map of random weights, rank correlation",
        "test_agreement": "Same answer on disturbed films",
        "test_disturbance": "Change of AUROC on disturbed films",
        "probe_passes": "In films of one finding, the embedding tells little of it.",
        "probe_fails": "The embedding tells it, also in films of one finding.",
        "without_lungs_passes": "Without the lungs, at most half of the skill is left.",
        "without_lungs_fails": (
            "Without the lungs, more than half of the skill is left: it comes from elsewhere."
        ),
        "blurred_lungs_passes": "With blurred lungs, at most half of the skill is left.",
        "blurred_lungs_fails": (
            "With blurred lungs, more than half of the skill is left: it comes from elsewhere, or "
            "from how bright the lungs are as a whole."
        ),
        "change_passes": "The findings are told as well as before.",
        "change_fails": "The findings are told worse.",
        "marker_passes": "A marker does not mislead it.",
        "marker_fails": "A marker misleads it.",
        "unseen_source_passes": "It does as well on the source when it never saw it.",
        "unseen_source_fails": "It does worse on the source when it never saw it.",
        "lung_share_passes": "The map prefers the lungs.",
        "lung_share_fails": "The map lies in the lungs less than an even one would.",
        "beats_random_passes": "The score rests on what the map points at.",
        "beats_random_fails": "The score rests on what the map points at less than on any place.",
        "beats_center_passes": "The map says more than where the lungs are.",
        "beats_center_fails": "Taking the middle of the lungs away first does better.",
        "random_weights_passes": "Random weights give another map.",
        "random_weights_fails": "Random weights give much the same map: it shows the film.",
        "agreement_passes": "Nearly all answers stay.",
        "agreement_fails": "Many answers change.",
        "disturbance_passes": "The findings are told as well as before, however disturbed.",
        "disturbance_fails": "The findings are told worse once disturbed.",
        "subject_source": "source",
        "subject_age_band": "age",
        "subject_view": "view",
        "subject_sex": "sex",
        "subject_lungs_blackened": "lungs blackened",
        "subject_border_only": "border only, the lungs' box blackened",
        "subject_lungs_blurred": "lungs blurred, all else as it was",
        "subject_lungs_only": "lungs only, all else blackened",
        "subject_letter": "a letter pasted",
        "subject_line": "a line of text pasted",
        "subject_tone": "grey tones of {name}",
        "subject_softened": "softened",
        "subject_sharpened": "sharpened",
        "subject_squeezed": "squeezed to a square",
        "subject_all sources": "all sources",
        "subject_occlusion": "occlusion map",
        "subject_anomaly": "anomaly map",
        "subject_gradcam": "Grad-CAM at {name}",
        "subject_gradcam++": "Grad-CAM++ at {name}",
        "subject_jpeg": "JPEG compression",
        "subject_noise": "noise",
        "subject_blur": "blur",
        "subject_rotation": "rotation",
        "subject_brightness": "brightness",
        "subject_contrast": "contrast",
        "subject_gamma": "gamma",
        "subject_resolution": "resolution",
    }
)
"""What the card and the page About say in every language."""
