"""The cohort's page and JSON say the same, and warn of what could name somebody."""

import json
from dataclasses import replace

from thoracle.core.results import DISCLAIMER, Reason
from thoracle.evaluation.estimate import Estimate, unknown
from thoracle.reporting.cohort_flow import CohortFlow, FlowStep
from thoracle.reporting.cohort_html import CohortReport, ReaderAgreement, cohort_html, cohort_json

KAPPA = Estimate(value=0.4, low=0.15, high=0.65, n=50, method="cohen-kappa")
REPORT = CohortReport(
    flow=CohortFlow(
        steps=(
            FlowStep(title="All", xrays=100, patients=60),
            FlowStep(title="Some", xrays=95, patients=58, left_out=(("lateral", 5), ("none", 0))),
        ),
        classes=(("normal", 80), ("viral", 15)),
    ),
    branches=(("read positive <b>", "positive", 20, 15),),
    conflicts=(("codes of different causes", 2),),
    agreement=(ReaderAgreement(readers=("A", "B"), xrays=50, disagreements=15, kappa=KAPPA),),
    depends_on_flank=3,
    by_covid_code_alone=4,
    pairs=30,
    singles=35,
    small_groups=(1, 2, 2),
    smallest_cell=11,
    manifest_digest="m" * 64,
    plan_digest="p" * 64,
    with_films=True,
)


def test_the_page_shows_diagram_rule_readers_and_conflicts() -> None:
    page = cohort_html(REPORT)
    for said in (
        DISCLAIMER,
        "data:image/svg+xml;base64,",
        "read positive &lt;b&gt;",
        "0.400 (0.150–0.650)",
        "codes of different causes: 2 admissions",
        "3 X-rays of the cohort would be decided otherwise",
        "4 are positive by a COVID-19 code",
    ):
        assert said in page
    assert "<script" not in page


def test_small_cells_and_burned_in_names_are_warned_of() -> None:
    page = cohort_html(REPORT)
    assert "5 people stand in 3 groups of fewer than 11" in page
    assert "1 counts of the diagram" in page
    assert "burned into the pixels" in page


def test_without_small_cells_and_films_nothing_is_warned_of() -> None:
    calm = replace(REPORT, small_groups=(), smallest_cell=2, with_films=False)
    page = cohort_html(calm)
    assert "Small cells" not in page
    assert "burned into" not in page


def test_no_reader_and_no_conflict_are_said_in_words() -> None:
    page = cohort_html(replace(REPORT, agreement=(), conflicts=()))
    assert "No X-ray was read by two readers" in page
    assert "No records of an admission of the cohort contradict" in page


def test_a_kappa_that_cannot_be_told_says_why() -> None:
    reason = Reason(code="one-category", text="Both say the same.")
    none = replace(REPORT.agreement[0], kappa=unknown(reason, n=3, method="cohen-kappa"))
    assert none.kappa_text == "Both say the same."
    assert "Both say the same." in cohort_html(replace(REPORT, agreement=(none,)))


def test_the_json_has_every_count() -> None:
    content = json.loads(cohort_json(REPORT))
    assert content["flow"][1] == {
        "title": "Some",
        "xrays": 95,
        "patients": 58,
        "left_out": {"lateral": 5, "none": 0},
    }
    assert content["classes"] == {"normal": 80, "viral": 15}
    assert content["agreement"][0]["kappa_ci"] == [0.15, 0.65]
    assert content["small_cells"] == {
        "smallest": 11, "groups": 3, "people": 5, "counts_of_the_diagram": 1,
    }  # fmt: skip
    assert content["branches"][0]["cohort"] == 15
    assert content["disclaimer"] == DISCLAIMER
