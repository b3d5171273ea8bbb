"""Which films an evaluation judges, and what it leaves behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from thoracle.core.errors import EvaluationError
from thoracle.core.files import sha256_of_file, write_atomically
from thoracle.core.progress import Progress, no_progress
from thoracle.core.version import version
from thoracle.datasets.film import Film
from thoracle.datasets.manifest import Manifest
from thoracle.datasets.split import TEST, read_checked_split
from thoracle.evaluation.options import EvaluationOptions
from thoracle.inference.bundle import Bundle

SEED = 0  # of every bootstrap; the same films give the same intervals.


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationScope:
    """Which films of a manifest are judged, and what the evaluation is called.

    `splits` maps paths to splits; with it only films of `part` are judged. `split_sha256` is
    that of the split's file; `with_split` gives both. `sources`, `sites` and
    `populations` empty mean all. `collections` is the folder above the gate's collections.
    `covariates` is a table of BMI, ethnicity, age and sex; `half_width` is how well figures are
    wanted, half an interval; one not between 0 and 0.5 is an EvaluationError. `on_progress` is
    told of each film.
    """

    name: str
    manifest: Manifest
    splits: dict[str, str] | None = None
    split_sha256: str | None = None
    part: str = TEST
    sources: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()
    collections: Path | None = None
    covariates: Path | None = None
    half_width: float = 0.05
    on_progress: Progress = no_progress

    def __post_init__(self) -> None:
        EvaluationOptions(half_width=self.half_width)  # refuses what no report could use

    def films(self, wanted: Callable[[Film], bool]) -> list[Film]:
        """Return the films in scope that are wanted; that there is none is an EvaluationError."""
        found = [
            film
            for film in self.manifest.films
            if wanted(film)
            and self.admits(film)
            and (self.splits is None or self.splits.get(film.path) == self.part)
        ]
        self.need_some(found)
        return found

    def admits(self, film: Film) -> bool:
        """Say whether sources, sites and populations have a film in scope, whatever its split."""
        return (
            (not self.sources or film.source in self.sources)
            and (not self.sites or any(film.is_from(site) for site in self.sites))
            and (not self.populations or film.assumed_population in self.populations)
        )

    def need_sites(self) -> None:
        """Refuse a site of which the manifest has no film: a typing error judges other films.

        Raises
        ------
        EvaluationError
            A site is unknown.
        """
        for site in self.sites:
            if not any(film.is_from(site) for film in self.manifest.films):
                raise EvaluationError(
                    f"found no film of site {site!r} – expected a site, country or publisher as "
                    "the manifest names it. Look at its columns site and publisher.",
                    code="evaluation-no-site",
                )

    def need_some(self, found: Sequence[object]) -> None:
        """Refuse to judge nothing.

        Raises
        ------
        EvaluationError
            `found` is empty.
        """
        if not found:
            raise EvaluationError(
                f"found no film for evaluation {self.name!r} – expected some. Check sources, "
                "population, and the part of the split.",
                code="evaluation-no-films",
            )

    def describe(self) -> str:
        """Return the scope in words."""
        parts = [
            "all films" if self.splits is None else f"{self.part} split",
            f"sources {', '.join(self.sources)}" if self.sources else "all sources",
            *([f"sites {', '.join(self.sites)}"] if self.sites else []),
            f"populations {', '.join(self.populations)}" if self.populations else "all ages",
        ]
        return "; ".join(parts)


def with_split(scope: EvaluationScope, path: Path) -> EvaluationScope:
    """Narrow a scope to a part of a split, once it is sure that the split is the manifest's own.

    Parameters
    ----------
    scope
        Of all films.
    path
        A split from `thoracle data split`. One of another manifest, or one that leaks by patient
        or by the near-duplicates beside it, is a SplitError.

    Returns
    -------
    EvaluationScope
        The same with the split.
    """
    split = read_checked_split(path, scope.manifest)
    return replace(scope, splits=split.by_path(), split_sha256=sha256_of_file(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One evaluation, ready to be written: JSON for machines, HTML and Markdown for people.

    `stem` begins the names of its files.
    """

    name: str
    json: bytes = field(repr=False)
    markdown: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    stem: str = "evaluation"

    def write(self, folder: Path) -> None:
        """Write evaluation.json, evaluation.md and evaluation.html into a folder, or as `stem`."""
        write_atomically(folder / f"{self.stem}.json", self.json)
        write_atomically(folder / f"{self.stem}.md", self.markdown.encode("utf-8"))
        if self.html is not None:
            write_atomically(folder / f"{self.stem}.html", self.html.encode("utf-8"))


def provenance(bundle: Bundle, scope: EvaluationScope, *, films: int) -> dict[str, str]:
    """Return what says how to repeat an evaluation."""
    split = {} if scope.split_sha256 is None else {"split SHA-256": scope.split_sha256}
    return {
        "bundle": f"{bundle.name} {bundle.version}",
        "bundle digest": bundle.digest,
        "software": f"thoracle {version()}",
        "manifest digest": scope.manifest.digest,
        **split,
        "scope": scope.describe(),
        "films": str(films),
    }
