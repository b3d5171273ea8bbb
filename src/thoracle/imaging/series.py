"""Slices of a DICOM folder to one CT scan, or a refusal with every reason."""

from collections.abc import Iterable, Sequence

from thoracle.core.results import Reason
from thoracle.imaging.ct_slice import CtSlice, SliceHeader
from thoracle.imaging.hounsfield import Hounsfield, Slices, as_hu, from_window, why_not_hu
from thoracle.imaging.scan import CtScan, ScanFacts
from thoracle.imaging.scan_grid import build_scan
from thoracle.imaging.slice_order import place, why_not_placed
from thoracle.imaging.trust import Trust, refuse_for

_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_HU = "HU"
_NAMED_MAX = 8


def assemble(
    slices: Iterable[CtSlice],
    trust: Trust,
    *,
    series_uid: str | None = None,
    warnings: Sequence[Reason] = (),
) -> CtScan:
    """Put slices together to a scan.

    Parameters
    ----------
    slices
        As the decoder's child gave them, in any order; of a generator nothing is kept.
    trust
        What a user takes responsibility for.
    series_uid
        Which Series Instance UID (0020,000E), or its beginning, where there are several.
    warnings
        What is known already, as of files that are no slices.

    Returns
    -------
    CtScan
        In the patient's axes (LPS), in HU. What cannot be trusted is a ScanRefusedError with all
        the reasons that were found.
    """
    chosen, notes = choose_series(list(slices), series_uid)
    refuse_for(*why_not_placed(chosen, trust), *why_no_unit(chosen, trust))
    placed = place(chosen, trust)
    values = _hounsfield([one.values for one in placed.slices], trust)
    headers = [one.header for one in placed.slices]
    return build_scan(
        values,
        placed.affine,
        facts=_facts(headers),
        digests=[one.sha256 for one in placed.slices],
        told=(
            (*_other_modality(headers), *placed.assumptions),
            (*warnings, *notes, *placed.warnings, *_compression(headers)),
        ),
    )


def choose_series(
    slices: Sequence[CtSlice], series_uid: str | None
) -> tuple[list[CtSlice], tuple[Reason, ...]]:
    """Take the slices of one series, without localizers and pictures of reports.

    Parameters
    ----------
    slices
        Of any number of series.
    series_uid
        The wanted one, or its beginning; None where there is only one.

    Returns
    -------
    slices, warnings
        At least one slice. Several series, or none, are refused, with their names.
    """
    planned = [one for one in slices if "LOCALIZER" in one.header.image_type]
    rest = [one for one in slices if "LOCALIZER" not in one.header.image_type]
    has_ct = any(_is_ct(one.header) for one in rest)
    images = [one for one in rest if _is_ct(one.header) or not has_ct]
    refuse_for(_nothing(images, planned))
    groups: dict[str, list[CtSlice]] = {}
    for one in images:
        groups.setdefault(one.header.series_uid or "", []).append(one)
    wanted = [uid for uid in groups if series_uid is None or uid.startswith(series_uid)]
    if len(wanted) != 1:
        refuse_for(_several(groups, series_uid))
    return groups[wanted[0]], _left_out(len(planned), len(rest) - len(images))


def why_no_unit(slices: Sequence[CtSlice], trust: Trust) -> tuple[Reason, ...]:
    """Say why values are not HU by their headers; nothing where a window is assumed.

    Parameters
    ----------
    slices
        Of one series.
    trust
        What the user says.
    """
    if trust.assume_window is not None:
        return ()
    header = slices[0].header
    reasons = []
    if header.modality != "CT":
        reasons.append(
            Reason(
                code="scan-not-ct",
                text=f"found Modality (0008,0060) {header.modality or '–'} – expected CT, whose "
                "values are HU. Use the original series; or, if this is the grey of a window, say "
                "which: --assume-window LOW HIGH.",
            )
        )
    elif not all(one.header.has_rescale for one in slices):
        reasons.append(
            Reason(
                code="scan-no-rescale",
                text="found no Rescale Slope and Intercept (0028,1053), (0028,1052) – expected "
                "both, which make HU of stored values. Use the original series.",
            )
        )
    types = {one.header.rescale_type for one in slices} - {None, _HU, "US"}
    if types:
        reasons.append(
            Reason(
                code="scan-rescale-type",
                text=f"found Rescale Type (0028,1054) {min(map(str, types))} – expected HU. Send "
                "the reconstruction in HU, not a map of dual energy.",
            )
        )
    return (*reasons, *((why,) if (why := _not_hu(slices)) else ()))


