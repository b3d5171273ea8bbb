"""Measure the texture of one film or volume; what cannot be measured is a result too."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from thoracle.core.arrays import BoolArray, FloatArray
from thoracle.core.errors import ImageError
from thoracle.core.results import Analysis, Reason
from thoracle.imaging.decode import decode_trusted_file
from thoracle.imaging.texture.aggregation import Aggregation
from thoracle.imaging.texture.measure import WAVELET_PREFIX, Binning, Layer, measure_layers
from thoracle.imaging.texture.volume_shape import volume_shape
from thoracle.imaging.texture.wavelets import wavelet_bands
from thoracle.imaging.types import Radiograph
from thoracle.imaging.volume import is_volume, read_mask, read_volume
from thoracle.jobs.analyze import empty_folder, load_models, printable
from thoracle.radiograph.analyze import Models, analyze
from thoracle.radiograph.regions import DRAWN, altered_region, lung_regions, with_altered
from thoracle.radiograph.texture import RegionTexture, measure_film

MASKED: Final = "mask"
INVERTED: Final = "inverted-grey"
ISOTROPIC: Final = 1.05  # coarser by more than this across slices: the IBSI asks to resample


@dataclass(frozen=True, slots=True, kw_only=True)
class TextureOptions:
    """What is measured of each file.

    Attributes
    ----------
    mask
        Of a drawn region: a picture or NIfTI file for one file, or a folder with a mask named like
        each file.
    labels
        Which values of a volume's mask are inside; none means all but 0.
    with_wavelets
        Whether wavelet bands are measured too.
    bundle
        Whose map gives the altered region; None means the setting `bundle`.
    aggregation, binning
        Of volumes; those of films are fixed.
    """

    mask: Path | None = None
    labels: tuple[int, ...] = ()
    with_wavelets: bool = True
    bundle: str | None = None
    aggregation: Aggregation = Aggregation.AVERAGED_3D
    binning: Binning = field(default_factory=Binning)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFile:
    """What came of one file: its regions, or why there are none."""

    file: str
    regions: tuple[RegionTexture, ...] = field(default=(), repr=False)
    notes: tuple[Reason, ...] = ()
    error: Reason | None = None


def measure_file(path: Path, options: TextureOptions) -> MeasuredFile:
    """Measure one film or volume; a file that cannot be measured is a result with an error."""
    name = printable(str(path))
    try:
        return _measured(path, name, options)
    except ImageError as error:
        return MeasuredFile(file=name, error=Reason(code=error.code, text=error.text))
    except Exception as error:  # noqa: BLE001  (the worker's edge: the other files go on)
        text = f"The file could not be measured ({type(error).__name__}). Report this."
        return MeasuredFile(file=name, error=Reason(code="texture-failed", text=text))


def _measured(path: Path, name: str, options: TextureOptions) -> MeasuredFile:
    if path.is_dir():
        raise empty_folder()
    if is_volume(path):
        return _measure_volume(path, name, options)
    return _measure_film(path, name, options)


@lru_cache(maxsize=1)
def _models(bundle: str | None) -> Models:
    return load_models(bundle, threads=1)


def _measure_film(path: Path, name: str, options: TextureOptions) -> MeasuredFile:
    film = decode_trusted_file(path)
    drawn = _drawn(path, film, options.mask)
    analysis = analyze(film, _models(options.bundle), override_gate=drawn is not None)
    if not analysis.gate.accepted and drawn is None:
        reasons = " ".join(reason.text for reason in analysis.gate.reasons)
        return MeasuredFile(
            file=name, error=Reason(code="gate-refused", text=f"Refused by the gate. {reasons}")
        )
    measured = measure_film(
        upright_grey(film.pixels, analysis),
        film_regions(analysis, film.pixels.shape, drawn=drawn),
        lungs=analysis.lung_mask,
        spacing_mm=film.pixel_spacing_mm,
        with_wavelets=options.with_wavelets,
    )
    return MeasuredFile(file=name, regions=measured, notes=analysis.warnings)


def upright_grey(pixels: FloatArray, analysis: Analysis) -> FloatArray:
    """Return grey with bone bright, as the networks saw it."""
    codes = {warning.code for warning in analysis.warnings}
    return 1.0 - pixels if INVERTED in codes else pixels


def film_regions(
    analysis: Analysis, shape: tuple[int, ...], *, drawn: BoolArray | None
) -> Mapping[str, BoolArray]:
    """Return every region that a film has.

    Parameters
    ----------
    analysis
        With lungs and maps.
    shape
        (rows, columns) of the film.
    drawn : (rows, columns) bool or None
        What a reader drew.

    Returns
    -------
    mapping
        By name of `REGIONS`.
    """
    lungs = analysis.lung_mask
    found = {} if lungs is None else lung_regions(lungs)
    altered = altered_region(analysis.maps, analysis.findings, rows=shape[0], columns=shape[1])
    found = with_altered(found, altered)
    return found if drawn is None else {**found, DRAWN: drawn}


def _drawn(path: Path, film: Radiograph, mask: Path | None) -> BoolArray | None:
    chosen = _mask_of(path, mask)
    if chosen is None:
        return None
    with _naming(chosen):
        drawn = decode_trusted_file(chosen).pixels > 0.0
    if drawn.shape != film.pixels.shape:
        raise ImageError(
            f"found a mask of {drawn.shape[0]} × {drawn.shape[1]} pixels for a film of "
            f"{film.pixels.shape[0]} × {film.pixels.shape[1]} – expected the same size. Draw it "
            "on the film itself.",
            code="mask-elsewhere",
        )
    return drawn


@contextmanager
def _naming(mask: Path) -> Iterator[None]:
    """Say of what cannot be read that it is the mask, not the film.

    Raises
    ------
    ImageError
        As inside the block, with the mask's name before it.
    """
    try:
        yield
    except ImageError as error:
        raise ImageError(f"Mask {printable(str(mask))}: {error.text}", code=error.code) from error


def _mask_of(path: Path, mask: Path | None) -> Path | None:
    """Return a file's mask: the one given, or in a folder that of the file's name."""
    if mask is None or not mask.is_dir():
        return mask
    stem = path.name.split(".")[0]
    named = sorted(one for one in mask.iterdir() if one.name.split(".")[0] == stem)
    return named[0] if named else None


def _measure_volume(path: Path, name: str, options: TextureOptions) -> MeasuredFile:
    chosen = _mask_of(path, options.mask)
    if chosen is None:
        raise ImageError(
            "found a volume without a mask – expected the region to measure. Give it with --mask.",
            code="mask-missing",
        )
    volume = read_volume(path)
    with _naming(chosen):
        mask = read_mask(chosen, volume, labels=options.labels)
    image = volume.values.astype(np.float64)
    layers = {"": Layer(image=image, binning=options.binning)}
    if options.with_wavelets:
        is_3d = not options.aggregation.is_by_slice
        for band, values in wavelet_bands(image, is_volume=is_3d).items():
            own = Binning(bins=options.binning.bins or Binning().bins)
            layers[f"{WAVELET_PREFIX}{band.lower()}_"] = Layer(image=values, binning=own)
    features = volume_shape(image, mask, spacing=volume.spacing_mm)
    features |= measure_layers(layers, mask, options.aggregation)
    region = RegionTexture(region=MASKED, pixels=int(mask.sum()), unit="mm", features=features)
    return MeasuredFile(file=name, regions=(region,), notes=_notes(volume.spacing_mm, options))


def _notes(spacing_mm: Sequence[float], options: TextureOptions) -> tuple[Reason, ...]:
    if options.aggregation.is_by_slice or max(spacing_mm) <= ISOTROPIC * min(spacing_mm):
        return ()
    told = " × ".join(f"{one:g}" for one in spacing_mm)
    text = (
        f"Voxels of {told} mm are not cubes: neighbors across slices lie farther apart than "
        "within. Resample the volume, or aggregate by slice (2_5D_comb)."
    )
    return (Reason(code="voxels-not-cubes", text=text),)
