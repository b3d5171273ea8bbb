"""Accuracy inside each source, and of bundles that were trained without it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import EvaluationError
from thoracle.core.files import sha256_of_file
from thoracle.core.progress import Progress
from thoracle.core.results import Reason
from thoracle.datasets.split import CALIBRATE, TRAIN, TUNE, Split, read_checked_split, read_split
from thoracle.evaluation.bootstrap import resample_patients
from thoracle.evaluation.estimate import Estimate, unknown
from thoracle.evaluation.survival import mean_estimate
from thoracle.evaluation.verdicts import Verdict, verdict
from thoracle.inference.bundle import METRICS, Bundle, open_bundle
from thoracle.jobs.audit.films import AuditFilms
from thoracle.jobs.audit.options import AuditOptions
from thoracle.radiograph.model import Classifier
from thoracle.reporting.shortcut_report import AuditSection, AuditTable, Cell
from thoracle.reporting.shortcut_texts import SHORTCUT_TEXTS

LEFT_OUT = "left out of training"
"""What evaluations on the card are called that judge films of a source never trained on."""
_NO_BUNDLE = Reason(code="audit-no-left-out", text=SHORTCUT_TEXTS["no_left_out"])
_SPLIT: Final = "split_sha256"
_LEARNED: Final = frozenset({TRAIN, TUNE, CALIBRATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A bundle that was trained without a source.

    `doubt` is why its figure on the source tells nothing of the audited bundle, None where it
    does.
    """

    bundle: Bundle
    doubt: Reason | None = None


def open_left_out(
    without: Mapping[str, str],
    films: AuditFilms,
    bundle: Bundle,
    *,
    splits: Sequence[Path] = (),
) -> dict[str, LeftOut]:
    """Open bundles that were trained without a source.

    Parameters
    ----------
    without
        Name or folder of a bundle, by the source that it was trained without.
    films
        Those of the audit.
    bundle
        The one that is audited.
    splits
        Files of the splits that those bundles were trained with. A bundle names its split by
        digest: without the file nobody can see that the source was left out.

    Returns
    -------
    dict
        Opened, by source.

    Raises
    ------
    EvaluationError
        No bundle was trained with a split that is given. So is a source without films, a bundle of
        the very split of the audited one, and one whose split has the source.
    """
    by_digest = _by_digest(splits)
    opened, used = {}, set()
    for source, name in without.items():
        other = _open_other(source, name, films, bundle)
        digest = other.training.get(_SPLIT, "")
        used.add(digest)
        if digest in by_digest:
            split = read_checked_split(by_digest[digest], films.manifest)
            _need_left_out(source, other, films, split)
        doubt = _doubt(source, other, bundle, is_checked=digest in by_digest)
        opened[source] = LeftOut(bundle=other, doubt=doubt)
    unused = [str(path) for digest, path in by_digest.items() if digest not in used]
    if unused:
        raise EvaluationError(
            f"found {', '.join(unused)}, with which no bundle of --without was trained – expected "
            "the very file that a bundle's description names by digest. Leave it away, or name "
            "its bundle.",
            code="audit-other-split",
        )
    return opened


def _by_digest(splits: Sequence[Path]) -> dict[str, Path]:
    """Return splits by their files' SHA-256; one that cannot be read is a SplitError."""
    for path in splits:
        read_split(path)
    return {sha256_of_file(path): path for path in splits}


def _open_other(source: str, name: str, films: AuditFilms, bundle: Bundle) -> Bundle:
    """Open a bundle that can have been trained without a source of the audit.

    Raises
    ------
    EvaluationError
        No film is of the source, or the bundle was trained with the very split of the audited one.
    """
    known = {film.source for film in films.films}
    if source not in known:
        raise EvaluationError(
            f"found no film of source {source!r} in the audit – expected one of "
            f"{', '.join(sorted(known))}. Look at the manifest's column source.",
            code="audit-no-source",
        )
    other = open_bundle(name).need_task("classifier")
    if other.training.get(_SPLIT) == bundle.training.get(_SPLIT, "unknown"):
        raise EvaluationError(
            f"found bundle {other.name!r} trained with the split of {bundle.name!r} – expected "
            f"one without {source}. Train it with a split that leaves the source out.",
            code="audit-same-split",
        )
    return other


def _need_left_out(source: str, other: Bundle, films: AuditFilms, split: Split) -> None:
    """Refuse a bundle that learned from the source, by the split that it was trained with.

    Raises
    ------
    EvaluationError
        A film of the source is in train, tune or calibrate.
    """
    parts = split.by_path()
    own = [film.path for film in films.manifest.films if film.source == source]
    seen = sum(parts[path] in _LEARNED for path in own)
    if seen:
        raise EvaluationError(
            f"found {seen} of {len(own)} films of {source} in train, tune or calibrate of bundle "
            f"{other.name!r} – expected none. Train it with a split that leaves the source out.",
            code="audit-source-learned",
        )


