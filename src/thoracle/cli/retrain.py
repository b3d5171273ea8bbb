"""`thoracle retrain`: a challenger learns from readers' films, and replaces the champion or not."""

from collections import Counter
from dataclasses import replace
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
from thoracle.cli.train import CacheOption, need_torch

if TYPE_CHECKING:
    from thoracle.datasets.manifest import Manifest
    from thoracle.inference.bundle import Bundle
    from thoracle.jobs.retraining import RetrainingFilms
    from thoracle.train.retrain import RetrainRecipe


retrain_app = typer.Typer(
    help="Let a challenger learn from readers' films; it replaces the champion if it is not worse.",
    no_args_is_help=True,
    add_completion=False,
)


@retrain_app.command("radiograph")
def radiograph_command(
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write, help="Folder of this retraining; an interrupted one goes on."
        ),
    ],
    manifest: Annotated[Path, typer.Option(help="Manifest that the champion was trained on.")],
    split: Annotated[Path, typer.Option(help="Split that the champion was trained on.")],
    readings: Annotated[
        Path | None,
        typer.Option(
            help="Folder from `thoracle readings export`, or a manifest of your own. By default "
            "what readers said in this installation is exported."
        ),
    ] = None,
    champion: Annotated[str, typer.Option(help="Name of the bundle in use.")] = "radiograph",
    run: Annotated[
        Path | None,
        typer.Option(help="Folder of the run that the champion was exported from."),
    ] = None,
    from_start: FromStartOption = False,
    recipe: Annotated[Path, typer.Option(help="Recipe of the retraining, a TOML file.")] = Path(
        "recipes/retrain/radiograph.toml"
    ),
    cache: CacheOption = Path("runs/cache"),
    by: ByOption = "",
    reason: ReasonOption = "",
    force: ForceOption = False,
) -> None:
    """Train a challenger, judge it on held-out patients, and put it in force if it is not worse.

    Needs the extra `train`. Exits with 3 when the champion stays. Interrupted anywhere, the
    champion stays too, and the same line goes on.
    """
    need_torch()
    import getpass

    from thoracle.jobs.promotion import need_in_force
    from thoracle.jobs.retraining import FormerFilms, keep_plan, need_own_films, retraining_films
    from thoracle.train.retrain import ChallengerPlaces, read_retrain_recipe, train_challenger

    need_one_way(run, from_start=from_start, force=force, reason=reason)
    in_force, made = need_in_force(champion), out / "challenger" / champion
    if is_in_force(in_force, made):
        typer.echo(f"{champion} {in_force.version} is in force already.")
        return
    wanted, former = read_retrain_recipe(recipe), FormerFilms(manifest=manifest, split=split)
    need_own_films(in_force, former)
    labeled = _readings(readings, out)
    keep_plan(out, champion=in_force.digest, readings=labeled.digest, recipe=wanted.text)
    with progress_bars() as on_progress:
        films = retraining_films(
            former,
            labeled,
            out,
            fractions=wanted.fractions,
            seed=wanted.seed,
            on_progress=on_progress,
        )
    typer.echo(_told(films))
    places = ChallengerPlaces(run=out / "run", out=made, cache=cache, champion_run=run)
    train_challenger(in_force, wanted, films, places)
    _attach_figures(made, in_force, out)
    asked = Asked(
        name=champion,
        champion=in_force,
        out=out,
        by=by or getpass.getuser(),
        reason=reason,
        force=force,
    )
    end(is_taken=_decide(made, films, wanted, asked))


def _readings(given: Path | None, out: Path) -> "Manifest":
    """Return the films that readers labeled: those given, else what the store has."""
    from thoracle.cli.own_store import open_own_store
    from thoracle.datasets.manifest import read_manifest
    from thoracle.jobs.readings import export_readings

    folder = out / "readings" if given is None else given
    path = folder if folder.suffix in {".csv", ".parquet"} else folder / "manifest.csv"
    if given is None and not path.is_file():
        with open_own_store() as store:
            done = export_readings(store, folder)
        typer.echo(
            f"{done.films} films of readers; left out: {done.without_consensus} on which they "
            f"disagree, {done.without_label} with a finding that training does not know, "
            f"{done.without_film} without a kept film."
        )
    return read_manifest(path)


def _told(films: "RetrainingFilms") -> str:
    """Say where the films of readers went."""
    parts = Counter(films.splits[path] for path in films.added)
    parts.pop("dropped", None)
    placed = ", ".join(f"{parts[part]} {part}" for part in sorted(parts))
    left = ", ".join(f"{count} {why}" for why, count in sorted(films.left_out.items()))
    return f"Films of readers: {placed or 'none'}; left out: {left or 'none'}."


def _attach_figures(made: Path, champion: "Bundle", out: Path) -> None:
    """Give the challenger its figures and its card, once."""
    from thoracle.datasets.manifest import read_manifest
    from thoracle.inference.bundle import METRICS
    from thoracle.jobs.card import attach
    from thoracle.jobs.evaluate import evaluate_bundle
    from thoracle.jobs.evaluation_scope import EvaluationScope, with_split
    from thoracle.jobs.retraining import ADULTS

    if (made / METRICS).is_file():
        return
    is_of_adults = champion.population == ADULTS
    with progress_bars() as on_progress:
        scope = EvaluationScope(
            name="Adults, held-out patients" if is_of_adults else "Held-out patients",
            manifest=read_manifest(out / "manifest.csv"),
            populations=("adult",) if is_of_adults else (),
            on_progress=on_progress,
        )
        report = evaluate_bundle(
            str(made.resolve()), with_split(scope, out / "split.csv"), with_films=False
        )
    report.write(out / "evaluation")
    attach(str(made.resolve()), [report])


def _decide(made: Path, films: "RetrainingFilms", wanted: "RetrainRecipe", asked: Asked) -> bool:
    """Judge, write the decision down, and act on it; return whether the challenger is in force."""
    from thoracle.inference.bundle import open_bundle
    from thoracle.jobs.challenge import HeldOut, challenge, challenge_document, summary
    from thoracle.jobs.challenge_verdict import Outcome
    from thoracle.radiograph.model import Classifier

    champion = asked.champion
    sets = [
        HeldOut(name=name, films=tuple(films.held_out(champion.population, added=added)))
        for name, added in (("former held-out films", False), ("held-out films of readers", True))
    ]
    rivals, lack = find_rivals(asked.name, champion, Classifier)
    with progress_bars() as on_progress:
        found = challenge(
            open_bundle(str(made.resolve())),
            rivals,
            films.manifest,
            sets,
            margins=wanted.margins,
            on_progress=on_progress,
        )
    found = replace(found, words=" ".join([found.words, *lack]))
    document = challenge_document(found) | dict(films.digests)
    document["left_out"] = dict(films.left_out)
    is_good = found.outcome is Outcome.NOT_WORSE
    return settle(made, document, asked, is_good=is_good, kept=summary)
