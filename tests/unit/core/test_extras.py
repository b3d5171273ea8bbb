"""A package that is missing is told by name, with the command that brings it."""

import sys

import pytest

from thoracle.core.errors import MissingExtraError
from thoracle.core.extras import require_research


def test_what_is_there_is_no_error() -> None:
    require_research("numpy", package="numpy", need="sums need")


def test_what_is_missing_is_named_with_who_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(
        MissingExtraError,
        match=r"^scikit-learn is not installed, but trees need it \(extra 'research'\)\. "
        r"Run: make install \(in a clone\), or pip install 'thoracle\[research\]'$",
    ):
        require_research("sklearn", package="scikit-learn", need="trees need")
