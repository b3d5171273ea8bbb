"""The flow diagram: n in every box, reasons beside, the same as text."""

import re

import pytest

from thoracle.reporting.cohort_flow import CohortFlow, FlowStep, flow_svg, flow_text

FLOW = CohortFlow(
    steps=(
        FlowStep(title="X-rays in the table", xrays=10, patients=6),
        FlowStep(
            title="Frontal & suspected",
            xrays=7,
            patients=5,
            left_out=(("lateral <view>", 2), ("no suspicion", 1)),
        ),
    ),
    classes=(("normal", 4), ("viral", 3)),
)


def test_the_text_has_every_box_in_order() -> None:
    assert flow_text(FLOW).splitlines() == [
        "X-rays in the table: 10 X-rays of 6 patients",
        "  Left out: 3 X-rays",
        "  - 2 lateral <view>",
        "  - 1 no suspicion",
        "Frontal & suspected: 7 X-rays of 5 patients",
        "Reference standard",
        "  4 normal",
        "  3 viral",
    ]


def test_the_drawing_has_every_line_escaped() -> None:
    svg = flow_svg(FLOW)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert texts == [
        "X-rays in the table", "10 X-rays of 6 patients",
        "Left out: 3 X-rays", "2 lateral &lt;view&gt;", "1 no suspicion",
        "Frontal &amp; suspected", "7 X-rays of 5 patients",
        "Reference standard", "4 normal", "3 viral",
    ]  # fmt: skip


def test_boxes_lie_inside_the_drawing_and_do_not_overlap() -> None:
    svg = flow_svg(FLOW)
    found = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', svg)
    boxes = [tuple(int(one) for one in box) for box in found]
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert size is not None
    for x, y, width, height in boxes:
        assert x + width <= int(size[1])
        assert y + height <= int(size[2])
    for column in {box[0] for box in boxes}:
        ends = 0
        for _, y, _, height in (box for box in boxes if box[0] == column):
            assert y >= ends
            ends = y + height


def test_the_drawing_says_itself_in_words() -> None:
    svg = flow_svg(FLOW)
    assert 'role="img"' in svg
    assert "<title>Cohort flow diagram</title>" in svg
    assert "Frontal &amp; suspected: 7 X-rays" in svg


def test_the_same_counts_give_the_same_bytes() -> None:
    assert flow_svg(FLOW) == flow_svg(FLOW)


@pytest.mark.parametrize("word", ["<script", "href", "http://www.example"])
def test_nothing_is_loaded_from_elsewhere(word: str) -> None:
    assert word not in flow_svg(FLOW)
