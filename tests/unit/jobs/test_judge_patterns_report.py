"""The report shows each condition and class beside what was published, and what is untested."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from thoracle.inference.bundle import Bundle, open_bundle
from thoracle.jobs.evaluation_scope import Report
from thoracle.jobs.judge_patterns import CONDITIONS, judge_patterns
from thoracle.jobs.judge_patterns_report import patterns_report
from thoracle.respiration.model import PatternClassifier


@pytest.fixture
def bundle(pattern_bundle: Callable[..., Path]) -> Bundle:
    """A network that always says Biot."""
    return open_bundle(str(pattern_bundle("biot")))


@pytest.fixture
def report(bundle: Bundle) -> Report:
    """Two conditions, seventy windows each."""
    judged = judge_patterns(PatternClassifier(bundle), conditions=CONDITIONS[:2], windows=70)
    return patterns_report(judged, bundle, name="Fresh", windows=70)


def test_each_condition_and_class_has_its_row(report: Report) -> None:
    assert "| as published: 10 Hz, 20 dB | 14.3 % (7.9–24.3) | 100.0 % (94.0–100.0) |" in (
        report.markdown
    )
    row = "Biot’s breathing | 14.3 % (7.9–24.3) | 14.3 % (7.9–24.3) | 100.0 % (72.2–100.0) | 25.0 %"
    assert f"| {row} |" in report.markdown
    assert "| noise (no breathing) | 0 | 0 | 0 | 10 | 0 | 0 | 0 |" in report.markdown
    assert "| 94.5 % | 94.4 % | 95.1 % | 94.8 % |" in report.markdown


def test_it_says_what_is_untested_and_who_was_judged(report: Report, bundle: Bundle) -> None:
    for text in (report.markdown, report.html or ""):
        assert "untested" in text
        assert "not the same test" in text
    content = json.loads(report.json)
    assert content["provenance"]["bundle digest"] == bundle.digest[:12]
    assert len(content["conditions"]) == 2
    assert len(content["conditions"][0]["matrix"]) == 7
