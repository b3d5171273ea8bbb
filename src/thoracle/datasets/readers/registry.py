"""The collections that have a reader of their own, by the name given to `--source`."""

from collections.abc import Callable, Mapping
from pathlib import Path

from thoracle.core.errors import ManifestError
from thoracle.datasets.film import Film
from thoracle.datasets.readers import cohen, cxnet, figure1, kermany, nih

READERS: Mapping[str, Callable[[Path], tuple[Film, ...]]] = {
    cohen.SOURCE: cohen.read,
    cxnet.SOURCE: cxnet.read,
    figure1.SOURCE: figure1.read,
    kermany.SOURCE: kermany.read,
    nih.SOURCE: nih.read,
}


def read_source(name: str, folder: Path) -> tuple[Film, ...]:
    """Read one collection in its original layout; paths are absolute.

    Raises
    ------
    ManifestError
        There is no reader of that name, or the folder is not what it expects.
    """
    reader = READERS.get(name)
    if reader is None:
        raise ManifestError(
            f'There is no reader called "{name}"; expected one of {", ".join(READERS)}. '
            "Use --folder, --dicom or --table for films of your own.",
            code="source-unknown",
        )
    return reader(folder.resolve())
