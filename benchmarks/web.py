"""Time the web app: uploads, overload, start, pages, and the plainest alternative beside it.

Run `python benchmarks/web.py FILM --venv .venv-serve` in an installation with the extra `dev`, on
an idle machine. Server and clients share the machine, over loopback. With `--gradio-venv DIR` a
Gradio app around the same function is measured in the same way; its environment is made when it is
missing. It prints a Markdown table; `--out FILE` writes it.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from clients import Browser, GradioClient, Run, rush, send_films
from pages import (
    COMPLETE,
    LIBRARY,
    VOLUME,
    chromium,
    large_dicom,
    missing,
    seconds_until_drawn,
    transferred,
)
from serving import (
    free_port,
    programs,
    resident_mb,
    running,
    status_of,
    thoracle_command,
    thoracle_server,
)
from timing import Figure, milliseconds_at, options_of, publish, seconds

HERE = Path(__file__).parent
RUSH_CLIENTS = 40
LARGE_PX = 3000
PARTS = ("start", "clients", "overload", "pages", "gradio")


def main() -> None:
    """Measure what was asked for and print the table."""
    options = _options()
    os.environ["THORACLE_THREADS"] = str(options.threads)
    figures = []
    for name, part in _parts(options).items():
        if name not in options.without:
            with tempfile.TemporaryDirectory() as home:
                os.environ["THORACLE_HOME"] = home
                figures += part()
    publish(figures, options)


def _options() -> argparse.Namespace:
    parser = options_of(__doc__, PARTS)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--films", type=int, default=200, help="Sent by all clients together.")
    parser.add_argument("--rush-seconds", type=float, default=20.0)
    parser.add_argument("--repeats", type=int, default=5, help="Of starts and of opened pages.")
    parser.add_argument("--gradio-venv", type=Path, help="Made when it is missing.")
    return parser.parse_args()


def _parts(options: argparse.Namespace) -> Mapping[str, Callable[[], list[Figure]]]:
    content = options.film.read_bytes()
    command = thoracle_command(options.venv)
    ours: dict[str, Run] = {}
    return {
        "start": lambda: start(command, repeats=options.repeats),
        "clients": lambda: many_films(command, content, options, ours),
        "overload": lambda: overload(command, content, options),
        "pages": lambda: pages(command, content, repeats=options.repeats),
        "gradio": lambda: gradio(content, options, ours),
    }


# The web app alone.


def start(thoracle: Path, *, repeats: int) -> list[Figure]:
    """Time `thoracle serve` from its start to readiness, and the first page after that."""
    ready_s, first_s = [], []
    with thoracle_server(thoracle) as first:
        _wait_for_examples(first.port)
    for _ in range(repeats):
        with thoracle_server(thoracle) as server:
            ready_s.append(server.ready_s)
            first_s.append(seconds(partial(status_of, server.port, "/")))
    return [
        Figure(
            name=f"`thoracle serve`, fresh process, to 200 of /readyz, median of {repeats}",
            value=f"{statistics.median(ready_s):.2f} s",
            target="≤ 2 s",
        ),
        Figure(
            name="the first page, asked for right after that",
            value=f"{1000 * statistics.median(first_s):.0f} ms",
        ),
    ]


def many_films(
    thoracle: Path, content: bytes, options: argparse.Namespace, ours: dict[str, Run]
) -> list[Figure]:
    """Time films of some clients, and the same pipeline without the web."""
    with thoracle_server(thoracle) as server:
        _wait_for_examples(server.port)
        run = send_films(
            lambda: Browser(server.port, content).send,
            clients=options.clients,
            films=options.films,
        )
    ours["run"] = run
    alone = _in_process_per_second(options)
    who = f"{options.clients} clients, upload to rendered result"
    return [
        _milliseconds(f"(a) {who}, p50", run, 50, "≤ 300 ms"),
        _milliseconds(f"(a) {who}, p95", run, 95, "≤ 1000 ms"),
        Figure(
            name=f"(a) {options.clients} clients, sustained",
            value=f"{run.per_second:.1f} films per second",
        ),
        Figure(
            name="(b) the same pipeline in-process, results kept",
            value=f"{alone:.1f} films per second",
        ),
        Figure(name="(a) / (b)", value=f"{run.per_second / alone:.2f}", target="≥ 0.8"),
    ]


def overload(thoracle: Path, content: bytes, options: argparse.Namespace) -> list[Figure]:
    """Let ten times as many clients rush in, and look at answers and memory."""
    half_s = options.rush_seconds / 2
    with thoracle_server(thoracle) as server:
        _wait_for_examples(server.port)
        send_films(
            lambda: Browser(server.port, content).send, clients=options.clients, films=options.films
        )
        memory_mb = [resident_mb(server.pid)]
        rushes = []
        for _ in range(2):
            rushes.append(rush(server.port, content, clients=RUSH_CLIENTS, lasting_s=half_s))
            memory_mb.append(resident_mb(server.pid))
    found = rushes[0] + rushes[1]
    name = f"{RUSH_CLIENTS} clients for {options.rush_seconds:g} s"
    return [
        Figure(
            name=f"{name}: p95 of the accepted, upload to rendered result",
            value=f"{milliseconds_at(found.accepted_s, 95):.0f} ms",
            target="≤ 2000 ms",
        ),
        Figure(
            name=f"{name}: accepted; told to come back (429); other answers",
            value=f"{len(found.accepted_s)}; {100 * found.refused_share:.0f} %; {found.broken}",
            target="no other",
        ),
        Figure(
            name=f"{name}: resident memory before, halfway, after",
            value=f"{', '.join(f'{one:.0f}' for one in memory_mb)} MB",
            target="flat from halfway on",
        ),
    ]


def pages(thoracle: Path, content: bytes, *, repeats: int) -> list[Figure]:
    """Weigh the pages, and time the viewer with a large film, in Chromium."""
    why_not = missing()
    if why_not is not None:
        return [Figure(name="pages in Chromium", value=why_not)]
    with thoracle_server(thoracle) as server, chromium() as browser:
        _wait_for_examples(server.port)
        address = f"http://127.0.0.1:{server.port}"
        small, large = Browser(server.port, content), Browser(server.port, large_dicom(LARGE_PX))
        small.send()
        large.send()
        first = transferred(browser, f"{address}/")
        result = transferred(browser, address + small.result, until=COMPLETE)
        drawn_s = {
            again: [
                seconds_until_drawn(browser, address + large.result, again=again)
                for _ in range(repeats)
            ]
            for again in (False, True)
        }
    return [*_weights(first, result), *_first_pixels(drawn_s)]


def _weights(first: Mapping[str, int], result: Mapping[str, int]) -> list[Figure]:
    volumes = sum(size for path, size in result.items() if path.endswith(VOLUME))
    library = result.get(LIBRARY, 0)
    pictures = sum(size for path, size in first.items() if path.startswith("/examples/"))
    return [
        Figure(
            name="the first page, transferred and compressed (pictures of films to try in it)",
            value=f"{_kb(sum(first.values()))} ({_kb(pictures)})",
            target="≤ 300 kB",
        ),
        Figure(
            name="a result's page without the viewer's library and its volumes",
            value=_kb(sum(result.values()) - library - volumes),
            target="≤ 300 kB",
        ),
        Figure(
            name="what the viewer adds: its library; film, map and rim of this film",
            value=f"{_kb(library)}; {_kb(volumes)}",
        ),
    ]


def _first_pixels(drawn_s: Mapping[bool, list[tuple[float, ...]]]) -> list[Figure]:
    what = f"a {LARGE_PX}×{LARGE_PX} DICOM of 16 bits, software WebGL: page opened to first pixels"
    figures = []
    for again, known in ((False, "nothing cached"), (True, "opened before")):
        first_s, film_s, complete_s = np.median(drawn_s[again], axis=0)
        figures.append(
            Figure(
                name=(
                    f"{what} (to all its bits in the viewer; to map and rim over it), {known}, "
                    f"median of {len(drawn_s[again])}"
                ),
                value=f"{first_s:.2f} s ({film_s:.2f}; {complete_s:.2f} s)",
                target="≤ 1 s",
            )
        )
    return figures


# The plainest alternative.


def gradio(content: bytes, options: argparse.Namespace, ours: Mapping[str, Run]) -> list[Figure]:
    """Measure a Gradio app around the same function in the same way."""
    if options.gradio_venv is None:
        return [Figure(name="a Gradio app", value="not measured: give --gradio-venv")]
    _make_gradio_venv(options.gradio_venv)
    port = free_port()
    command = [
        str(programs(options.gradio_venv) / "python"),
        str(HERE / "gradio_app.py"),
        str(port),
    ]
    quiet = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    with running(command, port=port, ready="/", environment=quiet) as server:
        run = send_films(
            lambda: GradioClient(port, content).send, clients=options.clients, films=options.films
        )
        weight = _kb(_weight(port)) if missing() is None else missing()
    who = f"{options.clients} clients, upload to result"
    figures = [
        Figure(
            name="(c) Gradio app, fresh process, to its first page", value=f"{server.ready_s:.2f} s"
        ),
        _milliseconds(f"(c) {who}, p50", run, 50),
        _milliseconds(f"(c) {who}, p95", run, 95),
        Figure(
            name=f"(c) {options.clients} clients, sustained",
            value=f"{run.per_second:.1f} films per second",
        ),
        Figure(name="(c) its page, transferred and compressed", value=str(weight)),
    ]
    return figures + [figure for one in ours.values() for figure in _ratios(one, run)]


def _ratios(ours: Run, theirs: Run) -> list[Figure]:
    p50, p95 = (
        milliseconds_at(theirs.taken_s, one) / milliseconds_at(ours.taken_s, one)
        for one in (50, 95)
    )
    return [
        Figure(name="(c) / (a): p50; p95", value=f"{p50:.1f}; {p95:.1f}"),
        Figure(
            name="(a) / (c): films per second", value=f"{ours.per_second / theirs.per_second:.1f}"
        ),
    ]


def _weight(port: int) -> int:
    with chromium() as browser:
        return sum(transferred(browser, f"http://127.0.0.1:{port}/").values())


def _make_gradio_venv(folder: Path) -> None:
    """Make the environment where it is missing, with the runtime that the web app has too."""
    if (folder / "bin" / "gradio").exists():
        return
    from importlib.metadata import version

    venv.create(folder, with_pip=True)
    runtime = f"onnxruntime=={version('onnxruntime')}"
    command = [str(programs(folder) / "python"), "-m", "pip", "install", "--quiet", "gradio"]
    subprocess.run([*command, runtime, "--editable", str(HERE.parent)], check=True)


# Shared.


def _in_process_per_second(options: argparse.Namespace) -> float:
    command = [str(programs(options.venv) / "python"), str(HERE / "in_process.py")]
    with tempfile.TemporaryDirectory() as home:
        arguments = [str(options.film), str(options.films), home]
        done = subprocess.run(
            [*command, *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
    films: int = options.films
    return films / float(done.stdout)


def _wait_for_examples(port: int) -> None:
    """Let the app draw its films to try, which it does once, on its very first start."""
    folder = Path(os.environ["THORACLE_HOME"]) / "examples"
    end_s = time.perf_counter() + 120
    while len(list(folder.glob("*.png"))) < 3:
        if time.perf_counter() > end_s or status_of(port, "/healthz") is None:
            sys.exit("The web app drew no films to try.")
        time.sleep(0.2)


def _milliseconds(name: str, run: Run, percent: float, target: str = "") -> Figure:
    value = f"{milliseconds_at(run.taken_s, percent):.0f} ms"
    return Figure(name=name, value=value, target=target)


def _kb(size: int) -> str:
    return f"{size / 1000:.0f} kB"


if __name__ == "__main__":
    main()
