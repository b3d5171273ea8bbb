"""The repository holds no patient's picture, no fetched data, and nothing too large."""

from pathlib import Path

import pytest

BUNDLES_LIMIT_MB = 120
FILE_LIMIT_MB = 95  # Hosts of repositories commonly refuse files of 100 MB.
PICTURE_STARTS = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"GIF8": "GIF",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"SIMPLE": "FITS",
}
# NPZ (arrays of a model, never pictures of people) is a zip; only these places may have it.
ARRAYS_ALLOWED_UNDER = ("src/thoracle/",)
# Written in two parts, so that this file does not hold what it looks for.
PRIVATE_WORDS = tuple(
    "".join(parts)
    for parts in [
        ("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".org"), ("hugging", "face.co"),
        ("download.py", "torch.org"), ("deb.de", "bian.org"), ("/work/", "main"),
        ("/work/", "shared"),
    ]
)  # fmt: skip


def picture_kind(start: bytes) -> str | None:
    """Return what a file's first bytes say it is, when it can hold a picture or a volume."""
    if start[8:12] == b"WEBP":
        return "WebP"
    if start[:2] == b"BM" and start[6:10] == bytes(4):  # two letters alone may begin a text
        return "BMP"
    if start[128:132] == b"DICM":
        return "DICOM"
    if start[344:347] in {b"n+1", b"ni1"}:
        return "NIfTI"
    return next((kind for sign, kind in PICTURE_STARTS.items() if start.startswith(sign)), None)


def is_allowed(name: str, kind: str) -> bool:
    """Return whether a picture or archive may be in the repository, by its path."""
    if kind == "zip":
        return name.endswith(".npz") and name.startswith(ARRAYS_ALLOWED_UNDER)
    path = Path(name)
    return path.parts[0] == "docs" and path.name.startswith("synthetic-")


def test_every_picture_is_a_synthetic_one_of_the_docs(
    root: Path, repository_files: list[Path]
) -> None:
    wrong = []
    for path in repository_files:
        with path.open("rb") as stream:
            kind = picture_kind(stream.read(352))
        name = path.relative_to(root).as_posix()
        if kind is not None and not is_allowed(name, kind):
            wrong.append(f"{name}: {kind}")
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "kind", "allowed"),
    [
        ("docs/pictures/synthetic-result.png", "PNG", True),
        ("docs/explanation/synthetic-maps.png", "PNG", True),
        ("docs/patient.png", "PNG", False),
        ("tests/unit/synthetic-film.dcm", "DICOM", False),
        ("src/thoracle/bundles/gate/parity.npz", "zip", True),
        ("src/thoracle/films.zip", "zip", False),
        ("ct.nii.gz", "gzip", False),
    ],
)
def test_the_rule_of_pictures_is_this(name: str, kind: str, *, allowed: bool) -> None:
    assert is_allowed(name, kind) is allowed


def test_pictures_are_known_by_their_bytes() -> None:
    assert picture_kind(b"\x89PNG\r\n") == "PNG"
    assert picture_kind(bytes(128) + b"DICM") == "DICOM"
    assert picture_kind(bytes(344) + b"n+1\0") == "NIfTI"
    assert picture_kind(b"RIFF\0\0\0\0WEBPVP8 ") == "WebP"
    assert picture_kind(b"# text") is None


def test_the_shipped_bundles_together_are_small(root: Path, repository_files: list[Path]) -> None:
    folders = {path.parent for path in repository_files if path.name == "bundle.toml"}
    sizes = [path.stat().st_size for path in repository_files if folders.intersection(path.parents)]
    assert sum(sizes) / 1e6 <= BUNDLES_LIMIT_MB


def test_no_network_tells_where_its_source_lay(repository_files: list[Path]) -> None:
    """Exporters keep the lines of code that each node comes from: paths of one machine."""
    networks = [path for path in repository_files if path.suffix == ".onnx"]
    assert networks
    assert [path.parent.name for path in networks if b'File "/' in path.read_bytes()] == []


def test_no_file_is_larger_than_a_repository_takes(
    root: Path, repository_files: list[Path]
) -> None:
    large = [
        str(path.relative_to(root))
        for path in repository_files
        if path.stat().st_size / 1e6 > FILE_LIMIT_MB
    ]
    assert large == []


def test_no_text_names_a_registry_or_one_machines_folders(
    root: Path, repository_files: list[Path]
) -> None:
    found = []
    for path in repository_files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(root).as_posix()
        found += [f"{name}: {word}" for word in PRIVATE_WORDS if word in text]
    assert found == []
