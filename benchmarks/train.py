"""Time training: a recipe beside a plain loop and beside reading files as Keras scripts do.

    python benchmarks/train.py FOLDER [--threads 2] [--out FILE]

FOLDER holds radiographs as files. All figures come from one run on one machine; where there is a
GPU, the share of the card's own measured matrix rate is printed too.
"""

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from timing import Figure, declare_operators, publish, seconds
from training import RECIPE, TRAINING_STEPS, training_speed

ENDINGS = (".jpg", ".jpeg", ".png")
BATCH, SIDE = 16, 224
HEAD_FILMS, HEAD_EPOCHS, HEAD_BATCH, HEAD_SIDE = 60, 80, 15, 112
MATRIX_SIDE, MATRIX_RUNS = 8192, 20


def keras_style(files: list[Path], *, threads: int) -> float:
    """Return films per second of a loop that opens, resizes and varies each file when it is due."""
    import timm
    import torch
    from PIL import Image

    torch.set_num_threads(threads)
    model = timm.create_model("densenet121", in_chans=1, num_classes=3).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    rng = np.random.default_rng(0)

    def read(path: Path) -> np.ndarray[Any, np.dtype[np.float32]]:
        with Image.open(path) as picture:
            grey = picture.convert("L").rotate(float(rng.uniform(-8, 8)))
            shown = np.asarray(grey.resize((SIDE, SIDE)), np.float32) / 255.0
        return shown[:, ::-1] if rng.random() < 0.5 else shown

    def step(number: int) -> None:
        due = [files[(number * BATCH + one) % len(files)] for one in range(BATCH)]
        films = torch.from_numpy(np.stack([read(path) for path in due])[:, None])
        optimizer.zero_grad()
        loss: Any = torch.nn.functional.cross_entropy(model(films), torch.arange(BATCH) % 3)
        loss.backward()
        optimizer.step()

    step(0)
    taken = [seconds(lambda number=number: step(number)) for number in range(TRAINING_STEPS)]  # type: ignore[misc]
    return BATCH / statistics.median(taken)


def frozen_head(*, threads: int) -> list[Figure]:
    """Time USP's eighty epochs of a head on vectors computed once, and on films each epoch."""
    import torch

    from thoracle.train.architectures.build import Architecture, build
    from thoracle.train.protocols.experiment import vectors
    from thoracle.train.protocols.fit import Examples, logits_of

    torch.set_num_threads(threads)
    network = build(Architecture(backbone="vgg-16", hidden=256), outputs=3, size=HEAD_SIDE).eval()
    films = np.random.default_rng(0).integers(0, 256, (HEAD_FILMS, HEAD_SIDE, HEAD_SIDE), np.uint8)
    given = Examples(inputs=films, rows=np.arange(HEAD_FILMS), targets=np.arange(HEAD_FILMS) % 3)
    optimizer = torch.optim.Adam(network.head.parameters(), lr=1e-3)

    def epochs(examples: Examples, learner: torch.nn.Module, count: int) -> None:
        for _ in range(count):
            for start in range(0, HEAD_FILMS, HEAD_BATCH):
                shown, targets = examples.batch(np.arange(start, start + HEAD_BATCH))
                optimizer.zero_grad()
                loss: Any = torch.nn.functional.cross_entropy(learner(shown), targets)
                loss.backward()
                optimizer.step()

    network.backbone.requires_grad_(False)
    logits_of(network, given)
    made: list[Examples] = []
    once_s = seconds(lambda: made.append(vectors(network, given)))
    cached_s = once_s + seconds(lambda: epochs(made[0], network.head, HEAD_EPOCHS))
    plain_s = HEAD_EPOCHS * seconds(lambda: epochs(given, network, 1))
    what = f"frozen VGG-16, {HEAD_EPOCHS} epochs of {HEAD_FILMS} films of {HEAD_SIDE} px"
    return [
        Figure(name=f"{what}: vectors computed once", value=f"{cached_s:.2f} s"),
        Figure(name=f"{what}: through the backbone each epoch, from one", value=f"{plain_s:.1f} s"),
        Figure(name="the second / the first", value=f"{plain_s / cached_s:.1f}", target="> 1"),
    ]


def card_share() -> list[Figure]:
    """Return what share of the GPU's own matrix rate a training step reaches; nothing without."""
    import torch

    if not torch.cuda.is_available():
        return []
    from torch.utils.flop_counter import FlopCounterMode

    from thoracle.train.networks import build_network
    from thoracle.train.recipe import read_recipe

    recipe = read_recipe(RECIPE)
    network = build_network(recipe.network, outputs=3).cuda().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    films = torch.rand(256, 1, recipe.size, recipe.size, device="cuda")
    films = films.to(memory_format=torch.channels_last)

    def step() -> None:
        with torch.autocast("cuda", torch.bfloat16):
            loss = network(films).square().mean()
        loss.backward()

    with FlopCounterMode(display=False) as counter:
        step()
    rate = counter.get_total_flops() / _on_card_s(step, runs=10)
    square = torch.rand(MATRIX_SIDE, MATRIX_SIDE, device="cuda", dtype=torch.bfloat16)
    matrix = 2 * MATRIX_SIDE**3 / _on_card_s(lambda: square @ square, runs=MATRIX_RUNS)
    name = torch.cuda.get_device_name()
    return [
        Figure(
            name=f"{name}: bf16 matrices of {MATRIX_SIDE}", value=f"{matrix / 1e12:.0f} TFLOP/s"
        ),
        Figure(
            name=f"{name}: training steps of 256 films of {recipe.size} px",
            value=f"{rate / 1e12:.1f} TFLOP/s, {100 * rate / matrix:.1f} % of the matrix rate",
        ),
    ]


def _on_card_s(act: Callable[[], object], *, runs: int) -> float:
    import torch

    act()
    torch.cuda.synchronize()

    def all_of_them() -> None:
        for _ in range(runs):
            act()
        torch.cuda.synchronize()

    return seconds(all_of_them) / runs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="Radiographs as files, at least 16.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, help="Also write the table into this file.")
    options = parser.parse_args()
    files = sorted(one for one in options.folder.iterdir() if one.suffix.lower() in ENDINGS)
    declare_operators()
    figures = training_speed(threads=options.threads)
    ours = float(figures[0].value.split()[0])
    theirs = keras_style(files, threads=options.threads)
    figures += [
        Figure(
            name=f"training, {BATCH} files a step, each opened, turned and resized when due, fp32",
            value=f"{theirs:.2f} films per second",
        ),
        Figure(name="the first / this", value=f"{ours / theirs:.2f}", target="> 1"),
        *frozen_head(threads=options.threads),
        *card_share(),
    ]
    options.film = files[0]
    publish(figures, options)


if __name__ == "__main__":
    main()
