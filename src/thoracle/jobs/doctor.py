"""Look at an installation: what is there, what answers, how long one film takes."""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import metadata
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from thoracle.core.errors import ThoracleError
from thoracle.core.extras import how_to_install
from thoracle.core.settings import settings
from thoracle.core.version import version
from thoracle.imaging.sandbox import DecoderPool
from thoracle.imaging.types import Radiograph
from thoracle.inference.session import PRECISION, runtime_name
from thoracle.jobs.bundles import bundle_lines

if TYPE_CHECKING:
    from thoracle.radiograph.analyze import Models

SERVING_PACKAGES = ("numpy", "scipy", "pillow", "pydicom", "onnxruntime", "fastapi", "sqlalchemy")
EXTRAS = {
    "ct": ("SimpleITK",),
    "postgresql": ("psycopg",),
    "research": ("matplotlib", "pyarrow", "sklearn", "statsmodels"),
    "train": ("torch", "lightning", "timm", "onnx", "onnxscript", "safetensors", "torchvision"),
    "wfdb": ("wfdb",),
}
"""Optional sets of packages, as pyproject.toml names them, with what they bring."""

TEST_FILM_PX = (320, 288)  # rows, columns: larger than the gate's limits, quick to decode.
REPEATS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the examination.

    `is_well` is None for what is told only; `figures` are numbers by their name with the unit.
    """

    name: str
    text: str
    is_well: bool | None = None
    figures: dict[str, float] = field(default_factory=dict)


def examine_installation() -> Iterator[Check]:
    """Look at everything that an analysis needs, and time one.

    Yields
    ------
    Check
        As soon as it is known; a fault of one does not keep the others from being looked at.
    """
    yield from _versions()
    yield from _extras()
    yield Check(name="runtime", text=f"{runtime_name()}, {PRECISION}, {_threads_in_words()}")
    yield _home()
    yield from _bundles()
    yield _tried("decoder", _decoder)
    yield _tried("self-test", _self_test)


def made_up_film() -> bytes:
    """Return a PNG that shows nobody: a bright oblong with two dark ovals, and some noise.

    Returns
    -------
    bytes
        8-bit grey, `TEST_FILM_PX`, the same every time.
    """
    rows, columns = TEST_FILM_PX
    down, across = np.mgrid[0:rows, 0:columns] / np.array([[[rows]], [[columns]]])
    grey = np.full((rows, columns), 0.65)
    for center in (0.3, 0.7):
        grey[((down - 0.5) / 0.34) ** 2 + ((across - center) / 0.16) ** 2 < 1.0] = 0.25
    grey += np.random.default_rng(0).normal(0.0, 0.03, grey.shape)
    stream = BytesIO()
    Image.fromarray(np.round(np.clip(grey, 0, 1) * 255).astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def _versions() -> Iterator[Check]:
    python = f"Python {platform.python_version()} at {sys.executable}"
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield Check(name="thoracle", text=f"{version()}, {python}, {system}")
    found = ", ".join(f"{name} {metadata.version(name)}" for name in SERVING_PACKAGES)
    yield Check(name="packages", text=found)


def _extras() -> Iterator[Check]:
    for extra, modules in EXTRAS.items():
        missing = [name for name in modules if find_spec(name) is None]
        if missing:
            text = f"not installed (no {', '.join(missing)}): {how_to_install(extra)}"
        else:
            text = "installed"
        yield Check(name=f"extra {extra}", text=text)


def _threads_in_words() -> str:
    threads = settings().threads
    return f"threads: {threads or 'one per core'}"


def _home() -> Check:
    home = settings().home
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as stream:
            stream.write(b"thoracle")
    except OSError as error:
        text = (
            f"found {home} that cannot be written into ({error.strerror}) – expected a folder of "
            "your own. Set THORACLE_HOME."
        )
        return Check(name="home", text=text, is_well=False)
    return Check(name="home", text=f"{home} can be written into", is_well=True)


def _bundles() -> Iterator[Check]:
    lines = bundle_lines()
    if not lines:
        yield Check(name="bundles", text="found none – expected some.", is_well=False)
    for line in lines:
        if line.bundle is None:
            text = line.problem.text if line.problem is not None else ""
            yield Check(name=f"bundle {line.name}", text=text, is_well=False)
        else:
            one = line.bundle
            text = f"{one.task} {one.version}, digest {one.digest}"
            yield Check(name=f"bundle {line.name}", text=text, is_well=True)


def _tried(name: str, examine: Callable[[], Check]) -> Check:
    try:
        return examine()
    except ThoracleError as error:
        return Check(name=name, text=f"{error.text} [{error.code}]", is_well=False)


def _decoder() -> Check:
    with DecoderPool.from_settings(workers=1) as pool:
        pool.warm_up()
        content = made_up_film()
        film = pool.decode(content)
        figures = {"decode_ms": _median_ms(lambda: pool.decode(content))}
    is_well = film.pixels.shape == TEST_FILM_PX
    text = f"a child process decodes a made-up film in {figures['decode_ms']:.0f} ms"
    return Check(name="decoder", text=text, is_well=is_well, figures=figures)


def _self_test() -> Check:
    from thoracle.imaging.decode import DecodeLimits, decode
    from thoracle.jobs.analyze import load_models

    started_s = time.perf_counter()
    models = load_models()
    opened_ms = 1000.0 * (time.perf_counter() - started_s)
    film = decode(made_up_film(), limits=DecodeLimits.from_settings())
    figures = {"open_ms": opened_ms, **_times(film, models)}
    parts = ", ".join(f"{name.removesuffix('_ms')} {ms:.0f} ms" for name, ms in figures.items())
    text = f"the made-up film was judged against the gate: {parts}"
    return Check(name="self-test", text=text, is_well=True, figures=figures)


def _times(film: Radiograph, models: "Models") -> dict[str, float]:
    from thoracle.radiograph.analyze import analyze
    from thoracle.reporting.overlay import overlay_png

    analysis = analyze(film, models, override_gate=True)
    box = models.lungs.locate(film.pixels).box
    return {
        "gate_ms": _median_ms(lambda: models.gate.examine(film)),
        "lungs_ms": _median_ms(lambda: models.lungs.locate(film.pixels)),
        "classifier_ms": _median_ms(
            lambda: models.classifier.score(film.pixels, box, with_maps=False)
        ),
        "classifier_and_maps_ms": _median_ms(
            lambda: models.classifier.score(film.pixels, box, with_maps=True)
        ),
        "overlays_ms": _median_ms(lambda: [overlay_png(film.pixels, one) for one in analysis.maps]),
        "all_ms": _median_ms(lambda: analyze(film, models, override_gate=True)),
    }


def _median_ms(act: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        started_s = time.perf_counter()
        act()
        times.append(time.perf_counter() - started_s)
    return 1000.0 * sorted(times)[REPEATS // 2]
