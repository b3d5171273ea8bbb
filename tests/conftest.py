"""What every test gets: a home folder of its own, fresh settings, and the real data where it is."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest

from thoracle.core.settings import settings

# A neural network or a browser may share the machine: time says nothing about a property.
hypothesis.settings.register_profile("thoracle", deadline=None, print_blob=True)
hypothesis.settings.load_profile("thoracle")


@pytest.fixture(autouse=True, scope="session")
def _home_of_the_test_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test, and every process that it starts, out of the user's own results."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THORACLE_HOME", str(tmp_path_factory.mktemp("home")))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _fresh_settings() -> Iterator[None]:
    """Let a test change the environment: no other test sees what it read."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the folder of the public collections, or skip."""
    folder = os.environ.get("THORACLE_DATA", "")
    if not folder:
        pytest.skip("THORACLE_DATA is unset: this test reads the public collections")
    return Path(folder)


@pytest.fixture(scope="session")
def pack() -> Callable[..., bytes]:
    """Return a function that packs files, by name, into a ZIP archive."""

    def packed(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return stream.getvalue()

    return packed
