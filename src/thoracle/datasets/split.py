"""Splits by patient and duplicate group, stratified, with a digest; and checks that none leaks."""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thoracle.core.errors import SplitError
from thoracle.core.files import write_atomically
from thoracle.datasets.duplicates import LOOKALIKE_MIN, DuplicatePair, group_films, read_pairs
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest, companion_path, csv_bytes

TRAIN, TUNE, CALIBRATE, TEST = "train", "tune", "calibrate", "test"
EXTERNAL = "external"
DROPPED = "dropped"
"""Films left out of everything: tied by patient or duplicate to a left-out source."""
NAMES = (TRAIN, TUNE, CALIBRATE, TEST, EXTERNAL, DROPPED)
DEFAULT_FRACTIONS: Mapping[str, float] = {TRAIN: 0.60, TUNE: 0.12, CALIBRATE: 0.13, TEST: 0.15}
OFFICIAL_TEST = "test_or_val"
_COLUMNS = ("path", "group", "split")


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRow:
    """One film's place: its path in the manifest, its group, its split."""

    path: str
    group: str
    split: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Every film of one manifest in one split each."""

    rows: tuple[SplitRow, ...]
    manifest_digest: str
    seed: int
    duplicate_threshold: float

    @property
    def digest(self) -> str:
        """SHA-256 over rows, manifest digest, seed and threshold, 64 hex digits."""
        lines = sorted(f"{row.path}\t{row.group}\t{row.split}" for row in self.rows)
        head = f"{self.manifest_digest}\t{self.seed}\t{self.duplicate_threshold:g}"
        return hashlib.sha256("\n".join([head, *lines]).encode()).hexdigest()

    @property
    def dropped(self) -> tuple[str, ...]:
        """Paths of the films that a left-out source took with it."""
        return tuple(row.path for row in self.rows if row.split == DROPPED)

    def by_path(self) -> dict[str, str]:
        """Map each film's path to its split."""
        return {row.path: row.split for row in self.rows}

    def films(self, manifest: Manifest, name: str) -> tuple[Film, ...]:
        """Return the manifest's films of one split, in the manifest's order.

        Raises
        ------
        SplitError
            There is no split of that name, or the manifest is another one.
        """
        if name not in NAMES:
            raise SplitError(f'There is no split "{name}"; expected one of {", ".join(NAMES)}.')
        _check_digest(manifest, self)
        names = self.by_path()
        return tuple(film for film in manifest.films if names[film.path] == name)


def make_split(
    manifest: Manifest,
    pairs: Sequence[DuplicatePair],
    fractions: Mapping[str, float],
    seed: int,
    *,
    use_official: bool = False,
) -> Split:
    """Part a manifest by group, so that every source and label is shared out alike.

    Parameters
    ----------
    manifest
        All of its films get a split.
    pairs
        Near-duplicates; with patients they make the groups.
    fractions
        Share of films per split name; if they do not add up to 1 this is a SplitError.
    seed
        Makes the split repeat.
    use_official
        Put every group with a film of a collection's own test set into test.
    """
    _check_fractions(fractions)
    groups = group_films(manifest, pairs)
    fixed = _official_tests(manifest, groups) if use_official else {}
    assigned = _share_out(manifest.films, groups, fractions, fixed, seed)
    return _split_of(manifest, groups, assigned, seed)


def leave_out(
    manifest: Manifest,
    pairs: Sequence[DuplicatePair],
    fractions: Mapping[str, float],
    seed: int,
    *,
    sources: Collection[str] = (),
    sites: Collection[str] = (),
) -> Split:
    """Make some sources, or some sites or publishers, external and part the rest.

    Films elsewhere that share a patient or a duplicate with the left-out ones are in
    neither: their split is "dropped".

    Not exactly one of sources and sites, one of them that matches no film, all of them matching
    every film, and fractions that do not add up to 1 are a SplitError.
    """
    _check_fractions(fractions)
    left_out = _left_out(manifest, sources, sites)
    groups = group_films(manifest, pairs)
    touched = {groups[path] for path in left_out}
    rest = [film for film in manifest.films if groups[film.path] not in touched]
    assigned = _share_out(rest, groups, fractions, {}, seed)
    rows = tuple(
        SplitRow(
            path=film.path,
            group=groups[film.path],
            split=EXTERNAL if film.path in left_out else assigned.get(groups[film.path], DROPPED),
        )
        for film in manifest.films
    )
    return Split(
        rows=rows,
        manifest_digest=manifest.digest,
        seed=seed,
        duplicate_threshold=LOOKALIKE_MIN,
    )


