"""What a CT report prints: numbers with their units, bounds, intervals, and what is unknown."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.unit.reporting.ct_case import BUNDLE, MARKED, Case, case, empty_case

from thoracle.core.languages import ENGLISH_TEXTS, Language
from thoracle.reporting.ct_view import LESIONS_SHOWN, CtView, LabelSource, ct_view

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def view(one: Case, language: Language = ENGLISH_TEXTS) -> CtView:
    return ct_view(one.found, made_at=NOW, language=language)


def test_the_headline_is_the_percentage_and_the_summary_has_the_volumes() -> None:
    one = case()
    both = one.found.measures.region("both")
    percent, infection, lung = (
        both.percentage_of_infection.value, both.infection_ml.value, both.lung_ml.value
    )  # fmt: skip
    seen = view(one)
    assert seen.headline == f"Percentage of infection: {percent:.1f} %"
    assert seen.summary == (
        f"{infection:.0f} ml of {lung:.0f} ml of lung are ground glass or consolidation, in one "
        "lesion."
    )
    assert seen.made_at == "on 2026-11-21 12:30 UTC"
    assert seen.volumes[1][0] == "Both lungs"
    assert seen.volumes[1][1] == f"{lung:.0f}"


def test_a_lung_without_illness_has_zero_percent_and_one_without_lung_has_none() -> None:
    assert view(case(lesions=False)).headline == "Percentage of infection: 0.00 %"
    nothing = view(empty_case())
    assert nothing.headline == "No percentage of infection: there is no lung in the labels."
    assert nothing.volumes[1][-1] == "not known"
    assert nothing.lesions == ()


def test_intervals_stand_in_brackets_and_are_said_for_what_they_are() -> None:
    one = case(variants=2)
    percent = one.found.measures.region("both").percentage_of_infection
    assert percent.low is not None
    assert percent.high is not None
    seen = view(one)
    assert seen.headline.endswith(f"({percent.low:.1f}–{percent.high:.1f})")
    assert "in 3 label maps" in seen.notes[0]
    assert "not how far it is from the truth" in seen.notes[0]
    assert view(case()).notes[0].startswith("There are no intervals")


def test_intervals_of_negative_numbers_cannot_be_misread() -> None:
    cells = view(case(variants=1)).density[1]
    assert cells[2].count("…") == 1
    assert cells[2].startswith("−")
    assert "-" not in cells[2]


def test_volumes_of_a_cut_lung_are_lower_bounds() -> None:
    seen = view(case(cut=True))
    assert all(cell.startswith("≥ ") for cell in seen.volumes[1][1:5])
    assert not seen.volumes[1][5].startswith("≥")
    assert seen.notes[-1].startswith("≥ marks volumes")
    assert [one.code for one in seen.warnings] == ["ct-lung-cut"]


def test_what_was_taken_on_trust_comes_first() -> None:
    seen = view(case(window=True))
    assert seen.warnings[0].text == "Taken on trust: Assumed so."
    assert seen.density == ()
    assert ("Unit", "grey of a window, taken to be −1350 to 150 HU") in seen.facts


def test_lesions_are_told_with_their_place_from_the_first_slice_as_one() -> None:
    one = case()
    (lesion,) = one.found.measures.lesions.largest
    row = view(one).lesions[1]
    assert row[:2] == ("1", "right, middle third")
    assert row[-1] == f"{lesion.slices[0] + 1}–{lesion.slices[1] + 1}"


def test_of_many_lesions_the_largest_are_shown_and_the_rest_is_named() -> None:
    one = case()
    lesions = one.found.measures.lesions
    many = replace(lesions, largest=lesions.largest * 20, smaller=3, smaller_ml=0.12)
    found = replace(one.found, measures=replace(one.found.measures, lesions=many))
    seen = ct_view(found, made_at=None, language=ENGLISH_TEXTS)
    assert len(seen.lesions) == LESIONS_SHOWN + 1
    assert seen.lesions_notes[1].startswith("3 smaller pieces, together 0.12 ml")
    assert seen.lesions_notes[2].startswith(f"The {LESIONS_SHOWN} largest are shown")
    assert seen.made_at is None


def test_provenance_names_the_bundle_or_the_file_of_the_labels() -> None:
    one = case()
    assert ("Labels", "bundle ct 1.2.3") in view(one).provenance
    assert ("SHA-256 of the bundle", BUNDLE.digest) in view(one).provenance
    given = replace(one.found, labels=LabelSource(file="mine.nii.gz", sha256="c" * 64))
    seen = ct_view(given, made_at=None, language=ENGLISH_TEXTS)
    assert ("Labels", "given as mine.nii.gz") in seen.provenance
    assert ("SHA-256 of the labels", "c" * 64) in seen.provenance
    assert ("SHA-256 of the scan", one.found.scan.sha256) in seen.provenance


def test_every_text_passes_through_the_language_and_decimals_are_its_own() -> None:
    seen = view(case(cut=True), MARKED)
    texts = [
        seen.title, seen.disclaimer, seen.headline, seen.summary, *seen.notes, *seen.definitions,
        *seen.lesions_notes, *(one.text for one in seen.warnings), *seen.volumes[0],
        *seen.density[0], *(name for name, _ in (*seen.facts, *seen.provenance)),
    ]  # fmt: skip
    assert [one for one in texts if "⟦" not in one] == []
    assert "." not in seen.volumes[1][5]
    assert "," in seen.volumes[1][5]
