"""Time the main job: one film from bytes to overlays, a folder, a cold start, memory, training.

Run `python benchmarks/radiograph.py FILM` in an installation with the extra `dev`, on an idle
machine. Thoracle and its peer, DenseNet-121 in eager PyTorch with the public grad-cam package, take
turns on the same film. It prints a Markdown table; `--out FILE` writes it.
"""

import argparse
import http.client
import io
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from serving import (
    START_LIMIT_S,
    children,
    form_of,
    resident_mb,
    thoracle_command,
    thoracle_server,
)
from thoracle.core.settings import settings
from thoracle.inference.bundle import find_bundle
from thoracle.jobs.analyze import Analyzer
from thoracle.jobs.analyze_files import FileOutputs, analyze_files, overlay_pngs
from timing import Figure, declare_operators, options_of, publish, seconds
from training import training_speed

ROOT = Path(__file__).parents[1]
PEER_LAYERS = ("features.norm5", "features.denseblock3")  # those of the recipe
PEER_SIDE_PX = 224
FOLDER_FILMS = 24
UPLOADS = 10
TURNS_OF_OURS = 3  # per turn of the peer, which is slow
PARTS = ("peer", "folder", "cold", "memory", "size", "training")


def main() -> None:
    """Measure what was asked for and print the table."""
    options = _options()
    os.environ["THORACLE_THREADS"] = str(options.threads)
    settings.cache_clear()
    for name in ("gate", "lungs", "radiograph"):
        find_bundle(name)
    content = options.film.read_bytes()
    with tempfile.TemporaryDirectory() as home:
        os.environ["THORACLE_HOME"] = home
        settings.cache_clear()
        figures = [one for part in _parts(options, content) for one in part()]
    publish(figures, options)


def _options() -> argparse.Namespace:
    parser = options_of(__doc__, PARTS)
    parser.add_argument("--rounds", type=int, default=7, help="Turns of the peer.")
    parser.add_argument("--cold-starts", type=int, default=5)
    return parser.parse_args()


def _parts(options: argparse.Namespace, content: bytes) -> list[Callable[[], list[Figure]]]:
    command = thoracle_command(options.venv)
    parts: dict[str, Callable[[], list[Figure]]] = {
        "peer": lambda: against_the_peer(content, rounds=options.rounds, threads=options.threads),
        "folder": lambda: films_per_second(content, options.film.suffix),
        "cold": lambda: cold_start(options.film, command, options.cold_starts),
        "memory": lambda: serving_memory(content, command),
        "size": lambda: install_size(options.venv),
        "training": lambda: training_speed(threads=options.threads),
    }
    return [part for name, part in parts.items() if name not in options.without]


# Thoracle and its peer, in turns.


def against_the_peer(content: bytes, *, rounds: int, threads: int) -> list[Figure]:
    """Time one film from bytes to overlays, and the peer's maps of the same film."""
    peer = _peer(threads)
    ours_s: list[float] = []
    peers_s: list[float] = []
    with Analyzer() as analyzer:
        analyzer.warm_up()
        for _ in range(2):
            _ours(analyzer, content)
        peer(content)
        for _ in range(rounds):
            ours_s += [seconds(lambda: _ours(analyzer, content)) for _ in range(TURNS_OF_OURS)]
            peers_s.append(seconds(lambda: peer(content)))
    ours, peers = statistics.median(ours_s), statistics.median(peers_s)
    return [
        Figure(
            name="(a) Thoracle, warm: decode, gate, lungs, findings, 6 Grad-CAM maps, 6 overlays",
            value=f"{1000 * ours:.0f} ms",
        ),
        Figure(
            name="(b) DenseNet-121 in eager PyTorch with grad-cam: decode, the same 6 maps",
            value=f"{1000 * peers:.0f} ms",
        ),
        Figure(name="(b) / (a)", value=f"{peers / ours:.1f}", target="≥ 10"),
    ]


def _ours(analyzer: Analyzer, content: bytes) -> int:
    analyzed = analyzer.analyze_bytes(content, file="film", override_gate=True)
    if analyzed.radiograph is None or analyzed.analysis is None:
        sys.exit(f"The film cannot be read: {analyzed.result.error}")
    maps = [one for one in analyzed.result.maps if one.method == "gradcam"]
    pictures = overlay_pngs(analyzed.radiograph.pixels, maps, analyzed.analysis.lung_mask)
    return len(pictures)


