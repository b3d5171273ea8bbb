"""The report says what changed in words and numbers of its language."""

import re
from dataclasses import replace
from datetime import timedelta

from tests.unit.ct.courses import course

from thoracle.core.languages import ENGLISH_TEXTS, Language, language
from thoracle.ct.follow_up import DAY_ZERO
from thoracle.reporting.ct_follow_up_texts import VERDICTS
from thoracle.reporting.ct_follow_up_view import course_view, spoken_changes


def test_the_first_sentence_tells_the_percentage_its_change_and_what_it_means() -> None:
    (one,) = course_view(course(), ENGLISH_TEXTS).steps
    assert one.title == "From 2020-03-01 to 2020-03-09 (days: 8)"
    assert re.fullmatch(
        r"Percentage of infection: \d\.\d\d % \(0\.00–9\.00\) before, .* after, "
        r"change \+\d\.\d\d points\. In words: smaller than measurement noise\.",
        one.leads[0],
    )
    assert one.leads[1].endswith("In words: grew.")
    assert one.tones == ("noise", "grew", "grew", "noise", "noise")


def test_days_without_dates_are_numbers_in_every_language() -> None:
    made = course()
    first, second = (
        replace(one.visit, day=DAY_ZERO + timedelta(days=day), is_dated=False)
        for one, day in zip(made.scans, (0, 8), strict=True)
    )
    scans = tuple(
        replace(one, visit=visit) for one, visit in zip(made.scans, (first, second), strict=True)
    )
    step = replace(made.steps[0].step, before=first, after=second)
    counted = replace(made, scans=scans, steps=(replace(made.steps[0], step=step),))
    view = course_view(counted, language("pt"))
    assert view.steps[0].title == "De dia 0 a dia 8 (dias: 8)"
    assert view.scans[1][0].startswith("dia 8 ")


def test_every_number_has_its_noise_and_its_interval_beside_it() -> None:
    (one,) = course_view(course(), ENGLISH_TEXTS).steps
    assert {len(row) for row in one.numbers} == {len(one.columns)}
    assert {len(row) for row in one.regions} == {len(one.region_columns)}
    infection = one.numbers[1]
    assert infection[5].startswith("± ")
    assert re.fullmatch(r"\+[\d.]+ … \+[\d.]+", infection[6])
    assert [row[0] for row in one.regions] == ["right lung"]


def test_what_is_on_neither_date_is_said_so() -> None:
    (one,) = course_view(course(), ENGLISH_TEXTS).steps
    assert one.numbers[3][0] == "Consolidation"
    assert one.numbers[3][-1] == VERDICTS["none"]


def test_places_come_with_the_range_of_their_borders() -> None:
    (one,) = course_view(course(), ENGLISH_TEXTS).steps
    new = {row[0]: row for row in one.places}["New"]
    low, high = (float(part) for part in new[2].removesuffix(" ml").split("–"))
    assert low < float(new[1].removesuffix(" ml")) < high


def test_scans_that_do_not_fit_have_no_places_and_a_warning() -> None:
    (one,) = course_view(course(dice=0.5), ENGLISH_TEXTS).steps
    assert one.places == ()
    assert "cannot be compared" in one.places_note
    assert one.warnings[0].code == "ct-match-failed"
    assert one.fit[0] == ("verdict", "failed")


def test_three_scans_have_two_steps_and_one_over_all() -> None:
    view = course_view(course(radii=(20.0, 34.0, 28.0)), ENGLISH_TEXTS)
    assert len(view.steps) == 2
    assert view.overall is not None
    assert view.overall.title == "From 2020-03-01 to 2020-03-17 (days: 16)"
    assert len(list(spoken_changes(course(radii=(20.0, 34.0, 28.0)), ENGLISH_TEXTS))) > 20


def test_what_was_taken_on_trust_and_what_noise_is_from_are_told() -> None:
    view = course_view(course(), ENGLISH_TEXTS)
    assert "The window was assumed." in view.scans[0][1]
    assert "learned from 1 pair" in view.definitions[-1]
    assert "0.30 mm" in view.definitions[-1]


def test_another_language_has_its_own_words_and_decimal_sign() -> None:
    spoken = Language("pt", {"Percentage of infection": "Porcentagem de infecção"})
    (one,) = course_view(course(), spoken).steps
    assert one.leads[0].startswith("Porcentagem de infecção: ")
    assert re.search(r"\d,\d\d %", one.leads[0])
    assert language("pt").code == "pt"
