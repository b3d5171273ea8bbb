"""The view of a result: honest percentages, the right verdicts, nothing made up."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thoracle.core.languages import language
from thoracle.core.results import (
    AnomalyMap,
    BundleReference,
    ContributionMap,
    FileResult,
    Finding,
    GateDecision,
    GateKind,
    Provenance,
    Reason,
    Status,
)
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.reporting.analysis_view import (
    PictureAddresses,
    percentages,
    shown_maps,
    shown_places,
    top_label,
    view_of,
)

LABELS = ("No finding", "Other lung opacity", "COVID-19")
NOWHERE = PictureAddresses()


def _findings(*probabilities: float, threshold: float = 0.5) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            label=label,
            logit=0.0,
            probability=probability,
            threshold=threshold,
            is_positive=probability >= threshold,
        )
        for label, probability in zip(LABELS, probabilities, strict=False)
    )


def _map(label: str, *, share: float | None = 0.62, scale_max: float = 2.0) -> ContributionMap:
    return ContributionMap(
        label=label,
        layer="features",
        method="Grad-CAM",
        values=np.zeros((2, 2), np.float32),
        scale_max=scale_max,
        box=(0, 0, 9, 9),
        lung_share=share,
    )


def _result(probabilities: tuple[float, ...] = (0.1, 0.2, 0.7), **changes: object) -> FileResult:
    result = FileResult(
        file="film.png",
        sha256="a" * 64,
        status=Status.ANALYZED,
        gate=GateDecision(
            accepted=True, kind=GateKind.FRONTAL_CHEST, probability=0.987, rotation_degrees=0
        ),
        findings=_findings(*probabilities),
        maps=tuple(_map(label) for label in (*LABELS, *LABELS)),
        provenance=Provenance(
            sha256="a" * 64,
            software_version="0.1.0",
            bundles=(BundleReference(name="gate", version="1", digest="abc"),),
            runtime="ONNX Runtime",
            precision="fp32",
        ),
    )
    return replace(result, **changes)  # type: ignore[arg-type]


@given(st.lists(st.floats(min_value=0.0, max_value=1.0), min_size=1, max_size=6))
def test_shares_of_a_whole_print_as_percentages_that_add_up_to_100(weights: list[float]) -> None:
    total = sum(weights)
    shares = [weight / total for weight in weights] if total > 1e-6 else [1.0]
    printed = percentages(shares)
    assert round(sum(float(one) for one in printed) * 10) == 1000
    for share, text in zip(shares, printed, strict=True):
        assert abs(float(text) - share * 100) <= 0.1 + 1e-6


def test_the_largest_remainder_is_the_one_rounded_up() -> None:
    assert percentages([1 / 3, 1 / 3, 1 / 3]) == ("33.4", "33.3", "33.3")
    assert percentages([0.0004, 0.0004, 0.9992]) == ("0.1", "0.0", "99.9")
    assert percentages([0.5709, 0.4291]) == ("57.1", "42.9")


def test_probabilities_that_do_not_exclude_each_other_are_not_forced_to_a_sum() -> None:
    assert percentages([0.9, 0.8, 0.123]) == ("90.0", "80.0", "12.3")
    assert percentages([]) == ()


def test_the_three_findings_have_their_colors_and_numbers() -> None:
    bars = view_of(_result(), addresses=NOWHERE).bars
    assert [(bar.label, bar.tone, bar.percent) for bar in bars] == [
        ("No finding", "green", "10.0"),
        ("Other lung opacity", "blue", "20.0"),
        ("COVID-19", "red", "70.0"),
    ]
    assert [bar.width_percent for bar in bars] == pytest.approx([10, 20, 70])
    assert bars[2].threshold_at_percent == 50
    assert bars[2].is_positive
    assert not bars[0].is_positive


def test_a_label_that_nobody_knows_is_grey() -> None:
    unknown = (replace(_findings(1.0)[0], label="Nodule"),)
    assert view_of(_result(findings=unknown), addresses=NOWHERE).bars[0].tone == "grey"


@pytest.mark.parametrize(
    ("probabilities", "note"),
    [((0.1, 0.2, 0.7), None), ((0.3, 0.3, 0.4), "undecided"), ((0.5, 0.5, 0.0), "More than one")],
)
def test_none_or_several_positive_findings_are_explained(
    probabilities: tuple[float, ...], note: str | None
) -> None:
    found = view_of(_result(probabilities), addresses=NOWHERE).bars_note
    assert (found is None) == (note is None)
    assert note is None or (found is not None and note in found)


def test_the_top_label_is_the_most_probable_and_none_without_findings() -> None:
    assert top_label(_findings(0.1, 0.6, 0.3)) == "Other lung opacity"
    assert top_label(()) is None


def test_a_page_shows_the_first_map_of_each_label_and_lists_all() -> None:
    result = _result()
    assert shown_maps(result.maps) == (0, 1, 2)
    addresses = PictureAddresses(film="/film", overlays={i: f"/{i}" for i in range(6)})
    view = view_of(result, addresses=addresses)
    assert [picture.url for picture in view.pictures] == ["/film", "/0", "/1", "/2"]
    assert [row.url for row in view.maps] == [f"/{i}" for i in range(6)]
    assert view.pictures[1].note == "62 % of this map lies inside the lungs."


def test_an_unknown_lung_share_is_unknown_never_zero() -> None:
    view = view_of(
        _result(maps=(_map("COVID-19", share=None),)),
        addresses=PictureAddresses(film="/film", overlays={0: "/0"}),
    )
    assert view.pictures[1].note == ""
    assert view.maps[0].lung_share == "unknown"


def test_without_addresses_there_are_no_pictures() -> None:
    assert view_of(_result(), addresses=NOWHERE).pictures == ()
    only_film = view_of(_result(), addresses=PictureAddresses(film="/film"))
    assert [picture.url for picture in only_film.pictures] == ["/film"]


def test_the_scale_is_printed_where_all_maps_that_are_shown_share_it() -> None:
    assert view_of(_result(), addresses=NOWHERE).scale_max == "2"
    other_layer = _result(maps=(_map("COVID-19"), _map("COVID-19", scale_max=3.0)))
    assert view_of(other_layer, addresses=NOWHERE).scale_max == "2"
    mixed = _result(maps=(_map("COVID-19"), _map("No finding", scale_max=3.0)))
    assert view_of(mixed, addresses=NOWHERE).scale_max is None


def test_the_gate_is_quoted_with_its_kind_and_probability() -> None:
    view = view_of(_result(), addresses=NOWHERE, made_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert view.gate_sentence == (
        "The gate takes this picture to be a frontal chest radiograph (98.7 %) and accepts it."
    )
    assert view.gate_accepted
    assert view.made_at == "on 2026-03-01 12:00 UTC"
    gate = GateDecision(
        accepted=False,
        kind=GateKind.ROTATED_CHEST,
        probability=0.9,
        rotation_degrees=270,
        reasons=(Reason(code="gate-rotated-chest", text="It is turned."),),
    )
    refused = view_of(
        _result((), status=Status.REFUSED, gate=gate, findings=(), maps=()), addresses=NOWHERE
    )
    assert refused.gate_sentence is not None
    assert "refuses it" in refused.gate_sentence
    assert refused.rotation_degrees == 270
    assert refused.reasons == gate.reasons
    assert refused.bars == ()
    assert refused.bars_note is None


def test_a_failure_has_its_error_and_nothing_that_was_never_computed() -> None:
    error = Reason(code="image", text="torn")
    failed = FileResult(file="x", sha256="b", status=Status.FAILED, error=error)
    view = view_of(failed, addresses=NOWHERE)
    assert view.error == error
    assert view.gate_sentence is None
    assert not view.gate_accepted
    assert not view.is_overridden
    assert view.provenance == (("File", "x"), ("SHA-256 of the bytes", "b"))


@pytest.mark.parametrize("overridden", [False, True])
def test_provenance_names_bundles_runtime_and_override(overridden: bool) -> None:
    result = _result()
    assert result.provenance is not None
    changed = replace(result, provenance=replace(result.provenance, gate_overridden=overridden))
    view = view_of(changed, addresses=NOWHERE)
    rows = dict(view.provenance)
    assert rows["Bundle gate"] == "1 (abc)"
    assert rows["Gate overridden"] == ("yes" if overridden else "no")
    assert view.is_overridden is overridden


def test_everything_that_is_said_is_said_in_the_language_asked_for() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    view = view_of(_result(), addresses=NOWHERE, made_at=noon, language=language("pt"))
    english = view_of(_result(), addresses=NOWHERE, made_at=noon)
    assert view.made_at == "em 01/03/2026 12:00 UTC"
    for one, other in zip(view.bars, english.bars, strict=True):
        assert one.sentence != other.sentence
        assert one.percent == other.percent.replace(".", ",")
    assert view.gate_sentence is not None
    assert view.gate_sentence.startswith("O filtro considera")
    assert view.provenance[0][0] == "Arquivo"


def test_a_training_film_is_warned_of_before_anything_else() -> None:
    first, other = Reason(code="training-film", text="Seen."), Reason(code="b", text="Dark.")
    view = view_of(_result(warnings=(other, first)), addresses=NOWHERE)
    assert (view.foremost, view.warnings) == ((first,), (other,))


def test_how_often_the_conclusion_is_right_is_said_where_it_was_measured() -> None:
    counts = {"COVID-19": BinaryCounts(tp=90, fp=40, fn=10, tn=160)}
    view = view_of(_result(), addresses=NOWHERE, counts=counts)
    assert view.odds is not None
    assert "is right in 33 %" in view.odds
    assert view_of(_result(), addresses=NOWHERE).odds is None


def test_the_anomaly_map_is_shown_last_as_a_map_of_no_finding() -> None:
    anomaly = AnomalyMap(
        values=np.zeros((2, 2), np.float32), scale_max=4.0, box=(0, 0, 4, 4), lung_share=None,
        lung_mean=None,
    )  # fmt: skip
    result = _result(anomaly=anomaly)
    place = len(result.maps)
    addresses = PictureAddresses(film="f", overlays={i: f"m{i}" for i in range(place + 1)})
    view = view_of(result, addresses=addresses)
    assert shown_places(result)[-1] == place
    assert view.pictures[-1].title == "Anomaly (of no finding)"
    assert "No finding’s score comes from this map" in view.pictures[-1].note
    assert "from 0 to 4 spreads" in view.pictures[-1].note
    row = view.maps[-1]
    assert (row.label, row.layer, row.url) == ("Anomaly (of no finding)", "–", f"m{place}")
    assert [one.label for one in view.bars] == [one.label for one in view_of(
        _result(), addresses=addresses
    ).bars]  # fmt: skip
    without = view_of(_result(), addresses=addresses)
    assert view.scale_max == without.scale_max
