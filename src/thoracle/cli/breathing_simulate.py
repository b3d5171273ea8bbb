"""`thoracle breathing simulate`: windows of breathing whose truth is known."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import file_to_write, folder_to_write

_FILES = (".npz", ".csv")


class SimulationModel(StrEnum):
    """Choices of --model."""

    RSM = "rsm"
    PHYSIOLOGICAL = "physiological"


def place_to_write(given: Path) -> Path:
    """Return the value of --out, once it is sure that this file or folder can be written."""
    (file_to_write if given.suffix in _FILES else folder_to_write)(given)
    return given


def simulate(
    out: Annotated[
        Path,
        typer.Option(
            callback=place_to_write,
            metavar="FOLDER|FILE",
            help="A folder for a CSV file of each window, a file .npz for all windows, or a file "
            ".csv for a single one.",
        ),
    ],
    *,
    pattern: Annotated[
        list[str] | None,
        typer.Option(
            help="eupnea, bradypnea, tachypnea, biot, cheyne_stokes, central_apnea or noise; may "
            "be given more than once, and windows take them in turn. All seven by default."
        ),
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Windows altogether.")] = 7,
    rate_hz: Annotated[
        float, typer.Option(help="Samples per second; 10 as published with the model.")
    ] = 10.0,
    duration_s: Annotated[
        float, typer.Option(help="Length of a window in seconds; 60 as published.")
    ] = 60.0,
    snr_db: Annotated[
        float,
        typer.Option(help="Signal to added white noise, mean squares, in dB; 20 as published."),
    ] = 20.0,
    noise_free: Annotated[bool, typer.Option("--noise-free", help="Add no noise.")] = False,
    unscaled: Annotated[
        bool,
        typer.Option("--unscaled", help="Keep the model's own values instead of 0 to 1 a window."),
    ] = False,
    authors_slips: Annotated[
        bool,
        typer.Option(
            "--authors-slips",
            help="Repeat what the authors' script gets wrong: bradypnea has almost no noise, and a "
            "value of 0 counts in scaling (--model rsm).",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same windows.")] = 0,
    model: Annotated[
        SimulationModel,
        typer.Option(
            help="rsm: the published Respiratory Simulation Model. physiological: varied breaths, "
            "sighs, apneas, changes of posture."
        ),
    ] = SimulationModel.RSM,
) -> None:
    """Simulate breathing, with a table of what is true of each window: breaths, pauses, pattern."""
    from thoracle.datasets.breathing.types import Sampling
    from thoracle.jobs.breathing_simulate import (
        TRUTH,
        Model,
        SimulationRequest,
        check_request,
        simulate_breathing,
        write_simulation,
    )

    request = SimulationRequest(
        model=Model(model.value),
        patterns=tuple(pattern) if pattern else None,
        count=count,
        sampling=Sampling(
            rate_hz=rate_hz,
            duration_s=duration_s,
            snr_db=None if noise_free else snr_db,
            is_scaled=not unscaled,
        ),
        seed=seed,
        has_authors_slips=authors_slips,
    )
    check_request(request, out)
    written = write_simulation(simulate_breathing(request), request, out)
    noise = "no noise" if noise_free else f"noise at {snr_db:g} dB"
    truth = next(path for path in written if path.name.endswith(TRUTH))
    typer.echo(
        f"{model}, {duration_s:g} s at {rate_hz:g} Hz, {noise}, seed {seed}: windows {count}, "
        f"written to {out}; what is true of them: {truth}"
    )
