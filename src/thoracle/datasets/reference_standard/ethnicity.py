"""One group for each person: prioritized output, as New Zealand's health sector reports it."""

from collections.abc import Mapping, Sequence

from thoracle.datasets.reference_standard.cells import Row
from thoracle.datasets.reference_standard.plan import UNKNOWN_WORD, plain_word

_SEPARATOR = ";"


def prioritized(row: Row, meanings: Mapping[str, str], order: Sequence[str]) -> str | None:
    """Return the first group in the plan's order to which a person belongs.

    Parameters
    ----------
    row
        Its cell `ethnicity` holds names or codes, with ";" between several.
    meanings
        From words to groups.
    order
        Groups, the first counts.

    Returns
    -------
    str or None
        None where none is stated.

    References
    ----------
    HISO 10001:2017, Ethnicity Data Protocols, Ministry of Health, New Zealand, prioritised output:
    Maori, Pacific Peoples, Asian, Middle Eastern/Latin American/African, Other, European.
    """
    text = row.text("ethnicity")
    if text is None:
        return None
    groups = {meanings.get(plain_word(part)) for part in text.split(_SEPARATOR) if part.strip()}
    if None in groups:
        row.fault(
            "ethnicity",
            "a word that the plan does not know",
            'words of words.ethnicity, ";" between several',
            "Correct it, or say in the plan what it means",
        )
    known = [group for group in order if group in groups - {UNKNOWN_WORD}]
    return known[0] if known else None