def _left_out(manifest: Manifest, sources: Collection[str], sites: Collection[str]) -> set[str]:
    """Return the paths of the films that sources or sites match.

    Raises
    ------
    SplitError
        Both or neither are given, one matches no film, or they match every film.
    """
    if bool(sources) == bool(sites):
        raise SplitError("Give either sources or sites to leave out, exactly one of them.")
    left_out: set[str] = set()
    for name in sources or sites:
        matched = {
            film.path
            for film in manifest.films
            if (film.source == name if sources else film.is_from(name))
        }
        left_out |= matched
        if not matched:
            raise SplitError(
                f'"{name}" matches none of {len(manifest.films)} films, expected some. Use a '
                "source, site or publisher as the manifest writes it."
            )
    if len(left_out) == len(manifest.films):
        raise SplitError(
            f"{', '.join(sources or sites)} match all {len(left_out)} films, expected some to be "
            "left. Leave fewer out."
        )
    return left_out


def check_split(manifest: Manifest, split: Split, pairs: Iterable[DuplicatePair]) -> None:
    """Refuse a split that leaks or does not belong to the manifest.

    Raises
    ------
    SplitError
        The digest differs, a film has no row or a row no film, a name is unknown, or a
        patient, a duplicate pair or a chain of them stands in two splits.
    """
    _check_digest(manifest, split)
    names = split.by_path()
    expected = {film.path for film in manifest.films}
    if odd := sorted(expected ^ set(names)) or _repeated(split):
        raise SplitError(
            f"{odd[0]} and {len(odd) - 1} more films do not stand exactly once in manifest and "
            "split. Make the split again with `thoracle data split`."
        )
    if unknown := sorted(set(names.values()) - set(NAMES)):
        raise SplitError(f'Split "{unknown[0]}" is unknown; expected {", ".join(NAMES)}.')
    for group, members in _members(group_films(manifest, pairs)).items():
        used = sorted({names[path] for path in members} - {DROPPED})
        if len(used) > 1:
            raise SplitError(
                f"One group of {len(members)} films (patient or near-duplicates, first "
                f"{group}) stands in {' and '.join(used)}; expected one split. Make the split "
                "again with `thoracle data split`.",
                code="split-leak",
            )


def write_split(split: Split, path: Path) -> None:
    """Write a split as CSV, and a companion with digest, manifest digest, seed and threshold."""
    rows = [{"path": row.path, "group": row.group, "split": row.split} for row in split.rows]
    write_atomically(path, csv_bytes(rows, _COLUMNS))
    companion = {
        "manifest_digest": split.manifest_digest,
        "seed": split.seed,
        "duplicate_threshold": split.duplicate_threshold,
        "digest": split.digest,
        "films": Counter(row.split for row in split.rows),
    }
    write_atomically(companion_path(path), (json.dumps(companion, indent=2) + "\n").encode())


def read_split(path: Path) -> Split:
    """Read a split and make sure that it is the one that was written.

    Raises
    ------
    SplitError
        A file is missing or malformed, or the rows were changed after writing.
    """
    for needed in (path, companion_path(path)):
        if not needed.is_file():
            raise SplitError(
                f"found no file {needed} – expected a split and its .json, as `thoracle data "
                "split` writes them. Make the split again, or correct the path.",
                code="split-missing",
            )
    try:
        companion = json.loads(companion_path(path).read_text(encoding="utf-8"))
        with path.open(encoding="utf-8", newline="") as stream:
            rows = tuple(
                SplitRow(path=row["path"], group=row["group"], split=row["split"])
                for row in csv.DictReader(stream)
            )
        split = Split(
            rows=rows,
            manifest_digest=str(companion["manifest_digest"]),
            seed=int(companion["seed"]),
            duplicate_threshold=float(companion["duplicate_threshold"]),
        )
        digest = companion["digest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SplitError(
            f"{path} cannot be read as a split ({error}); expected the CSV and its .json as "
            "`thoracle data split` writes them. Make the split again."
        ) from None
    if digest != split.digest:
        raise SplitError(
            f"{path} has digest {split.digest[:12]}, but was written with {str(digest)[:12]}: it "
            "was changed. Make the split again with `thoracle data split`.",
            code="split-altered",
        )
    return split


