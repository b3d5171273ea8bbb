"""The scans of a CT retraining: the champion's own and the corrected ones, whole patients apart."""

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from thoracle.core.errors import ManifestError
from thoracle.core.files import sha256_of, sha256_of_file
from thoracle.datasets.ct_cases import CtCase, read_case, read_cases
from thoracle.inference.bundle import Bundle
from thoracle.jobs.ct_queue import learned_cases, write_cases
from thoracle.jobs.evaluate_ct import learned_patients

LEARNED: Final = "learned-already"
BETWEEN: Final = "between-parts"


@dataclass(frozen=True, slots=True, kw_only=True)
class CtRetrainingCases:
    """All scans of a retraining and what becomes of them.

    `learn` holds the champion's scans and the corrected ones that are learned from, `held_out`
    those that judge; `corrected` names the corrected ones among both. `left_out` counts corrected
    scans that are in neither, by reason.
    """

    learn: tuple[CtCase, ...]
    held_out: tuple[CtCase, ...]
    corrected: frozenset[str]
    left_out: Mapping[str, int]

    @property
    def everybody(self) -> tuple[CtCase, ...]:
        """All scans that are used."""
        return (*self.learn, *self.held_out)

    @property
    def judges(self) -> tuple[str, ...]:
        """The patients who judge."""
        return tuple(sorted({one.patient for one in self.held_out}))


def need_own_cases(champion: Bundle, former: Sequence[CtCase]) -> None:
    """Refuse scans that are not those a champion was trained on.

    With others, what it knows would be forgotten, and nobody knows whom it has seen.

    Parameters
    ----------
    champion
        Its description names its scans and patients.
    former
        The scans given.

    Raises
    ------
    ManifestError
        One of its scans is missing, is of another patient, or the bundle names none.
    """
    own, patients = learned_cases(champion), set(learned_patients(champion))
    given = {one.name: one.patient for one in former}
    lacking = [name for name in own if given.get(name) not in patients]
    if lacking or not own:
        raise ManifestError(
            f"found no {lacking[0] if lacking else 'name of a case'} among the labeled scans given "
            f"– expected all that {champion.name} {champion.version} learned from: "
            f"{', '.join(own) or 'its bundle names none'}. Give their folder with --cases; after a "
            "promotion it is the folder cases of that retraining.",
            code="champion-other-cases",
        )


def retraining_cases(
    former: Sequence[CtCase],
    corrected: Sequence[CtCase],
    champion: Bundle,
    *,
    held_out: float,
    seed: int,
) -> CtRetrainingCases:
    """Give each corrected scan its part: learned from, or judging.

    Parameters
    ----------
    former
        The champion's scans, and others of patients it never saw, who judge.
    corrected
        Of the store or a folder. A scan with the same voxels as another is of the same patient,
        whatever its row says, and takes the place of an older correction of it.
    champion
        Says whom it learned from.
    held_out
        Share of new patients who judge; rounded, and nobody where only one is new.
    seed
        Draws them.

    Returns
    -------
    CtRetrainingCases
        No patient is in both parts. A scan whose patient nobody knows is learned from and never
        judges.
    """
    learned = set(learned_patients(champion))
    parts = {one.patient: one.patient in learned for one in former}
    digests = {one.image: voxels_sha256(one) for one in (*former, *corrected)}
    known = learned_cases(champion)
    fresh = [one for one in corrected if one.name not in known]
    named, torn = _one_name_each(former, fresh, digests, parts)
    parts |= _parts_of_new(named, parts, held_out, seed)
    placed = (*_not_replaced(former, named, digests), *named)
    _need_own_names(placed)
    left_out = Counter({LEARNED: len(corrected) - len(fresh), BETWEEN: torn})
    found = CtRetrainingCases(
        learn=tuple(one for one in placed if parts[one.patient]),
        held_out=tuple(one for one in placed if not parts[one.patient]),
        corrected=frozenset(one.name for one in named),
        left_out=+left_out,
    )
    _need_news(found)
    return found


