"""The 44 items of CLAIM 2024 in our own words, and what would answer one that is unanswered.

References
----------
Tejani AS, Klontzas ME, Gatti AA, et al. Checklist for Artificial Intelligence in Medical Imaging
(CLAIM): 2024 Update. Radiology: Artificial Intelligence 2024;6(4):e240300. Numbers and order are
theirs; the wording is not, and the publication decides what an item asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimItem:
    """One item: its number and section, what it asks for, and what would answer it."""

    number: int
    section: str
    title: str
    needed: str


CLAIM_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "about": (
            "The CLAIM 2024 checklist, generated from what the bundle holds. What it does not hold "
            "is shown as unanswered, with what would answer it: authors of a study add that "
            "themselves."
        ),
        "citation": (
            "Items: Tejani et al., Checklist for Artificial Intelligence in Medical Imaging "
            "(CLAIM): 2024 Update, Radiology: Artificial Intelligence 2024;6(4):e240300, "
            "doi:10.1148/ryai.240300, in our own words."
        ),
        "counts": (
            "{answered} answered, {partly} partly, {unanswered} unanswered, of {items} items."
        ),
        "item": "Item",
        "asks": "What it asks for",
        "answer": "Answer",
        "place": "Where it stands",
        "partly": "**Partly.** Missing: {needed}",
        "unanswered": "**Unanswered.** Missing: {needed}",
    }
)

_SECTIONS: Final = {
    1: "Title and abstract",
    3: "Introduction",
    5: "Study design",
    7: "Data",
    14: "Reference standard",
    19: "Data partitions",
    21: "Testing data",
    22: "Model",
    25: "Training",
    28: "Evaluation",
    35: "Results: data",
    37: "Results: model performance",
    40: "Discussion",
    42: "Other information",
}
"""Of the items from this number on."""

_TITLES: Final = {
    1: "The kind of AI method is named",
    2: "A summary of design, methods, results and conclusions",
    3: "Background, and the intended use and role",
    4: "Aims, objectives and hypotheses",
    5: "Prospective or retrospective",
    6: "The goal of the study",
    7: "Where the data come from",
    8: "Who and what was included and excluded",
    9: "Preprocessing",
    10: "Which part of the data was used",
    11: "How identifiers were removed",
    12: "How missing data were handled",
    13: "How images were acquired",
    14: "How the reference was obtained",
    15: "Why this reference was chosen",
    16: "Who annotated",
    17: "How the test films were annotated",
    18: "Agreement between and within readers",
    19: "How films were assigned to parts",
    20: "What no two parts share",
    21: "The intended sample size",
    22: "The model in detail",
    23: "Software and packages",
    24: "How weights were initialized",
    25: "How it was trained",
    26: "How the final model was chosen",
    27: "Whether models were combined",
    28: "The metrics",
    29: "Significance and uncertainty",
    30: "Robustness or sensitivity",
    31: "Explainability, and how it was validated",
    32: "Testing on internal data",
    33: "Testing on external data",
    34: "Registration as a clinical trial",
    35: "How many patients were included and excluded",
    36: "Who the patients of each part are",
    37: "Performance with its uncertainty",
    38: "Diagnostic performance with its precision",
    39: "An analysis of what was misclassified",
    40: "Limitations",
    41: "Implications for practice",
    42: "The full protocol or more details",
    43: "Where software, model and data can be had",
    44: "Funding and the funders' role",
}

_NEEDED: Final = {
    1: "A title that names it.",
    2: "An abstract.",
    3: "The scientific or clinical background.",
    4: "What was to be shown, written before the study.",
    5: "How films came to be collected.",
    6: "The authors' goal.",
    7: "Who collected the films, where, when and in what setting.",
    8: "Why each film or patient was left out.",
    9: "How films were made into what the network sees.",
    10: "Which regions or subsets were chosen, and how.",
    11: "How each collection removed them.",
    12: "What was done where a value is unknown.",
    13: "Equipment, views and exposure of each collection.",
    14: "How each label was made: the manifest's column label_origin.",
    15: "Why, and which others there were.",
    16: "Who the readers are, and their training.",
    17: "Who read them, and whether blind to the network.",
    18: "Films read by two readers or twice: thoracle readings agreement.",
    19: "The split and its digest: thoracle data split.",
    20: "A split that is checked by patient and near-duplicate.",
    21: "How many films were planned, and why.",
    22: "A recipe in the bundle.",
    23: "The exact versions: constraints.txt of that version.",
    24: "A recipe in the bundle.",
    25: "A recipe in the bundle.",
    26: "A recipe in the bundle, which others were tried, and on which films one was chosen.",
    27: "A recipe in the bundle.",
    28: "An evaluation: thoracle evaluate --attach.",
    29: "An evaluation: thoracle evaluate --attach.",
    30: "An audit: thoracle audit --attach.",
    31: "Whether maps can be believed: thoracle audit --attach.",
    32: "An evaluation of the test part: thoracle evaluate --attach.",
    33: "An evaluation of this very network on films of a hospital that it has not seen.",
    34: "A registration number, or that there is none.",
    35: "A flow of films and patients.",
    36: "Age, sex and findings of each part: thoracle data audit.",
    37: "An evaluation: thoracle evaluate --attach.",
    38: "An evaluation with thresholds: thoracle evaluate --attach.",
    39: "A reading of the misclassified films that thoracle evaluate shows.",
    40: "What the authors know of them.",
    41: "What a reader should do with a result, and should not.",
    42: "A recipe in the bundle.",
    43: "Who may use them, and where they are.",
    44: "Who paid, and what for.",
}

CLAIM_ITEMS: Final = tuple(
    ClaimItem(
        number=number,
        section=_SECTIONS[max(first for first in _SECTIONS if first <= number)],
        title=title,
        needed=_NEEDED[number],
    )
    for number, title in _TITLES.items()
)
