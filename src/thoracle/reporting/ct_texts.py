"""The sentences of the report about the volumes of a CT scan."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from thoracle.core.results import DISCLAIMER

CT_PAGE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "disclaimer": DISCLAIMER,
        "title": "Chest CT: volumes of {file}",
        "made_at": "on {time}",
        "headline": "Percentage of infection: {percent}",
        "no_headline": "No percentage of infection: there is no lung in the labels.",
        "summary": (
            "{infection} ml of {lung} ml of lung are ground glass or consolidation, in {lesions} "
            "lesions."
        ),
        "summary_one": (
            "{infection} ml of {lung} ml of lung are ground glass or consolidation, in one lesion."
        ),
        "summary_none": "No lesion counts: {infection} ml of {lung} ml of lung are labeled as ill.",
        "know_first": "What to know first",
        "assumed": "Taken on trust: {sentence}",
        "pictures": "Pictures",
        "window_note": (
            "Lung window, −1350 to 150 HU. As radiologists see it: the patient's right is on the "
            "left of the picture."
        ),
        "axial": "Axial, slice {number} of {count} from the feet",
        "coronal": "Coronal, row {number} of {count} from the front",
        "plain": "as scanned",
        "labeled": "with labels",
        "sheet": "Slices at equal distances from base to apex, with labels and their numbers",
        "right_letter": "R",
        "left_letter": "L",
        "legend_lung": "rim of the lungs",
        "legend_ground_glass": "ground glass",
        "legend_consolidation": "consolidation",
        "volumes": "Volumes",
        "parts": "By thirds and halves",
        "parts_note": (
            "Percentage of infection of each part, and the ml of ground glass and consolidation "
            "in it."
        ),
        "region": "Region",
        "lung": "Lung, ml",
        "ground_glass": "Ground glass, ml",
        "consolidation": "Consolidation, ml",
        "infection": "Both, ml",
        "percentage": "Percentage of infection",
        "both": "Both lungs",
        "right": "Right lung",
        "left": "Left lung",
        "whole": "Whole",
        "upper": "Upper third",
        "middle": "Middle third",
        "lower": "Lower third",
        "ventral": "Ventral half",
        "dorsal": "Dorsal half",
        "right_upper": "right, upper third",
        "right_middle": "right, middle third",
        "right_lower": "right, lower third",
        "left_upper": "left, upper third",
        "left_middle": "left, middle third",
        "left_lower": "left, lower third",
        "unknown": "not known",
        "lesions": "Lesions",
        "lesions_count": "{count} lesions of {smallest} ml or more.",
        "lesions_smaller": (
            "{count} smaller pieces, together {ml} ml, are in the volumes but not counted."
        ),
        "lesions_shown": (
            "The {shown} largest are shown; all are in measures.csv and measures.json."
        ),
        "number": "No.",
        "where": "Where most of it lies",
        "volume": "Volume, ml",
        "diameter": "Longest diameter, mm",
        "surface": "Surface, cm²",
        "sphericity": "Sphericity",
        "slices": "Slices",
        "at_edge": "reaches the end of the scan",
        "density": "HU",
        "compartment": "Compartment",
        "mean": "Mean",
        "sd": "Standard deviation",
        "median": "Median",
        "range": "5th to 95th percentile",
        "all": "whole lung",
        "unaltered": "lung without labels of illness",
        "histogram": "Volume by HU, in bins of 50 HU; each curve by its own highest bin",
        "no_density": (
            "No HU: the scan is grey of a window, in which HU beyond its ends are cut off."
        ),
        "intervals": (
            "In brackets: the least and the greatest of the same number in {count} label maps "
            "of this scan, mirrored and at shifted grey. It is how far the network's own answer "
            "moves, not how far it is from the truth."
        ),
        "no_intervals": "There are no intervals: only one label map of this scan was measured.",
        "bounds": "≥ marks volumes of a lung that the scan cuts off: it holds at least so much.",
        "definitions": "Definitions",
        "scan": "Scan",
        "file": "File",
        "format": "Files",
        "format_value": "{format}, {files}",
        "grid": "Voxels",
        "grid_value": "{slices} slices × {rows} rows × {columns} columns of {spacing} mm",
        "unit": "Unit",
        "unit_hu": "HU",
        "unit_window": "grey of a window, taken to be {low} to {high} HU",
        "manufacturer": "Manufacturer",
        "kernel": "Kernel",
        "thickness": "Slice thickness",
        "thickness_value": "{mm} mm",
        "provenance": "Provenance",
        "labels_by": "Labels",
        "labels_bundle": "bundle {name} {version}",
        "labels_file": "given as {file}",
        "bundle_digest": "SHA-256 of the bundle",
        "labels_digest": "SHA-256 of the labels",
        "scan_digest": "SHA-256 of the scan",
        "software": "Thoracle",
    }
)

CT_DEFINITIONS: Final[tuple[str, ...]] = tuple(
    {
        "lung": (
            "Lung: all voxels labeled as lung, ground glass or consolidation, counted and "
            "multiplied by the volume of a voxel. Vessels and airways count as their label says."
        ),
        "percentage": (
            "Percentage of infection: ground glass and consolidation, as a share of the lung of "
            "the same region. Where there is no lung there is no percentage."
        ),
        "sides": (
            "Right and left: by form alone. Lungs that touch are parted where their junction is "
            "narrowest; small pieces belong to the nearer lung."
        ),
        "thirds": (
            "Thirds: of equal height, each lung by its own, from the first to the last slice in "
            "which it fills 1 cm². Halves: at the middle of its own depth, from front to back."
        ),
        "lesion": (
            "Lesion: voxels of ground glass or consolidation that share a face, an edge or a "
            "corner, 0.1 ml or more."
        ),
        "shape": (
            "Surface, sphericity and longest diameter: of the mesh half-way between voxels of the "
            "lesion and its surroundings (IBSI). It keeps the voxels' steps, so even a ball stays "
            "below a sphericity of 1."
        ),
    }.values()
)
"""What is meant by each number, as the report prints it."""
