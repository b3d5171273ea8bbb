"""What a manifest holds, and what is wrong with it or its split: tables, groups, leaks."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from thoracle.datasets.duplicates import DuplicatePair, group_films
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import DROPPED, NAMES, Split

UNKNOWN = "unknown"
LARGEST_GROUPS = 10
_AGE_EDGES = (0, 5, 18, 40, 60, 80)  # years; the last band is open


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of counts: a title, column names, and rows of texts and counts."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A patient, or a chain of near-duplicates, that stands in more than one split."""

    what: str
    splits: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Films that stay together, and the patients they are said to be of."""

    name: str
    films: int
    patients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFigures:
    """Everything that an audit counts.

    `conflicts` are near-duplicates whose labels contradict each other.
    """

    tables: tuple[Table, ...]
    leaks: tuple[Leak, ...]
    largest_groups: tuple[Group, ...]
    groups: int
    conflicts: tuple[DuplicatePair, ...]
    ages_by_source: dict[str, tuple[float, ...]]


def audit_manifest(
    manifest: Manifest, pairs: Sequence[DuplicatePair], split: Split | None
) -> AuditFigures:
    """Count a manifest's films, and find groups that a split tears apart.

    Parameters
    ----------
    manifest
        The films.
    pairs
        Its near-duplicates.
    split
        A split of this manifest, None when there is none yet.
    """
    groups = group_films(manifest, pairs)
    ages: dict[str, list[float]] = defaultdict(list)
    for film in manifest.films:
        if film.age_years is not None:
            ages[film.source].append(film.age_years)
    return AuditFigures(
        tables=_tables(manifest.films, pairs, split),
        leaks=() if split is None else find_leaks(manifest, split, pairs),
        largest_groups=_largest(manifest.films, groups),
        groups=len(set(groups.values())),
        conflicts=_conflicts(manifest.films, pairs),
        ages_by_source={source: tuple(sorted(years)) for source, years in sorted(ages.items())},
    )


def find_leaks(
    manifest: Manifest, split: Split, pairs: Iterable[DuplicatePair]
) -> tuple[Leak, ...]:
    """Return every patient, and every group beyond single patients, that is in two splits."""
    names = split.by_path()
    by_patient: dict[str, list[str]] = defaultdict(list)
    for film in manifest.films:
        if film.patient is not None:
            by_patient[film.patient].append(film.path)
    by_group: dict[str, list[str]] = defaultdict(list)
    for path, group in group_films(manifest, pairs).items():
        by_group[group].append(path)
    leaks = [_leak(f"patient {patient}", paths, names) for patient, paths in by_patient.items()]
    leaks += [_leak(f"near-duplicates of {name}", paths, names) for name, paths in by_group.items()]
    return tuple(leak for leak in leaks if len(leak.splits) > 1)


def age_band(film: Film) -> str:
    """Name the age band of a film; a child or adult of unknown age keeps that much."""
    if film.age_years is None:
        return f"{UNKNOWN} ({film.population})" if film.population != UNKNOWN else UNKNOWN
    lower = max(edge for edge in _AGE_EDGES if edge <= film.age_years)
    if lower == _AGE_EDGES[-1]:
        return f"{lower}+"
    upper = _AGE_EDGES[_AGE_EDGES.index(lower) + 1] - 1
    return f"{lower}–{upper}"


def _leak(what: str, paths: list[str], names: dict[str, str]) -> Leak:
    used = {names[path] for path in paths if path in names} - {DROPPED}
    return Leak(what=what, splits=tuple(sorted(used)), paths=tuple(paths))


def _tables(
    films: Sequence[Film], pairs: Sequence[DuplicatePair], split: Split | None
) -> tuple[Table, ...]:
    tables = [
        _cross("Label by source", films, _label, _source),
        _cross("Age in years by source", films, age_band, _source),
        _cross("Label by age in years", films, _label, age_band),
        _cross("View by source", films, _view, _source),
        _cross("Sex by source", films, lambda film: film.sex or UNKNOWN, _source),
        _cross("Label by view", films, _label, _view),
        _full_cross(films),
        _pair_table(films, pairs),
    ]
    if split is not None:
        names = split.by_path()
        order = [name for name in NAMES if name in set(names.values())]
        tables.insert(
            0,
            _cross(
                "Source and finding by split",
                films,
                lambda film: f"{film.source} · {film.finding or 'undecided'}",
                lambda film: names.get(film.path, "none"),
                columns=order,
            ),
        )
    return tuple(tables)


def _cross(
    title: str,
    films: Sequence[Film],
    row_of: Callable[[Film], str],
    column_of: Callable[[Film], str],
    columns: Sequence[str] | None = None,
) -> Table:
    counts = Counter((row_of(film), column_of(film)) for film in films)
    names = list(columns or sorted({column for _, column in counts}))
    rows: list[tuple[str | int, ...]] = [
        (row, *(counts[row, name] for name in names), sum(counts[row, name] for name in names))
        for row in sorted({row for row, _ in counts})
    ]
    return Table(title=title, columns=("", *names, "all"), rows=tuple(rows))


def _full_cross(films: Sequence[Film]) -> Table:
    counts = Counter((_label(film), film.source, age_band(film), _view(film)) for film in films)
    return Table(
        title="Label, source, age and view together",
        columns=("label", "source", "age", "view", "films"),
        rows=tuple((*key, count) for key, count in sorted(counts.items())),
    )


def _pair_table(films: Sequence[Film], pairs: Sequence[DuplicatePair]) -> Table:
    source = {film.path: film.source for film in films}
    patient = {film.path: film.patient for film in films}
    counts: Counter[tuple[str, str, str]] = Counter()
    for pair in pairs:
        between = " – ".join(sorted((source[pair.a], source[pair.b])))
        is_same = patient[pair.a] is not None and patient[pair.a] == patient[pair.b]
        counts[between, str(pair.kind), "one patient" if is_same else "not known as one"] += 1
    return Table(
        title="Near-duplicates",
        columns=("sources", "kind", "patients in the manifest", "pairs"),
        rows=tuple((*key, count) for key, count in sorted(counts.items())),
    )


def _largest(films: Sequence[Film], groups: dict[str, str]) -> tuple[Group, ...]:
    sizes = Counter(groups.values())
    patients: dict[str, set[str]] = defaultdict(set)
    for film in films:
        if film.patient is not None:
            patients[groups[film.path]].add(film.patient)
    return tuple(
        Group(name=name, films=size, patients=len(patients[name]))
        for name, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[
            :LARGEST_GROUPS
        ]
    )


def _conflicts(films: Sequence[Film], pairs: Sequence[DuplicatePair]) -> tuple[DuplicatePair, ...]:
    possible = {film.path: film.possible for film in films}
    return tuple(
        pair
        for pair in pairs
        if possible[pair.a] and possible[pair.b] and not possible[pair.a] & possible[pair.b]
    )


def _label(film: Film) -> str:
    return film.label or UNKNOWN


def _source(film: Film) -> str:
    return film.source


def _view(film: Film) -> str:
    return "CT" if film.modality == "CT" else film.view or UNKNOWN
