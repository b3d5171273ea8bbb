"""A film among the films of the training."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PROJECTOR: Final[Mapping[str, str]] = MappingProxyType(
    {
        "projector_title": "Among the training films",
        "projector_lead": (
            "Each point is a film that the network was trained on, placed by what the network sees "
            "in it. Films that it sees alike lie close. Where points of one collection lie "
            "together whatever they show, the network tells hospitals apart, not diseases."
        ),
        "projector_film": "Your film {file} is the cross.",
        "projector_no_film": (
            "{file} cannot be placed: it was refused, could not be read, or another bundle judged "
            "it."
        ),
        "projector_none": "The bundle in use ships no training films to look at.",
        "projector_layout": "Layout",
        "projector_pca": "PCA: distances count",
        "projector_tsne": "t-SNE: neighbors count, distances do not",
        "projector_color": "Color by",
        "projector_finding": "Finding",
        "projector_source": "Collection",
        "projector_age": "Age",
        "projector_error": "Likeliest finding",
        "projector_right": "right",
        "projector_wrong": "wrong",
        "projector_unknown": "unknown",
        "projector_years": "{low} to {high} years",
        "projector_own": "Your film",
        "projector_chosen": "Chosen film",
        "projector_how": (
            "Drag to turn, wheel or two fingers to zoom, click a point to read what is known of "
            "it, click a name beside the picture to hide its points. The shape of a point is its "
            "finding: circle, square or diamond."
        ),
        "projector_neighbors": "The {count} nearest training films",
        "projector_distance": "Distance",
        "projector_neighbor_note": (
            "Distance counts in spreads of the training films, over all directions and not only "
            "the three drawn. Of these {count}, {same} show what your film is likeliest to show, "
            "and {one_source} come from one collection."
        ),
        "projector_privacy": (
            "These points are numbers that ship with the bundle. No picture, name, patient or "
            "exact age comes with them."
        ),
        "projector_webgl": "The picture needs WebGL, which this browser does not offer.",
        "projector_link": "See it among the training films",
        "nav_projector": "Training films",
    }
)
