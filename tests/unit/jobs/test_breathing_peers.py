import sys
from types import SimpleNamespace

import numpy as np
import pytest

from thoracle.jobs import breathing_peers
from thoracle.jobs.breathing_peers import peers


def test_without_neurokit_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "neurokit2", None)
    assert peers() == ()
    assert "not installed" in breathing_peers.WITHOUT


def _library(found: object) -> SimpleNamespace:
    def find(_cleaned: object, *, sampling_rate: float, method: str) -> dict[str, object]:
        assert sampling_rate == 10
        if isinstance(found, Exception):
            raise found
        return {"RSP_Peaks": found}

    return SimpleNamespace(
        __version__="1.2.3",
        rsp_clean=lambda signal, **_options: signal,
        rsp_findpeaks=find,
    )


def test_peaks_are_told_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "neurokit2", _library([10, 50]))
    first, *_ = peers()
    assert np.array_equal(first.peaks_s(np.zeros(100), 10), [1.0, 5.0])
    assert [one.name for one in peers()] == [
        "NeuroKit2 1.2.3 (khodadad2018)",
        "NeuroKit2 1.2.3 (khodadad2018, scipy)",
        "NeuroKit2 1.2.3 (biosppy)",
    ]


def test_a_method_that_fails_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "neurokit2", _library(IndexError("none")))
    assert peers()[0].peaks_s(np.zeros(100), 10).size == 0