def gather_cases(cases: CtRetrainingCases, folder: Path) -> CtRetrainingCases:
    """Bring all scans of a retraining into one folder, from which the next one goes on.

    Parameters
    ----------
    cases
        From `retraining_cases`.
    folder
        Gets `cases.csv` and the files, linked where the disk can.

    Returns
    -------
    CtRetrainingCases
        The same, its files in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for one in cases.everybody:
        for source, kind in ((one.image, "image"), (one.labels, "labels")):
            _linked(source, folder / f"{one.name}_{kind}.nii.gz")
    write_cases(cases.everybody, folder)
    found = {one.name: one for one in read_cases(folder)}
    return replace(
        cases,
        learn=tuple(found[one.name] for one in cases.learn),
        held_out=tuple(found[one.name] for one in cases.held_out),
    )


def digest_of(cases: Sequence[CtCase]) -> str:
    """Return a digest of labeled scans: names, patients, units, and the bytes of their files."""
    rows = [
        f"{one.name},{one.patient},{one.is_hu},{sha256_of_file(one.image)},"
        f"{sha256_of_file(one.labels)}"
        for one in sorted(cases, key=lambda one: one.name)
    ]
    return sha256_of("\n".join(rows).encode("utf-8"))


def voxels_sha256(case: CtCase) -> str:
    """Return a digest of a scan's voxels and shape: the same however its file is packed."""
    hu = read_case(case).scan.hu
    digest = hashlib.sha256(f"{hu.shape}".encode())
    digest.update(hu.tobytes())
    return digest.hexdigest()


def _one_name_each(
    former: Sequence[CtCase],
    corrected: Sequence[CtCase],
    digests: Mapping[Path, str],
    parts: Mapping[str, bool],
) -> tuple[list[CtCase], int]:
    """Call patients who share a scan by one name; count scans of those who would tear two parts."""
    mates = _mates([(one.patient, digests[one.image]) for one in (*former, *corrected)])
    kept, torn = [], 0
    for one in corrected:
        known = sorted(name for name in mates[one.patient] if name in parts)
        if len({parts[name] for name in known}) > 1:
            torn += 1
        else:
            kept.append(replace(one, patient=known[0] if known else min(mates[one.patient])))
    return kept, torn


def _mates(scans: Sequence[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Return for each patient all who are the same person, since scans of theirs are the same."""
    mates = {patient: frozenset({patient}) for patient, _ in scans}
    owner: dict[str, str] = {}
    for patient, digest in scans:
        joined = mates[patient] | mates[owner.setdefault(digest, patient)]
        mates |= dict.fromkeys(joined, joined)
    return mates


def _parts_of_new(
    cases: Sequence[CtCase], parts: Mapping[str, bool], share: float, seed: int
) -> dict[str, bool]:
    """Return of each patient whom nobody placed yet whether to learn from, not to be judged by."""
    new = {one.patient: one.has_patient for one in cases if one.patient not in parts}
    judges = _drawn([name for name in new if new[name]], share, seed)
    return {name: name not in judges for name in new}


def _not_replaced(
    former: Sequence[CtCase], corrected: Sequence[CtCase], digests: Mapping[Path, str]
) -> Iterator[CtCase]:
    """Yield the former scans but for corrections that were corrected again."""
    replaced = {digests[one.image] for one in corrected}
    for one in former:
        if one.reader is None or digests[one.image] not in replaced:
            yield one


def _need_news(found: CtRetrainingCases) -> None:
    """Refuse a retraining that has nothing new to learn from.

    Raises
    ------
    ManifestError
        There is none.
    """
    if not found.corrected & {one.name for one in found.learn}:
        said = ", ".join(f"{count} {why}" for why, count in found.left_out.items())
        raise ManifestError(
            f"found no corrected scan to learn from (left out: {said or 'none'}) – expected one "
            "that the network in use has not learned from, of a patient who is not held out. "
            "Correct more masks first.",
            code="corrections-no-news",
        )


def _need_own_names(cases: Sequence[CtCase]) -> None:
    """Refuse two scans of one name.

    Raises
    ------
    ManifestError
        There are such.
    """
    name, count = Counter(one.name for one in cases).most_common(1)[0]
    if count > 1:
        raise ManifestError(
            f"found {count} scans named {name!r} – expected a name of its own for each, the "
            "champion's and the corrected ones together. Rename one.",
            code="ct-cases",
        )


def _drawn(patients: Sequence[str], share: float, seed: int) -> set[str]:
    """Return the patients of a share, by a digest of their names: no order of files matters."""
    ranked = sorted(patients, key=lambda name: sha256_of(f"{seed}:{name}".encode()))
    count = min(max(1, round(share * len(ranked))), len(ranked) - 1)
    return set(ranked[: max(0, count)])


def _linked(source: Path, target: Path) -> None:
    if target.exists():
        return
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        os.link(source, partial)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, partial)
    partial.replace(target)