def _peer(threads: int) -> Callable[[bytes], int]:
    """Return a function from a film's bytes to its maps, as a script of today would do it."""
    declare_operators()
    import timm
    import torch
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    torch.set_num_threads(threads)
    model = timm.create_model("densenet121", in_chans=1, num_classes=3).eval()
    modules = dict(model.named_modules())
    cams = [GradCAM(model=model, target_layers=[modules[layer]]) for layer in PEER_LAYERS]

    def maps(content: bytes) -> int:
        with Image.open(io.BytesIO(content)) as picture:
            grey = picture.convert("L").resize((PEER_SIDE_PX, PEER_SIDE_PX))
        film = torch.from_numpy(np.asarray(grey, np.float32) / 127.5 - 1.0)[None, None]
        made = [
            cam(input_tensor=film, targets=[ClassifierOutputTarget(one)])
            for cam in cams
            for one in range(3)
        ]
        return len(made)

    return maps


# Folder, cold start, memory, size.


def films_per_second(content: bytes, suffix: str) -> list[Figure]:
    """Time a folder run, results kept in a store, from the first result to the last."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number:03d}{suffix}" for number in range(FOLDER_FILMS + 1)]
        for file in files:
            file.write_bytes(content)
        run = analyze_files(files, outputs=FileOutputs(), override_gate=True)
        next(run)
        taken_s = seconds(lambda: list(run))
    value = f"{FOLDER_FILMS / taken_s:.1f} per second"
    return [Figure(name="films in a folder run, kept in the store", value=value)]


def cold_start(film: Path, thoracle: Path, repeats: int) -> list[Figure]:
    """Time `thoracle analyze one.png` in fresh processes; the first, which makes the store, not."""
    command = [str(thoracle), "analyze", str(film.resolve()), "--override-gate"]

    def run() -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    run()
    taken_s = statistics.median(seconds(run) for _ in range(repeats))
    name = f"`thoracle analyze one.png`, fresh process, median of {repeats}"
    return [Figure(name=name, value=f"{taken_s:.2f} s", target="≤ 1.5 s")]


def serving_memory(content: bytes, thoracle: Path) -> list[Figure]:
    """Upload a film some times to `thoracle serve` and read how much of it is resident."""
    with thoracle_server(thoracle) as server:
        for _ in range(UPLOADS):
            _upload(content, port=server.port)
        server_mb = resident_mb(server.pid)
        children_mb = [resident_mb(child) for child in children(server.pid)]
    return [
        Figure(
            name=f"resident memory of `thoracle serve` after {UPLOADS} films",
            value=f"{server_mb:.0f} MB",
            target="≤ 500 MB",
        ),
        Figure(
            name=f"resident memory of its {len(children_mb)} decoder processes together",
            value=f"{sum(children_mb):.0f} MB",
        ),
    ]


def install_size(venv: Path | None) -> list[Figure]:
    """Add up the files of a serving install and, where it is editable, of the source."""
    name, target = "size of the serving install with bundles", "≤ 650 MB"
    if venv is None or not venv.is_dir():
        note = "not measured: give --venv (made by `make serve-smoke`)"
        return [Figure(name=name, value=note, target=target)]
    size_mb = _size_mb(venv)
    if not list(venv.glob("lib/python*/site-packages/thoracle/bundles")):
        size_mb += _size_mb(ROOT / "src")
    return [Figure(name=name, value=f"{size_mb:.0f} MB", target=target)]


def _upload(content: bytes, *, port: int) -> None:
    body, kind = form_of(content, values={"override_gate": "true"})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_LIMIT_S)
    connection.request("POST", "/api/v1/analyses", body, {"Content-Type": kind})
    answer = connection.getresponse()
    if answer.status != http.HTTPStatus.CREATED:
        sys.exit(f"The web app answered an upload with {answer.status}: {answer.read()!r}")
    answer.read()
    connection.close()


def _size_mb(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


if __name__ == "__main__":
    main()
