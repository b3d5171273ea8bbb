"""`thoracle.analyze`: the one call that a script needs."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import thoracle
from thoracle.core.results import FileResult, Status


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Stand in for the use case and keep what it was asked."""
    seen: list[tuple[object, ...]] = []

    def analyze_file(path: object, *, bundle: str | None, override_gate: bool) -> FileResult:
        seen.append((path, bundle, override_gate))
        return FileResult(file=str(path), sha256="0" * 64, status=Status.ANALYZED)

    module = ModuleType("thoracle.jobs.analyze")
    module.analyze_file = analyze_file  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "thoracle.jobs.analyze", module)
    return seen


def test_analyze_hands_the_path_to_the_use_case_and_returns_its_result(
    calls: list[tuple[object, ...]],
) -> None:
    result = thoracle.analyze(Path("film.png"))
    assert result.status is Status.ANALYZED
    assert calls == [(Path("film.png"), None, False)]


def test_bundle_and_override_are_handed_on(calls: list[tuple[object, ...]]) -> None:
    thoracle.analyze("film.png", bundle="radiograph-site", override_gate=True)
    assert calls == [("film.png", "radiograph-site", True)]


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import sys, thoracle; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"numpy", "scipy", "onnxruntime", "fastapi", "sqlalchemy", "torch"})