def read_checked_split(path: Path, manifest: Manifest) -> Split:
    """Read a split and make sure that it is the manifest's own and does not leak.

    The near-duplicates beside it are checked too where they are. A split that cannot be read, was
    changed, belongs to another manifest, or leaks, is a SplitError.
    """
    split, beside = read_split(path), duplicates_beside(path)
    pairs = read_pairs(beside, manifest_digest=split.manifest_digest) if beside.is_file() else ()
    check_split(manifest, split, pairs)
    return split


def duplicates_beside(split: Path) -> Path:
    """Return where the near-duplicates lie that a split was made with."""
    return split.with_suffix(".duplicates.csv")


def _share_out(
    films: Iterable[Film],
    groups: Mapping[str, str],
    fractions: Mapping[str, float],
    fixed: Mapping[str, str],
    seed: int,
) -> dict[str, str]:
    """Give each group to the split that lacks its strata most, large groups first."""
    strata: dict[str, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for film in films:
        strata[groups[film.path]][_stratum(film)] += 1
        totals[_stratum(film)] += 1
    wanted = {
        name: {key: share * total for key, total in totals.items()}
        for name, share in fractions.items()
    }
    missing = {name: dict(counts) for name, counts in wanted.items()}
    order = np.random.default_rng(seed).permutation(sorted(strata))
    assigned: dict[str, str] = {}
    for group in sorted((str(one) for one in order), key=lambda one: -strata[one].total()):
        counts = strata[group]
        name = fixed.get(group) or _neediest(counts, missing, wanted)
        assigned[group] = name
        for key, count in counts.items():
            missing[name][key] -= count
    return assigned


def _neediest(
    counts: Mapping[str, int],
    missing: Mapping[str, Mapping[str, float]],
    wanted: Mapping[str, Mapping[str, float]],
) -> str:
    """Return the split whose missing share of these strata is largest, the first of equals."""

    def need(name: str) -> float:
        return sum(count * missing[name][key] / wanted[name][key] for key, count in counts.items())

    return max(missing, key=need)


def _stratum(film: Film) -> str:
    return f"{film.source} · {film.label} · {film.modality}"


def _official_tests(manifest: Manifest, groups: Mapping[str, str]) -> dict[str, str]:
    return {
        groups[film.path]: TEST for film in manifest.films if film.official_split == OFFICIAL_TEST
    }


def _split_of(
    manifest: Manifest, groups: Mapping[str, str], assigned: Mapping[str, str], seed: int
) -> Split:
    rows = tuple(
        SplitRow(path=film.path, group=groups[film.path], split=assigned[groups[film.path]])
        for film in manifest.films
    )
    return Split(
        rows=rows,
        manifest_digest=manifest.digest,
        seed=seed,
        duplicate_threshold=LOOKALIKE_MIN,
    )


def _check_fractions(fractions: Mapping[str, float]) -> None:
    unknown = sorted(set(fractions) - {TRAIN, TUNE, CALIBRATE, TEST})
    if unknown:
        raise SplitError(
            f'Fractions name "{unknown[0]}", expected some of train, tune, calibrate and test.'
        )
    total = sum(fractions.values())
    if abs(total - 1) > 1e-6 or min(fractions.values(), default=0) <= 0:  # 1e-6: rounding
        raise SplitError(
            f"Fractions are {dict(fractions)} and add up to {total:g}; expected positive shares "
            "that add up to 1."
        )


def _check_digest(manifest: Manifest, split: Split) -> None:
    if manifest.digest != split.manifest_digest:
        raise SplitError(
            f"The split belongs to manifest {split.manifest_digest[:12]}, but this one is "
            f"{manifest.digest[:12]}. Use the manifest it was made from, or split again.",
            code="split-other-manifest",
        )


def _repeated(split: Split) -> list[str]:
    counts = Counter(row.path for row in split.rows)
    return [path for path, count in counts.items() if count > 1]


def _members(groups: Mapping[str, str]) -> dict[str, list[str]]:
    members: dict[str, list[str]] = defaultdict(list)
    for path, group in groups.items():
        members[group].append(path)
    return members
