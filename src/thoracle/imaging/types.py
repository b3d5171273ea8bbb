"""A decoded radiograph: display pixels, and what the file itself says about them."""

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from thoracle.core.arrays import FloatArray

OLDEST_YEARS = 120.0  # nobody has been documented to live longer than 122 years


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFacts:
    """What a file says about its film beside the pixels.

    Attributes
    ----------
    format
        What the bytes are: "PNG", "JPEG", "TIFF", "WEBP", "BMP" or "DICOM".
    bits
        Stored bits per sample, 1 to 16.
    is_color
        Whether the file held color that is not grey (a photograph of a film, a figure).
    color_share
        Share of pixels whose channels differ by more than 16 of 255, 0 to 1.
    pixel_spacing_mm
        Row and column spacing; None where the file does not say.
    modality, view, laterality
        DICOM Modality (0008,0060), View Position (0018,5101) ("PA", "AP", "LL" ...),
        Image Laterality (0020,0062), else Laterality (0020,0060); None where the file does not
        say.
    age_years, sex
        From Patient's Age (0010,1010), else from Birth Date (0010,0030) and Study Date
        (0008,0020), and Patient's Sex (0010,0040); None where unknown.
    patient_id, study_date
        Patient ID (0010,0020) and Study Date (0008,0020), as they stand; None where the file does
        not say. They name the patient: nothing keeps them unless it is told to.
    is_synthetic
        Whether the file bears the mark of `thoracle examples make` (`synthetic.bears_mark`).
    """

    format: str
    bits: int
    is_color: bool = False
    color_share: float = 0.0
    pixel_spacing_mm: tuple[float, float] | None = None
    modality: str | None = None
    view: str | None = None
    laterality: str | None = None
    age_years: float | None = None
    sex: str | None = None
    patient_id: str | None = field(default=None, repr=False)
    study_date: str | None = field(default=None, repr=False)
    is_synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Radiograph(FilmFacts):
    """One decoded film, bone bright, with what its file says.

    Attributes
    ----------
    pixels : (rows, columns) float32
        Display grey, 0 black to 1 white, after modality LUT, VOI LUT and polarity.
    sha256
        Digest of the file's bytes, 64 hex digits.
    beyond : (rows, columns) float32 or None
        The same without an end: what lies outside the file's window goes on below 0 and above 1,
        for a reader who widens it. None where nothing does.
    """

    pixels: FloatArray = field(repr=False)
    sha256: str
    beyond: FloatArray | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A film as a decoder hands it over, before its grey is scaled to 0…1.

    Attributes
    ----------
    samples : (rows, columns) uint8, uint16 or float32
        Bone bright; 0 is black. Values of float32 may lie below black and above white.
    peak
        The sample value that is white: 255, 4095, 65535 ..., and 1 for float32.
    facts
        What the file says beside the pixels.
    """

    samples: NDArray[np.uint8] | NDArray[np.uint16] | FloatArray = field(repr=False)
    peak: float
    facts: FilmFacts

    def to_radiograph(self, *, sha256: str) -> Radiograph:
        """Scale the samples to 0…1 and join them with the facts and the file's digest."""
        facts = {each.name: getattr(self.facts, each.name) for each in fields(FilmFacts)}
        if self.peak == 1.0 and self.samples.dtype == np.float32:
            whole: FloatArray = self.samples.astype(np.float32, copy=False)
            if whole.size and (whole.min() < 0.0 or whole.max() > 1.0):
                pixels: FloatArray = np.clip(whole, 0.0, 1.0)
                return Radiograph(pixels=pixels, beyond=whole, sha256=sha256, **facts)
            return Radiograph(pixels=whole, sha256=sha256, **facts)
        pixels = np.divide(self.samples, np.float32(self.peak), dtype=np.float32)
        return Radiograph(pixels=pixels, sha256=sha256, **facts)
