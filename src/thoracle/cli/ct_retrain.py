"""`thoracle ct corrections` and `ct retrain`: what readers corrected, and learning from it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import folder_to_write
from thoracle.cli.progress import progress_bars
from thoracle.cli.promoting import (
    Asked,
    ByOption,
    ForceOption,
    FromStartOption,
    ReasonOption,
    end,
    find_rivals,
    is_in_force,
    need_one_way,
    settle,
)
from thoracle.cli.train import need_torch

if TYPE_CHECKING:
    from thoracle.datasets.ct_cases import CtCase
    from thoracle.inference.bundle import Bundle
    from thoracle.jobs.ct_challenge import CtMargins
    from thoracle.jobs.ct_retraining import CtRetrainingCases
    from thoracle.store.results import ResultStore

NO_JUDGE = (
    "Nobody is held out, so that nobody can tell whether it is worse: corrections of two patients "
    "whom the network never saw are the least, one to learn from and one to judge."
)


def corrections(
    out: Annotated[
        Path | None,
        typer.Option(
            callback=folder_to_write,
            help="Folder that gets the masks with their scans, as labeled cases.",
        ),
    ] = None,
    *,
    champion: Annotated[str, typer.Option(help="Name of the bundle in use.")] = "ct",
) -> None:
    """List the masks that readers corrected here, and which the network has not learned from."""
    from thoracle.cli.own_store import open_own_store
    from thoracle.jobs.ct_queue import corrected_masks, learned_by, waiting

    with open_own_store() as store:
        masks = corrected_masks(store)
        if out is not None:
            _export(store, out)
    new = {one.mask_id for one in waiting(masks, learned_by(champion))}
    for one in masks:
        spent = "unknown time" if one.minutes is None else f"{one.minutes:g} minutes"
        state = "waits" if one.mask_id in new else "learned"
        typer.echo(
            f"{one.created_at:%Y-%m-%d %H:%M} scan {one.scan_id}: {one.reader}, {spent}, "
            f"versions {one.versions}, {state}"
        )
    typer.echo(f"{len(masks)} corrected masks, {len(new)} wait to be learned from.")


def retrain(
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write, help="Folder of this retraining; an interrupted one goes on."
        ),
    ],
    *,
    cases: Annotated[
        Path, typer.Option(help="Labeled scans that the champion was trained on, with cases.csv.")
    ] = Path("ct"),
    corrections: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of corrected scans with cases.csv; may be given more than once. By "
            "default what readers corrected in this installation is exported."
        ),
    ] = None,
    store: Annotated[
        bool, typer.Option("--store", help="Take those of this installation beside the folders.")
    ] = False,
    champion: Annotated[str, typer.Option(help="Name of the bundle in use.")] = "ct",
    run: Annotated[
        Path | None,
        typer.Option(help="Folder of the run that the champion was exported from."),
    ] = None,
    from_start: FromStartOption = False,
    recipe: Annotated[Path, typer.Option(help="Recipe of the retraining, a TOML file.")] = Path(
        "recipes/retrain/ct.toml"
    ),
    by: ByOption = "",
    reason: ReasonOption = "",
    force: ForceOption = False,
    threads: Annotated[int, typer.Option(help="Threads that torch may use.")] = 1,
) -> None:
    """Train a challenger on corrected masks; it is put in force if held-out patients show it fit.

    Needs the extra `train`. Exits with 3 when the champion stays. Interrupted anywhere, the
    champion stays too, and the same line goes on.
    """
    need_torch()
    import getpass

    import torch

    from thoracle.jobs.ct_retraining import digest_of
    from thoracle.jobs.promotion import need_in_force
    from thoracle.jobs.retraining import keep_plan
    from thoracle.train.ct.retrain import CtChallengerPlaces, train_ct_challenger
    from thoracle.train.ct.retrain_recipe import read_ct_retrain_recipe
    from thoracle.train.ct.study import BUNDLE

    need_one_way(run, from_start=from_start, force=force, reason=reason)
    in_force, places = (
        need_in_force(champion),
        CtChallengerPlaces(run=out / "run", champion_run=run),
    )
    if is_in_force(in_force, places.run / BUNDLE):
        typer.echo(f"{champion} {in_force.version} is in force already.")
        return
    wanted = read_ct_retrain_recipe(recipe)
    corrected = _corrected(corrections or [], out, from_store=store or not corrections)
    keep_plan(out, champion=in_force.digest, readings=digest_of(corrected), recipe=wanted.text)
    parted = _parted(cases, corrected, in_force, out, held_out=wanted.held_out, seed=wanted.seed)
    torch.set_num_threads(threads)
    made = train_ct_challenger(in_force, wanted, parted, places)
    asked = Asked(
        name=champion,
        champion=in_force,
        out=out,
        by=by or getpass.getuser(),
        reason=reason,
        force=force,
    )
    end(is_taken=_decide(made, parted, wanted.margins, asked))


def _export(store: "ResultStore", folder: Path) -> None:
    from thoracle.core.settings import settings
    from thoracle.jobs.ct_queue import export_corrections
    from thoracle.jobs.pseudonyms import Pseudonyms

    names = Pseudonyms(settings().home, keeps_identifiers=False)
    count = export_corrections(store, folder, pseudonyms=names)
    typer.echo(f"{count} corrected masks of this installation: {folder}")


def _corrected(folders: list[Path], out: Path, *, from_store: bool) -> "list[CtCase]":
    """Return the corrected scans of folders, and those of the store, which are exported once."""
    from thoracle.cli.own_store import open_own_store
    from thoracle.datasets.ct_cases import CASES, read_cases

    own = out / "corrections"
    if from_store and not (own / CASES).is_file():
        with open_own_store() as store:
            _export(store, own)
    wanted = [*folders, own] if from_store else folders
    return [one for folder in wanted for one in read_cases(folder)]


def _parted(
    cases: Path,
    corrected: "list[CtCase]",
    champion: "Bundle",
    out: Path,
    *,
    held_out: float,
    seed: int,
) -> "CtRetrainingCases":
    """Part all scans, bring them into the retraining's folder, and say where they went."""
    from thoracle.datasets.ct_cases import read_cases
    from thoracle.jobs.ct_retraining import gather_cases, need_own_cases, retraining_cases

    former = read_cases(cases)
    need_own_cases(champion, former)
    parted = retraining_cases(former, corrected, champion, held_out=held_out, seed=seed)
    learned = sum(one.name in parted.corrected for one in parted.learn)
    left = ", ".join(f"{count} {why}" for why, count in sorted(parted.left_out.items()))
    spent = sum(one.minutes or 0.0 for one in corrected)
    typer.echo(
        f"Corrected scans: {learned} to learn from, {len(parted.corrected) - learned} that judge; "
        f"left out: {left or 'none'}. Readers spent {spent:g} minutes where it was measured. "
        f"{len(parted.judges)} patients are held out in all."
    )
    return gather_cases(parted, out / "cases")


