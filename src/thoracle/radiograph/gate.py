"""Decide whether a picture may be judged at all, and say why not."""

import numpy as np

from thoracle.core.arrays import DoubleArray, FloatArray
from thoracle.core.results import GateDecision, GateKind, Reason
from thoracle.imaging.types import Radiograph
from thoracle.inference.bundle import Bundle
from thoracle.inference.reference import REFERENCE, EmbeddingReference, load_reference
from thoracle.inference.session import Network
from thoracle.radiograph.preprocess import GATE_INPUT, gate_input
from thoracle.radiograph.probabilities import softmax
from thoracle.radiograph.types import Examination

GATE_CLASSES = (
    "frontal_chest",
    "turned_90",
    "turned_180",
    "turned_270",
    "lateral_chest",
    "ct",
    "other_radiograph",
    "not_radiograph",
)
"""The network's classes; turns are clockwise. A last logit says whether grey is inverted."""

SMALLEST_SIDE_PX = 128  # below it, an opacity of 1 cm is under 4 px on an adult film 40 cm wide.
GOOD_SIDE_PX = 224  # the classifier's input; a smaller film is enlarged and shows no new detail.
DARK_MEAN = 0.12  # a radiograph's mean display grey lies between 0.3 and 0.7.
CLIPPED_SHARE = 0.35  # of pixels at the very ends; collimator borders reach about a quarter.
CLIPPED_STEP = 0.004  # one 8-bit step at each end.
COLOR_SHARE = 0.05  # of pixels with visible color: a photograph of a film, not a scan.

_HAS_POLARITY = (GateKind.FRONTAL_CHEST, GateKind.ROTATED_CHEST)
_REFUSALS = {
    GateKind.LATERAL_CHEST: Reason(
        code="gate-lateral-chest",
        text="This looks like a lateral chest radiograph; only frontal (PA or AP) films can be "
        "judged.",
    ),
    GateKind.CT: Reason(
        code="gate-ct",
        text="This looks like a CT or another sectional scan; only frontal chest radiographs can "
        "be judged.",
    ),
    GateKind.OTHER_RADIOGRAPH: Reason(
        code="gate-other-radiograph",
        text="This looks like a radiograph of another body part; only frontal chest radiographs "
        "can be judged.",
    ),
    GateKind.NOT_RADIOGRAPH: Reason(
        code="gate-not-radiograph",
        text="This does not look like a radiograph; only frontal chest radiographs can be judged.",
    ),
}


