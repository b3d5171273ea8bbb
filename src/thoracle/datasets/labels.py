"""Labels of a film with partial knowledge kept: the set of labels that are still possible."""

from collections.abc import Mapping
from enum import StrEnum

from thoracle.core.errors import ManifestError


class Label(StrEnum):
    """What a film can be labeled as, harmonized over collections."""

    NORMAL = "normal"
    BACTERIAL = "bacterial"
    VIRAL = "viral"
    COVID_19 = "covid-19"
    OTHER = "other"


Labels = frozenset[Label]

UNKNOWN: Labels = frozenset()
NORMAL: Labels = frozenset({Label.NORMAL})
BACTERIAL: Labels = frozenset({Label.BACTERIAL})
VIRAL: Labels = frozenset({Label.VIRAL})
COVID_19: Labels = frozenset({Label.COVID_19})
OTHER: Labels = frozenset({Label.OTHER})
OPACITY: Labels = BACTERIAL | VIRAL | OTHER
"""Any opacity of a film known not to be COVID-19, for instance by its date."""
ANY_PNEUMONIA: Labels = OPACITY | COVID_19
"""Any opacity of a film from a time when COVID-19 was possible."""

WORDS: Mapping[str, Labels] = {
    "normal": NORMAL,
    "no finding": NORMAL,
    "healthy": NORMAL,
    "bacterial": BACTERIAL,
    "bacteria": BACTERIAL,
    "bacterial pneumonia": BACTERIAL,
    "viral": VIRAL,
    "virus": VIRAL,
    "viral pneumonia": VIRAL,
    "covid-19": COVID_19,
    "covid 19": COVID_19,
    "covid19": COVID_19,
    "covid": COVID_19,
    "other": OTHER,
    "other pneumonia/opacity": OTHER,
    "pneumonia": ANY_PNEUMONIA,
    "lung opacity": OPACITY,
    "other lung opacity": OPACITY,
    "unknown": UNKNOWN,
    "unlabeled": UNKNOWN,
}
"""Words for classes in use, in small letters, with spaces for underscores."""

NO_FINDING = "No finding"
OTHER_LUNG_OPACITY = "Other lung opacity"
COVID_19_FINDING = "COVID-19"
FINDINGS = (NO_FINDING, OTHER_LUNG_OPACITY, COVID_19_FINDING)


def parse_label(text: str) -> Labels:
    """Read a manifest's label text, "|" between labels that are all still possible.

    Parameters
    ----------
    text
        For instance "normal" or "bacterial|viral", in letters of either case; "" means unknown.

    Returns
    -------
    frozenset of Label
        Empty when the label is unknown.

    Raises
    ------
    ManifestError
        A part is not one of the five labels.

    Examples
    --------
    >>> sorted(parse_label("viral|bacterial"))
    [<Label.BACTERIAL: 'bacterial'>, <Label.VIRAL: 'viral'>]
    """
    parts = [part.strip() for part in text.split("|")] if text.strip() else []
    try:
        return frozenset(Label(part.lower()) for part in parts)
    except ValueError:
        expected = ", ".join(Label)
        raise ManifestError(
            f'Label "{text}" is not understood; expected one or more of {expected}, joined by "|", '
            "or an empty cell for unknown. Correct the manifest's label column.",
            code="label-unknown",
        ) from None


def labels_of_words(text: str) -> Labels:
    """Read the name of a class as people write it, or a label text.

    Parameters
    ----------
    text
        One of `WORDS` in letters of either case, or what `parse_label` reads; a word for nothing
        known, such as "unlabeled", means unknown. Anything else is a ManifestError.
    """
    known = WORDS.get(" ".join(text.lower().replace("_", " ").split()))
    return parse_label(text) if known is None else known


def label_text(possible: Labels) -> str:
    """Write a set of labels as the manifest does: sorted, "|" between, "" for unknown."""
    return "|".join(sorted(possible))


def finding_of(possible: Labels) -> str | None:
    """Name the classifier's finding that a set of labels stands for.

    Returns
    -------
    str or None
        "No finding", "Other lung opacity" (bacterial, viral, other or any mixture of only
        these) or "COVID-19"; None when the label is unknown or spans two findings.
    """
    if not possible:
        return None
    if possible == NORMAL:
        return NO_FINDING
    if possible == COVID_19:
        return COVID_19_FINDING
    return OTHER_LUNG_OPACITY if possible <= OPACITY else None


def is_abnormal(possible: Labels) -> bool | None:
    """Say whether a label is surely abnormal, surely normal, or neither (None)."""
    if not possible:
        return None
    if Label.NORMAL not in possible:
        return True
    return False if possible == NORMAL else None