def _doubt(source: str, other: Bundle, bundle: Bundle, *, is_checked: bool) -> Reason | None:
    """Say why a difference between the bundles need not be the source's, None where it is."""
    if (other.name, other.version) != (bundle.name, bundle.version):
        name = f"{other.name} {other.version}"
        text = SHORTCUT_TEXTS["other_recipe"].format(bundle=name, source=source)
        return Reason(code="audit-other-recipe", text=text)
    if not is_checked:
        text = SHORTCUT_TEXTS["unchecked_source"].format(source=source)
        return Reason(code="audit-unchecked-source", text=text)
    return None


def audit_sources(
    films: AuditFilms,
    bundle: Bundle,
    without: Mapping[str, LeftOut],
    options: AuditOptions,
    on_progress: Progress,
) -> AuditSection:
    """Judge each source apart, and again with the bundle that never saw it.

    Parameters
    ----------
    films
        Judged untouched.
    bundle
        The one that is audited.
    without
        From `open_left_out`.
    options
        Resamples and seed.
    on_progress
        Told of each film.

    Returns
    -------
    AuditSection
        A verdict per bundle given, which cannot tell where its figure is in doubt; one that cannot
        tell where no bundle was given.
    """
    right = films.logits.argmax(axis=1) == films.reference
    sources = np.array([film.source for film in films.films])
    rows: list[tuple[Cell, ...]] = []
    verdicts: list[Verdict] = []
    for source in np.unique(sources):
        own = sources == source
        chosen = films.select(own)
        rows.append(
            (str(source), "this bundle", *_counts(chosen), _mean(right[own], chosen, options))
        )
        if str(source) in without:
            other, doubt = without[str(source)].bundle, without[str(source)].doubt
            is_right = _judged(chosen, other, on_progress) == chosen.reference
            loss = is_right.astype(np.float64) - right[own]
            rows.append(
                (str(source), f"{other.name} {other.version}", *_counts(chosen),
                 _mean(is_right, chosen, options))
            )  # fmt: skip
            lost = _mean(loss, chosen, options)
            verdicts.append(verdict("unseen_source", str(source), lost, doubt=doubt))
    if not verdicts:
        nothing = unknown(_NO_BUNDLE, n=0, method="none")
        verdicts.append(verdict("unseen_source", "all sources", nothing))
    by_source = AuditTable(
        title="Accuracy by source, highest probability",
        columns=("source", "trained as", "films", "patients", "accuracy"),
        rows=tuple(rows),
    )
    kept = tuple(one for one in (_from_card(bundle),) if one.rows)
    return AuditSection(key="sources", verdicts=tuple(verdicts), tables=(by_source, *kept))


def _judged(films: AuditFilms, bundle: Bundle, on_progress: Progress) -> FloatArray:
    """Return each film's likeliest finding by another bundle, NaN where it cannot be read."""
    classifier = Classifier(bundle)
    found = np.full(len(films.films), np.nan, np.float32)
    for place, pixels in films.pixels("unseen", on_progress):
        scores = classifier.score(pixels, films.lungs[place].box, with_maps=False)
        found[place] = scores.logits.argmax()
    return found


def _counts(films: AuditFilms) -> tuple[int, int]:
    return len(films.films), len(set(films.patient))


def _mean(values: Any, films: AuditFilms, options: AuditOptions) -> Estimate:
    resamples = resample_patients(
        films.patient,
        resamples=options.resamples,
        generator=np.random.default_rng(options.seed),
    )
    return mean_estimate(np.asarray(values, dtype=np.float64), resamples)


def _from_card(bundle: Bundle) -> AuditTable:
    """Return what the bundle's own card tells of sources and sites left out of training."""
    path = bundle.folder / METRICS
    known = json.loads(path.read_text("utf-8"))["evaluations"] if path.is_file() else {}
    rows: list[tuple[Cell, ...]] = []
    for name, one in known.items():
        overall = one["figures"].get("overall")
        if name.endswith(LEFT_OUT) and overall is not None:
            rows.append((name, "accuracy", Estimate(**overall["accuracy_clustered"])))
            rows += [
                (name, f"AUROC, {pair['positive']} against {pair['negative']}",
                 Estimate(**pair["auroc_clustered"]))
                for pair in overall["pairs"]
                if pair["auroc_clustered"]["value"] is not None
            ]  # fmt: skip
    return AuditTable(
        title="Left out of training, from the card",
        columns=("evaluation", "figure", "value"),
        rows=tuple(rows),
    )