def _decide(made: Path, parted: "CtRetrainingCases", margins: "CtMargins", asked: Asked) -> bool:
    """Judge, write the decision down, and act on it; return whether the challenger is in force."""
    from thoracle.ct.model import CtSegmenter
    from thoracle.inference.bundle import METRICS, open_bundle
    from thoracle.jobs.card import attach
    from thoracle.jobs.challenge_verdict import Outcome
    from thoracle.jobs.ct_challenge import ct_challenge, ct_challenge_document
    from thoracle.jobs.evaluate_ct import JudgedCt
    from thoracle.jobs.evaluate_ct_report import ct_report

    rivals, lack = find_rivals(asked.name, asked.champion, CtSegmenter)
    bundle = open_bundle(str(made.resolve()))
    with progress_bars() as on_progress:
        found = ct_challenge(
            bundle, rivals, parted.held_out, margins=margins, on_progress=on_progress
        )
    if found.scans and not (made / METRICS).is_file():
        judged = JudgedCt(bundles=(bundle,), scans=found.scans, noise={})
        attach(str(made.resolve()), [ct_report(judged, name="Held-out patients")])
    words = [found.words, *([] if parted.held_out else [NO_JUDGE]), *lack]
    document = ct_challenge_document(found) | {
        "words": " ".join(words),
        "learned_from": [one.name for one in parted.learn],
        "held_out": [one.name for one in parted.held_out],
        "corrected": sorted(parted.corrected),
        "left_out": dict(parted.left_out),
    }
    return settle(made, document, asked, is_good=found.outcome is Outcome.NOT_WORSE)
