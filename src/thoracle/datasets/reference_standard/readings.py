"""Several readers of one X-ray: what they say together, and how well they agree."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from thoracle.datasets.reference_standard.plan import ReadersPart, SeveralReaders, plain_word
from thoracle.datasets.reference_standard.types import Vote, XRay
from thoracle.evaluation.agreement import cohen_kappa
from thoracle.evaluation.estimate import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderPair:
    """Two readers who read the same X-rays; they are called A, B … in the order of their names.

    `xrays` both read; on `disagreements` of them they differ.
    """

    readers: tuple[str, str]
    xrays: int
    disagreements: int
    kappa: Estimate


def reading_of(xray: XRay, readers: ReadersPart) -> bool | None:
    """Return whether an X-ray was read positive, None where its readers do not decide it.

    A consensus reader's word is final. Else a majority is more than half of all votes, of which
    "uncertain" is one; unanimous means that all say the same.
    """
    final = {plain_word(name) for name in readers.consensus}
    votes = [vote for reader, vote in xray.votes if plain_word(reader) in final]
    votes = votes or [vote for _, vote in xray.votes]
    needed = len(votes) if readers.several is SeveralReaders.UNANIMOUS else len(votes) // 2 + 1
    counts = Counter(votes)
    if counts[Vote.POSITIVE] >= needed:
        return True
    return False if counts[Vote.NEGATIVE] >= needed else None


def _votes(xrays: Iterable[XRay], readers: ReadersPart) -> list[dict[str, Vote]]:
    """Return each X-ray's votes by reader, consensus left out."""
    final = {plain_word(name) for name in readers.consensus}
    return [
        {name: vote for name, vote in one.votes if plain_word(name) not in final} for one in xrays
    ]


def _pair(letters: tuple[str, str], mine: Sequence[Vote], theirs: Sequence[Vote]) -> ReaderPair:
    return ReaderPair(
        readers=letters,
        xrays=len(mine),
        disagreements=sum(a is not b for a, b in zip(mine, theirs, strict=True)),
        kappa=cohen_kappa(mine, theirs),
    )


def reader_pairs(xrays: Iterable[XRay], readers: ReadersPart) -> tuple[ReaderPair, ...]:
    """Return Cohen's kappa of every two readers with X-rays in common, consensus left out.

    Parameters
    ----------
    xrays
        With the votes of each reader.
    readers
        Who is a consensus and no reader.
    """
    votes = _votes(xrays, readers)
    names = sorted(set().union(*votes))
    letters = {name: _letter(index) for index, name in enumerate(names)}
    pairs = []
    for one, other in combinations(names, 2):
        both = [each for each in votes if one in each and other in each]
        if both:
            mine, theirs = ([each[name] for each in both] for name in (one, other))
            pairs.append(_pair((letters[one], letters[other]), mine, theirs))
    return tuple(pairs)


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else str(index + 1)
