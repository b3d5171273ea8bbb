"""Many files: every one ends as a result, and what was asked for is written."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from thoracle.core.arrays import FloatArray
from thoracle.core.errors import BundleError, SettingError, StoreError
from thoracle.core.results import AnomalyMap, ContributionMap, FileResult, Status
from thoracle.core.settings import settings
from thoracle.evaluation.confusion import BinaryCounts
from thoracle.jobs import analyze_files as module
from thoracle.jobs.analyze import AnalyzedFile
from thoracle.jobs.analyze_files import (
    FileOutputs,
    analyze_files,
    file_key,
    find_files,
    map_title,
    results_json,
    write_maps,
)
from thoracle.jobs.examples import ExamplesRequest, make_examples
from thoracle.store.results import open_store

Draw = Callable[..., FloatArray]
AsPng = Callable[[FloatArray], bytes]


@pytest.fixture
def films(tmp_path: Path, draw: Draw, as_png: AsPng) -> Path:
    """A folder with a good film, a turned one, a torn one, a note and a hidden file."""
    folder = tmp_path / "films"
    (folder / "deep").mkdir(parents=True)
    (folder / "a good.png").write_bytes(as_png(draw()))
    (folder / "deep" / "turned.png").write_bytes(as_png(draw("turned_90")))
    (folder / "deep" / "torn.png").write_bytes(as_png(draw())[:200])
    (folder / "note.txt").write_text("no film", encoding="utf-8")
    (folder / ".hidden.png").write_bytes(b"")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "film.png").write_bytes(b"")
    return folder


def analyzed(paths: list[Path], **outputs: object) -> list[FileResult]:
    kinds = FileOutputs(**{"is_stored": False, **outputs})  # type: ignore[arg-type]
    return list(analyze_files(find_files(paths), outputs=kinds))


def test_folders_are_opened_and_hidden_files_left_out(films: Path) -> None:
    names = [path.relative_to(films).as_posix() for path in find_files([films])]
    assert names == ["a good.png", "deep/torn.png", "deep/turned.png", "note.txt"]


def test_a_json_file_beside_the_film_it_describes_is_left_out_and_another_is_not(
    films: Path,
) -> None:
    for name in ("a good.json", "lonely.json"):
        (films / name).write_text("{}", encoding="utf-8")
    names = {path.name for path in find_files([films])}
    assert names == {"a good.png", "torn.png", "turned.png", "note.txt", "lonely.json"}


def test_the_mask_of_a_described_films_opacity_is_left_out_and_another_is_not(films: Path) -> None:
    for name in ("a good.json", "a good-opacity.png", "deep/torn-opacity.png"):
        (films / name).write_text("{}", encoding="utf-8")
    names = {path.name for path in find_files([films])}
    assert names == {"a good.png", "torn-opacity.png", "torn.png", "turned.png", "note.txt"}


def test_what_examples_make_writes_is_found_as_films_alone(tmp_path: Path) -> None:
    request = ExamplesRequest(count=2, seed=4, size=128, with_opacity=True)
    written = make_examples(request, tmp_path)
    assert len(written) == 6
    names = [path.name for path in find_files([tmp_path])]
    assert names == ["synthetic-4-000.png", "synthetic-4-001.png"]


def test_what_holds_no_file_stands_for_itself_in_the_order_given(
    films: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    (empty / "inner").mkdir(parents=True)
    missing, hidden = tmp_path / "missing.png", films / ".hidden.png"
    assert find_files([missing, empty, hidden]) == [missing, empty, hidden]


def test_a_run_goes_on_past_everything_that_is_wrong(
    bundles: Path, films: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    results = analyzed([tmp_path / "missing.png", empty, films])
    found = [(Path(one.file).name, str(one.status)) for one in results]
    assert found == [
        ("missing.png", "failed"),
        ("empty", "failed"),
        ("a good.png", "analyzed"),
        ("torn.png", "failed"),
        ("turned.png", "refused"),
        ("note.txt", "failed"),
    ]
    codes = [one.error.code for one in results if one.error is not None]
    assert codes[:2] == ["file-unreadable", "folder-empty"]


def test_overlays_and_reports_are_written_for_what_has_them(
    bundles: Path, films: Path, tmp_path: Path
) -> None:
    html, maps = tmp_path / "out" / "html", tmp_path / "out" / "maps"
    results = analyzed([films], html=html, maps=maps)
    good = results[0]
    assert len(good.maps) == 12
    assert len({one.path for one in good.maps}) == 12
    for one in good.maps:
        assert one.path is not None
        path = Path(one.path)
        assert path.parent == maps
        assert path.name.startswith("a-good-")
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert picture.height == 256
    names = {Path(one.path or "").name.split("-", 3)[-1] for one in good.maps}
    assert "covid-19-last-gradcam++.png" in names
    assert len(list(maps.iterdir())) == 12
    pages = sorted(path.name for path in html.iterdir())
    assert len(pages) == len(results)
    page = (html / f"{file_key(good)}.html").read_text("utf-8")
    assert "COVID-19" in page
    assert "data:image/png;base64," in page


def test_reports_are_given_what_was_measured_of_the_bundle(
    bundles: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {"COVID-19": BinaryCounts(tp=1, fp=0, fn=0, tn=1)}
    seen: list[object] = []
    known = SimpleNamespace(counts=counts)
    monkeypatch.setattr(module, "measured", lambda _: known)
    monkeypatch.setattr(module, "write_report", lambda *given: seen.append(given[2]))
    analyzed([films / "deep" / "turned.png"], html=tmp_path)
    assert seen == [counts]


def test_overriding_the_gate_reaches_every_file(bundles: Path, films: Path) -> None:
    outputs = FileOutputs(is_stored=False)
    files = [films / "deep" / "turned.png"]
    (result,) = analyze_files(files, outputs=outputs, override_gate=True)
    assert result.status is Status.ANALYZED


def test_another_bundle_is_used_by_its_folder(bundles: Path, films: Path) -> None:
    with pytest.raises(BundleError, match="expected task 'classifier'"):
        list(analyze_files([films], outputs=FileOutputs(), bundle=str(bundles / "gate")))


def test_results_are_kept_in_the_store_of_the_home_folder(
    bundles: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    results = analyzed([films], is_stored=True)
    with open_store(tmp_path / "home", database_url=None) as store:
        kept = store.list_results(10)
    assert [one.file for one in reversed(kept)] == [one.file for one in results]
    assert [one.status for one in reversed(kept)] == [one.status for one in results]


def test_a_store_that_cannot_be_opened_is_a_clear_error(
    bundles: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("THORACLE_HOME", str(tmp_path / "file"))
    settings.cache_clear()
    with pytest.raises(StoreError, match="THORACLE_HOME"):
        analyzed([films], is_stored=True)


@pytest.mark.parametrize("which", ["html", "maps"])
def test_an_output_folder_that_cannot_be_made_stops_before_the_first_film(
    films: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a model was opened")

    monkeypatch.setattr(module, "Analyzer", never)
    with pytest.raises(SettingError, match="no way to write into") as caught:
        analyzed([films], **{which: films / "note.txt"})
    assert caught.value.code == "output-unwritable"


class Workshop:
    """Stands in for an analyzer whose second film is ready before its first."""

    def __init__(self, *_arguments: object) -> None:
        self.second_is_done = threading.Event()
        self.started: list[str] = []
        self.threads: int | None = None

    def __enter__(self) -> "Workshop":
        return self

    def __exit__(self, *_how: object) -> None:
        return None

    def analyze_path(self, path: Path, **_options: object) -> AnalyzedFile:
        self.started.append(path.name)
        if path.name == "broken":
            raise RuntimeError("a fault of our own")
        if path.name == "0":
            assert self.second_is_done.wait(timeout=30)
        if path.name == "1":
            self.second_is_done.set()
        return AnalyzedFile(result=result_of(path.name, ""))


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch) -> Workshop:
    made = Workshop()

    def analyzer(_bundle: str | None, *, threads: int | None) -> Workshop:
        made.threads = threads
        return made

    monkeypatch.setattr(module, "Analyzer", analyzer)
    return made


def test_a_film_alone_gets_all_threads_and_several_get_one_each(workshop: Workshop) -> None:
    for names, threads in ((["2"], None), (["2", "3"], 1)):
        list(analyze_files(map(Path, names), outputs=FileOutputs(is_stored=False)))
        assert workshop.threads == threads


def test_results_come_in_the_order_of_the_files(workshop: Workshop) -> None:
    files = [Path(str(number)) for number in range(6)]
    found = analyze_files(files, outputs=FileOutputs(is_stored=False))
    assert [one.file for one in found] == ["0", "1", "2", "3", "4", "5"]


def test_a_fault_in_one_thread_ends_the_run_after_the_results_before_it(
    workshop: Workshop,
) -> None:
    names = ["0", "1", "broken", *(str(number) for number in range(3, 50))]
    before = threading.active_count()
    found = analyze_files([Path(name) for name in names], outputs=FileOutputs(is_stored=False))
    assert [next(found).file, next(found).file] == ["0", "1"]
    with pytest.raises(RuntimeError, match="of our own"):
        next(found)
    assert len(workshop.started) < 3 + 2 * module.MOST_IN_FLIGHT
    assert threading.active_count() == before


def result_of(file: str, sha256: str) -> FileResult:
    return FileResult(file=file, sha256=sha256, status=Status.FAILED)


def test_a_key_tells_files_apart_by_name_and_bytes() -> None:
    keys = [
        file_key(result_of(file, sha256))
        for file, sha256 in (
            ("films/Tórax 1.PNG", "a" * 64),
            ("films/Tórax 1.PNG", "b" * 64),
            ("one/x.png", ""),
            ("two/x.png", ""),
            ("films/" + "y" * 300, "c" * 64),
            ("films/…", "d" * 64),
        )
    ]
    assert keys[0] == "t-rax-1-aaaaaaaa"
    assert keys[2].startswith("x-unread-")
    assert keys[5] == "film-dddddddd"
    assert len(set(keys)) == 6
    assert max(len(key) for key in keys) < 100


def test_a_file_without_maps_is_returned_as_it_is(tmp_path: Path) -> None:
    one = AnalyzedFile(result=result_of("a", "b"))
    assert write_maps(one, tmp_path / "maps") is one
    assert not (tmp_path / "maps").exists()


def test_the_json_is_an_array_even_of_nothing() -> None:
    assert json.loads(results_json([])) == []
    (one,) = json.loads(results_json([result_of("Tórax.png", "")]))
    assert one["file"] == "Tórax.png"
    assert results_json([]).endswith(b"\n")


def test_the_overlay_of_the_anomaly_map_is_named_by_what_it_is() -> None:
    drawn = {
        "values": np.ones((2, 2), np.float32), "scale_max": 1.0, "box": (0, 0, 2, 2),
        "lung_share": None,
    }  # fmt: skip
    anomaly = AnomalyMap(**drawn, lung_mean=None)  # type: ignore[arg-type]
    finding = ContributionMap(**drawn, label="COVID-19", layer="last", method="gradcam")  # type: ignore[arg-type]
    assert map_title(anomaly) == "anomaly"
    assert map_title(finding) == "COVID-19-last-gradcam"