class Gate:
    """The gate network of a bundle, and the rules beside it.

    Parameters
    ----------
    bundle
        Of task "gate".
    threads
        As for `Network`.
    """

    def __init__(self, bundle: Bundle, *, threads: int | None = None) -> None:
        self.bundle = bundle.need_task("gate").need_input(GATE_INPUT)
        self._accept = bundle.number("accept_probability")
        self._farthest = bundle.numbers.get("distance_limit", np.inf)
        self._network = Network(bundle, needs=("logits", "embedding"), threads=threads)
        path = bundle.folder / REFERENCE
        self.reference: EmbeddingReference | None = load_reference(path) if path.is_file() else None

    def score(self, pixels: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Run the network on a whole picture.

        Parameters
        ----------
        pixels : (rows, columns) float32
            Display grey, 0 to 1.

        Returns
        -------
        logits : (9,) float32
            One for each of `GATE_CLASSES`, then that of inverted grey.
        embedding : (channels,) float32
            Pooled features of the last layer.
        """
        film = gate_input(pixels, size=self.bundle.input_size) * 2.0 - 1.0
        values = self._network.run(film[None, None])
        return values["logits"][0], values["embedding"][0]

    def examine(self, film: Radiograph) -> Examination:
        """Decide on one decoded film.

        Parameters
        ----------
        film
            As decoded, bone bright.

        Returns
        -------
        Examination
            A refusal has reasons; refused or accepted, a film may have warnings.
        """
        logits, embedding = self.score(film.pixels)
        chances = softmax(logits[:-1], temperature=self.bundle.temperature)
        is_inverted = float(logits[-1]) > 0.0 and likeliest_kind(chances)[0] in _HAS_POLARITY
        if is_inverted:  # decided as bone bright, which is how lungs and findings will see it
            logits, embedding = self.score(1.0 - film.pixels)
            chances = softmax(logits[:-1], temperature=self.bundle.temperature)
        distance = 0.0 if self.reference is None else self.reference.distance(embedding)
        decision = self._decide(film, chances, distance=distance)
        return Examination(
            decision=decision,
            warnings=film_warnings(film, is_inverted=is_inverted),
            is_inverted=is_inverted,
        )

    def _decide(self, film: Radiograph, chances: DoubleArray, *, distance: float) -> GateDecision:
        if min(film.pixels.shape) < SMALLEST_SIDE_PX:
            return _refused(chances, _too_small(film))
        frontal = float(chances[0])
        is_near = distance <= self._farthest
        if frontal >= self._accept and is_near:
            return GateDecision(
                accepted=True, kind=GateKind.FRONTAL_CHEST, probability=frontal, rotation_degrees=0
            )
        kind, _, degrees = likeliest_kind(chances)
        if kind in _REFUSALS:
            return _refused(chances, _REFUSALS[kind])
        if kind is GateKind.ROTATED_CHEST:
            return _refused(chances, _turned(degrees))
        return _refused(chances, self._unsure(frontal) if is_near else _unlike())

    def _unsure(self, frontal: float) -> Reason:
        text = (
            "The gate is not sure that this is a frontal chest radiograph (probability "
            f"{frontal:.2f}, at least {self._accept:.2f} is needed)."
        )
        return Reason(code="gate-unsure", text=text)


def likeliest_kind(chances: DoubleArray) -> tuple[GateKind, float, int]:
    """Return the kind of highest probability, the turns counted together.

    Parameters
    ----------
    chances : (8,) float64
        Probabilities of `GATE_CLASSES`.

    Returns
    -------
    kind, probability, degrees
        `degrees` is the likeliest turn clockwise of a rotated film, else 0.
    """
    frontal, *turns, lateral, ct, other, nothing = (float(chance) for chance in chances)
    by_kind = {
        GateKind.FRONTAL_CHEST: frontal,
        GateKind.ROTATED_CHEST: sum(turns),
        GateKind.LATERAL_CHEST: lateral,
        GateKind.CT: ct,
        GateKind.OTHER_RADIOGRAPH: other,
        GateKind.NOT_RADIOGRAPH: nothing,
    }
    kind = max(by_kind, key=lambda one: by_kind[one])
    degrees = 90 * (1 + turns.index(max(turns))) if kind is GateKind.ROTATED_CHEST else 0
    return kind, by_kind[kind], degrees


def film_warnings(film: Radiograph, *, is_inverted: bool) -> tuple[Reason, ...]:
    """Return what makes a film less trustworthy.

    Parameters
    ----------
    film
        As decoded.
    is_inverted
        What the gate says of its grey.

    Returns
    -------
    tuple of Reason
        Empty for a good film.
    """
    return (
        *_polarity_warning(is_inverted=is_inverted),
        *_size_warning(film),
        *_grey_warnings(film.pixels),
        *_color_warning(film),
        *_synthetic_warning(film),
    )


def _polarity_warning(*, is_inverted: bool) -> tuple[Reason, ...]:
    if not is_inverted:
        return ()
    text = (
        "Bones look dark: the grey seems inverted. It was turned to bone bright before judging; "
        "check it."
    )
    return (Reason(code="inverted-grey", text=text),)


def _size_warning(film: Radiograph) -> tuple[Reason, ...]:
    rows, columns = film.pixels.shape
    if min(rows, columns) >= GOOD_SIDE_PX:
        return ()
    text = (
        f"The film is only {columns}×{rows} px; under {GOOD_SIDE_PX} px small opacities are lost."
    )
    return (Reason(code="low-resolution", text=text),)


def _grey_warnings(pixels: FloatArray) -> tuple[Reason, ...]:
    found = []
    mean = float(pixels.mean())
    if mean < DARK_MEAN:
        text = f"The film is very dark (mean grey {mean:.2f} of 1)."
        found.append(Reason(code="too-dark", text=text))
    clipped = float(np.mean((pixels <= CLIPPED_STEP) | (pixels >= 1.0 - CLIPPED_STEP)))
    if clipped > CLIPPED_SHARE:
        text = (
            f"{clipped * 100:.0f} % of the pixels are fully black or white; detail is lost there."
        )
        found.append(Reason(code="clipped", text=text))
    return tuple(found)


def _color_warning(film: Radiograph) -> tuple[Reason, ...]:
    if not film.is_color or film.color_share <= COLOR_SHARE:
        return ()
    text = "The picture is in color: probably a photograph of a film. Use the original file."
    return (Reason(code="color-photograph", text=text),)


def _synthetic_warning(film: Radiograph) -> tuple[Reason, ...]:
    if not film.is_synthetic:
        return ()
    text = "The film says that it is synthetic: it shows nobody, and its findings mean nothing."
    return (Reason(code="synthetic", text=text),)


def _refused(chances: DoubleArray, reason: Reason) -> GateDecision:
    kind, probability, degrees = likeliest_kind(chances)
    return GateDecision(
        accepted=False,
        kind=kind,
        probability=probability,
        rotation_degrees=degrees,
        reasons=(reason,),
    )


def _turned(degrees: int) -> Reason:
    text = f"The chest radiograph is turned by {degrees}° clockwise. Turn it back and try again."
    return Reason(code="gate-rotated-chest", text=text)


def _unlike() -> Reason:
    text = "The picture is unlike every frontal chest radiograph the gate knows."
    return Reason(code="gate-unlike", text=text)


def _too_small(film: Radiograph) -> Reason:
    rows, columns = film.pixels.shape
    text = (
        f"The picture is {columns}×{rows} px; at least {SMALLEST_SIDE_PX} px a side are needed. "
        "Use the original film."
    )
    return Reason(code="gate-too-small", text=text)
