"""`thoracle train folder`: NAGPUR's script, on a folder with a subfolder per class."""

from pathlib import Path
from typing import Annotated

import typer

from thoracle.cli.outputs import file_to_write
from thoracle.cli.progress import progress_bars
from thoracle.cli.train import CacheOption, need_torch


def train_folder(
    folder: Annotated[Path, typer.Argument(help="Folder with a subfolder per class.")],
    *,
    plot: Annotated[
        Path, typer.Option(callback=file_to_write, help="Training history, .png, .svg or .pdf.")
    ] = Path("plot.png"),
    model: Annotated[
        Path,
        typer.Option(
            callback=file_to_write,
            help="Trained network, .onnx (runs without torch) or .safetensors.",
        ),
    ] = Path("covid19.onnx"),
    positive: Annotated[
        str, typer.Option(help="Class that sensitivity is of; by default the first not normal.")
    ] = "",
    patient_pattern: Annotated[
        str | None,
        typer.Option(help="Regular expression whose first group, in a name, is the patient."),
    ] = None,
    network: Annotated[
        str, typer.Option(help="vgg-16, resnet, xception, feup-xception, or any timm name.")
    ] = "vgg-16",
    size: Annotated[int, typer.Option(help="Side of the films, in pixels.", min=32)] = 224,
    epochs: Annotated[int, typer.Option(help="Epochs.", min=1)] = 25,
    rate: Annotated[float, typer.Option(help="Learning rate of Adam.", min=0)] = 1e-3,
    batch: Annotated[int, typer.Option(help="Films a batch.", min=2)] = 8,
    frozen: Annotated[
        bool | None,
        typer.Option(
            "--frozen/--all-layers",
            help="Train the new head only, or everything; by default the head only where "
            "--pretrained or --weights gives the rest something to know.",
        ),
    ] = None,
    test: Annotated[
        float, typer.Option(help="Share of films to judge on.", min=0.05, max=0.8)
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="Makes split and training repeat.")] = 0,
    pretrained: Annotated[
        bool, typer.Option("--pretrained", help="Take timm's published weights (a download).")
    ] = False,
    weights: Annotated[Path | None, typer.Option(help="Safetensors of the backbone.")] = None,
    cache: CacheOption = Path("runs/cache"),
) -> None:
    """Train a classifier on a folder, print its report, save its history and the network.

    Classes are the subfolders' names. Films are parted by patient and near-duplicate; without
    --patient-pattern each film counts as a patient of its own. Needs the extra `train`.
    """
    need_torch()
    from thoracle.train.architectures.build import Architecture
    from thoracle.train.protocols.folder_run import FolderRun, run_folder
    from thoracle.train.protocols.own_folder import protocol_of_folder, read_class_folder
    from thoracle.train.protocols.protocol import Arm, Step

    arm = Arm(
        name=network,
        size=size,
        network=Architecture(backbone=network, hidden=64, dropout=0.5, pretrained=pretrained),
        steps=(Step(name="training", epochs=epochs, learning_rate=rate, batch=batch),),
        frozen=(pretrained or weights is not None) if frozen is None else frozen,
    )
    read = read_class_folder(folder, patient_pattern=patient_pattern)
    protocol = protocol_of_folder(read, arm, test_share=test)
    with progress_bars() as on_progress:
        told = run_folder(
            FolderRun(
                protocol=protocol,
                manifest=read.manifest,
                seed=seed,
                cache=cache,
                weights=weights,
                plot=plot,
                model=model,
            ),
            positive=positive,
            on_progress=on_progress,
        )
    typer.echo(told)
