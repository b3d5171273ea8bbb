"""The report of a reproduced paper sets published beside ours and says why they differ."""

import json

import numpy as np
import pytest

from thoracle.evaluation.repeats import JudgedFilms, repeated_figures
from thoracle.reporting.evaluation_html import FigureTable
from thoracle.reporting.reproduction import (
    ArmReport,
    HiddenLungs,
    PublishedFigure,
    ReproductionReport,
    ShownFilm,
    class_table,
    comparison,
    matrix_table,
    percent,
    reproduction_html,
    reproduction_json,
    reproduction_markdown,
)

PIXEL = b"\x89PNG\r\n\x1a\n-pixels"


@pytest.fixture
def report() -> ReproductionReport:
    runs = [
        JudgedFilms(
            reference=np.array([0, 0, 0, 1, 1, 1, 1]),
            prediction=np.array([0, 0, wrong, 1, 1, 1, 0]),
            patient=tuple("abcdefg"),
        )
        for wrong in (0, 1)
    ]
    figures = repeated_figures(("No", "Yes"), runs, generator=np.random.default_rng(1))

    def arm(name: str) -> ArmReport:
        return ArmReport(
            name=name,
            facts={"parameters": "1,234"},
            figures=figures,
            confusion="<svg>matrix</svg>",
            curves={"only": "<svg>curve</svg>"},
            hidden=HiddenLungs(
                whole=figures.accuracy.pooled, hidden=figures.accuracy.pooled, largest_class=0.6
            ),
            films=(ShownFilm(reference="No", predicted="Yes", probability=0.8, png=PIXEL),),
        )

    return ReproductionReport(
        name="toy",
        title="Toy paper",
        reference="Nobody, 2020",
        run="2 repeats.",
        published=(
            PublishedFigure(arm="A", figure="accuracy", of_class="", value=0.973, note="73 of 75"),
            PublishedFigure(arm="A", figure="recall", of_class="Yes", value=0.9, sd=0.012),
        ),
        differences=("Theirs & ours are not the same films.",),
        make_up=FigureTable(caption="Films", head=("Class", "Ours"), rows=(("No", "3"),)),
        arms=(arm("A"), arm("B")),
        provenance={"software": "thoracle 0"},
    )


def test_each_published_figure_stands_beside_ours_with_interval_and_spread(
    report: ReproductionReport,
) -> None:
    rows = comparison(report).rows
    assert rows[0][:3] == ("A: accuracy", "97.3 %", "78.6 %")
    assert rows[0][4].startswith("78.6 % ± ")
    assert rows[0][5] == "73 of 75"
    assert rows[1][:3] == ("A: recall, Yes", "90.0 % ± 1.2", "75.0 %")
    assert " to " in rows[1][3]


def test_an_arm_of_which_nothing_was_published_is_told_too(report: ReproductionReport) -> None:
    assert [row[:2] for row in comparison(report).rows[2:]] == [
        ("B: accuracy", "–"),
        ("B: mean recall", "–"),
    ]


def test_the_class_table_has_support_and_both_averages(report: ReproductionReport) -> None:
    rows = {row[0]: row for row in class_table(report.arms[0].figures).rows}
    assert rows["No"][1] == "6"
    assert rows["Yes"][1] == "8"
    recall = [5 / 6, 6 / 8]
    assert rows["Mean of classes"][3] == percent(sum(recall) / 2)
    assert rows["Mean of films"][3] == percent((6 * recall[0] + 8 * recall[1]) / 14)
    assert matrix_table(report.arms[0].figures).rows == (("No", "5", "1"), ("Yes", "2", "6"))


def test_the_page_holds_everything_and_escapes_text(report: ReproductionReport) -> None:
    page = reproduction_html(report)
    for text in ("Theirs &amp; ours", "Published and ours", "data:image/png;base64", "1,234"):
        assert text in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_markdown_and_json_say_the_same(report: ReproductionReport) -> None:
    markdown = reproduction_markdown(report)
    assert "| A: accuracy | 97.3 % | 78.6 % |" in markdown
    assert "- Theirs & ours" in markdown
    assert "Research use only" in markdown
    assert "| B | 78.6 % (" in markdown
    assert markdown.count("| 60.0 % |") == 2
    said = json.loads(reproduction_json(report))
    assert said["published"][0]["ours"]["value"] == pytest.approx(11 / 14, abs=1e-4)
    assert said["arms"][0]["lungs_hidden"]["largest_class"] == 0.6
    assert said["arms"][1]["confusion"] == [[5, 1], [2, 6]]


def test_an_unknown_share_is_a_dash() -> None:
    assert (percent(None), percent(0.5)) == ("–", "50.0 %")