def _not_hu(slices: Sequence[CtSlice]) -> Reason | None:
    """Look at the values only where they can be looked at together."""
    sizes = {one.values.shape for one in slices}
    return why_not_hu([one.values for one in slices]) if len(sizes) == 1 else None


def _hounsfield(values: Slices, trust: Trust) -> Hounsfield:
    if trust.assume_window is not None:
        return from_window(values, trust, trust.assume_window)
    return as_hu(values)


def _is_ct(header: SliceHeader) -> bool:
    """Say whether a slice is of a CT, and not a picture made of one."""
    is_picture = (header.sop_class or "").startswith(_SECONDARY_CAPTURE)
    return header.modality == "CT" and not is_picture


def _nothing(images: Sequence[CtSlice], planned: Sequence[CtSlice]) -> Reason | None:
    if images:
        return None
    text = (
        "found localizers and no slices – expected a CT series. Send the axial slices."
        if planned
        else "found no slices – expected a CT series. Send the axial slices."
    )
    return Reason(code="scan-no-slices", text=text)


def _several(groups: dict[str, list[CtSlice]], series_uid: str | None) -> Reason:
    named = [_named(uid, group) for uid, group in list(groups.items())[:_NAMED_MAX]]
    told = "; ".join([*named, *(["…"] if len(groups) > _NAMED_MAX else [])])
    text = f"found {len(groups)} series – expected one. Choose with --series UID: {told}."
    if series_uid is not None:
        text = (
            f"found not just one series whose UID begins with {series_uid[:64]} – expected one. "
            f"Choose with --series UID: {told}."
        )
    return Reason(code="scan-several-series", text=text)


def _named(uid: str, group: Sequence[CtSlice]) -> str:
    header = group[0].header
    thick = header.slice_thickness_mm
    parts = [
        f"{len(group)} × {'–' if thick is None else f'{thick:g} mm'}",
        header.kernel or "",
    ]
    return f"{uid or '–'} ({', '.join(part for part in parts if part)})"


def _left_out(localizers: int, pictures: int) -> tuple[Reason, ...]:
    told = []
    if localizers:
        text = f"Localizers left out: {localizers}."
        told.append(Reason(code="scan-localizer", text=text))
    if pictures:
        text = f"Pictures that are no CT slices, left out: {pictures}."
        told.append(Reason(code="scan-pictures", text=text))
    return tuple(told)


def _other_modality(headers: Sequence[SliceHeader]) -> tuple[Reason, ...]:
    modality = headers[0].modality
    if modality == "CT":
        return ()
    text = f"Modality (0008,0060) is {modality or '–'}; on a user's word it is a CT."
    return (Reason(code="scan-ct-assumed", text=text),)


def _compression(headers: Sequence[SliceHeader]) -> tuple[Reason, ...]:
    if not any(one.is_lossy for one in headers):
        return ()
    text = "The slices were compressed with loss: HU and texture are not the scanner's own."
    return (Reason(code="scan-lossy", text=text),)


def _facts(headers: Sequence[SliceHeader]) -> ScanFacts:
    first = headers[0]
    return ScanFacts(
        format="DICOM",
        files=len(headers),
        series_uid=first.series_uid,
        manufacturer=first.manufacturer,
        kernel=first.kernel,
        slice_thickness_mm=first.slice_thickness_mm,
        age_years=first.age_years,
        sex=first.sex,
        patient_id=first.patient_id,
        study_date=first.study_date,
    )
