"""torchvision, timm and lightning import although torchvision's operators may be missing."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import thoracle.train
from thoracle.train import operators


def test_torchvision_timm_and_lightning_import_behind_the_package() -> None:
    assert thoracle.train.__doc__
    import lightning
    import timm
    import torchvision

    assert all(module.__version__ for module in (torchvision, timm, lightning))
    assert torch.ops.torchvision.nms is not None


def test_declaring_twice_does_no_harm() -> None:
    before = list(operators._kept)
    operators.declare_missing_operators()
    operators.declare_missing_operators()
    assert operators._kept == before


def test_nothing_is_declared_where_torchvision_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "_kept", [])
    monkeypatch.setattr(operators, "_own_operators_load", lambda: True)
    operators.declare_missing_operators()
    assert operators._kept == []


def test_both_operators_are_declared_where_they_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    library = SimpleNamespace(define=said.append)
    monkeypatch.setattr(operators, "_kept", [])
    monkeypatch.setattr(operators, "_own_operators_load", lambda: False)

    def made(name: str, _kind: str) -> SimpleNamespace:
        said.append(name)
        return library

    monkeypatch.setattr(torch.library, "Library", made)
    operators.declare_missing_operators()
    assert [one.partition("(")[0] for one in said] == ["torchvision", "nms", "qnms"]
    assert operators._kept == [library]


@pytest.mark.parametrize(("content", "loads"), [(None, False), (b"no library", False)])
def test_a_torchvision_without_a_loadable_library_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, loads: bool
) -> None:
    if content is not None:
        (tmp_path / "_C.so").write_bytes(content)
    origin = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: origin)
    assert operators._own_operators_load() is loads


def test_a_library_that_loads_counts_as_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "_C.so").write_bytes(b"")
    origin = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: origin)
    monkeypatch.setattr(torch.ops, "load_library", lambda _path: None)
    assert operators._own_operators_load()


def test_without_torchvision_there_is_nothing_to_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert not operators._own_operators_load()
